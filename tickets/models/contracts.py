"""Service contracts and working calendars (rule C3)."""

from datetime import timedelta

from django.db import models
from django.db.models import Q

from tickets.choices import ClockKind, Priority


class WorkCalendar(models.Model):
    """Weekly intervals and dated exceptions: {"0": [["09:00", "18:00"]], …}, Monday is 0."""

    title = models.CharField("название", max_length=80, unique=True)
    zone = models.CharField("часовой пояс", max_length=40)
    week = models.JSONField("неделя")

    class Meta:
        ordering = ["title"]
        verbose_name, verbose_name_plural = "рабочий календарь", "рабочие календари"

    def __str__(self) -> str:
        return self.title


class CalendarDay(models.Model):
    """An exception: empty intervals are a holiday, others a working Saturday or a short day."""

    calendar = models.ForeignKey(WorkCalendar, models.CASCADE, related_name="days")
    day = models.DateField("день")
    intervals = models.JSONField("интервалы", default=list)
    title = models.CharField("название", max_length=80, blank=True, default="")

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["calendar", "day"], name="calendar_day_once")]


class ServiceContract(models.Model):
    """How fast we answer: the term and its clock. The default: 24 astronomical hours, standard (decision 13)."""

    title = models.CharField("название", max_length=120, unique=True)
    term = models.DurationField("срок", default=timedelta(hours=24))
    clock = models.CharField("часы", max_length=8, choices=ClockKind, default=ClockKind.CALENDAR)
    calendar = models.ForeignKey(
        WorkCalendar, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="календарь"
    )
    priority = models.CharField("приоритет", max_length=8, choices=Priority, default=Priority.STANDARD)
    pause_on_waiting = models.BooleanField("не считать ожидание клиента", default=False)
    show_due_to_client = models.BooleanField("показывать срок клиенту", default=True)
    warn_percent = models.PositiveSmallIntegerField("предупредить на, %", default=75)
    order = models.PositiveSmallIntegerField("порядок", default=0)
    is_default = models.BooleanField("по умолчанию", default=False)

    class Meta:
        ordering = ["order", "title"]
        verbose_name, verbose_name_plural = "контракт", "контракты"
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="contract_one_default"),
            models.CheckConstraint(condition=~Q(clock="working") | Q(calendar__isnull=False), name="contract_calendar"),
        ]

    def __str__(self) -> str:
        return self.title


class ServiceMembership(models.Model):
    """Whom a contract serves: organisation > account > tariff > default."""

    contract = models.ForeignKey(ServiceContract, models.CASCADE, related_name="memberships")
    client = models.ForeignKey("clients.Client", models.PROTECT, null=True, blank=True, related_name="+")
    account = models.ForeignKey("accounts.Account", models.PROTECT, null=True, blank=True, related_name="+")
    item = models.ForeignKey("licenses.Item", models.PROTECT, null=True, blank=True, related_name="+")


class ProblemKind(models.Model):
    """Вид проблемы: a tree."""

    title = models.CharField("название", max_length=120)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    is_archived = models.BooleanField("не используется", default=False)

    class Meta:
        ordering = ["title"]
        verbose_name, verbose_name_plural = "вид проблемы", "виды проблем"

    def __str__(self) -> str:
        return self.title
