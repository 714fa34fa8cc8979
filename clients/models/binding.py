"""Закрепление: which sales point and manager works with a client, per topic (rule C1, decision 17)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from clients.querysets import BindingQuerySet


class BindingTopic(models.Model):
    """«Основная», «Торги», «Контрагенты»…"""

    MAIN = "main"
    code = models.SlugField("код", max_length=30, unique=True)
    title = models.CharField("название", max_length=60)
    order = models.PositiveSmallIntegerField("порядок", default=0)

    class Meta:
        ordering = ["order", "title"]
        verbose_name, verbose_name_plural = "тема закрепления", "темы закрепления"

    def __str__(self) -> str:
        return self.title


class Binding(models.Model):
    """Open while closed_at is NULL. Never updated in place except manager NULL → X and closing (trigger)."""

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="bindings")
    topic = models.ForeignKey(BindingTopic, models.PROTECT, related_name="+")
    salespoint = models.ForeignKey("partners.SalesPoint", models.PROTECT, related_name="bindings")
    manager = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="bindings")
    since = models.DateTimeField()
    manager_since = models.DateTimeField(null=True)
    by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    close_reason = models.CharField(max_length=300, blank=True)

    objects = BindingQuerySet.as_manager()

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "topic"], condition=Q(closed_at__isnull=True), name="binding_open_once"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("since")), name="binding_closed_after_start"
            ),
            models.CheckConstraint(
                condition=Q(manager__isnull=True, manager_since__isnull=True)
                | Q(manager__isnull=False, manager_since__isnull=False),
                name="binding_manager_since",
            ),
            ExclusionConstraint(
                name="binding_no_overlap",
                expressions=[
                    (F("client"), RangeOperators.EQUAL),
                    (F("topic"), RangeOperators.EQUAL),
                    (
                        Func("since", "closed_at", function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        indexes = [
            models.Index(
                fields=["topic", "salespoint", "manager"], name="binding_open", condition=Q(closed_at__isnull=True)
            ),
        ]
