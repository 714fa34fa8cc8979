"""The cube of «Распределение»: how many cards stand in a cell, kept by statement triggers (design/performance.md 5)."""

from django.db import models
from django.db.models import Q


class DistributionCell(models.Model):
    """Written by triggers alone. Numbers instead of foreign keys: 0 is «without»."""

    salespoint = models.BigIntegerField(default=0)
    manager = models.BigIntegerField(default=0)
    region_code = models.CharField(max_length=2)
    prospect_state = models.CharField(max_length=9)
    invite_state = models.CharField(max_length=10)
    has_phone = models.BooleanField()
    is_new = models.BooleanField()
    clients = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "salespoint",
                    "manager",
                    "region_code",
                    "prospect_state",
                    "invite_state",
                    "has_phone",
                    "is_new",
                ],
                name="distribution_cell_once",
            ),
            models.CheckConstraint(condition=Q(clients__gte=0), name="distribution_cell_positive"),
        ]


class DistributionClock(models.Model):
    """«Новые» of the cells are registered after this day; a job moves it each night, with the cells."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    new_since = models.DateField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="distribution_clock_one")]
