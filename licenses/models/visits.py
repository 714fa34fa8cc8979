"""Visits of an engineer, or of the client to the office (R2.97–R2.100)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from licenses.choices import AppointmentKind, AppointmentState

HELD_STATES = [AppointmentState.PLANNED, AppointmentState.DONE]


class Slot(Func):
    """tsrange of a visit: local time of the sales point, the end excluded, so that one may follow the other."""

    template = 'tsrange(("on" + "time"), ("on" + "time" + make_interval(mins => "minutes"::integer)))'
    output_field = DateTimeRangeField()


class Appointment(models.Model):
    """An agreed visit by an invoice. `time` is the clock of the sales point; a visit of the client may have none."""

    invoice = models.ForeignKey("licenses.Invoice", models.PROTECT, related_name="appointments")
    kind = models.CharField("вид", max_length=8, choices=AppointmentKind)
    on = models.DateField("дата")
    time = models.TimeField("время", null=True)
    minutes = models.PositiveSmallIntegerField("минут", default=60)
    engineer = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="appointments")
    state = models.CharField("состояние", max_length=9, choices=AppointmentState, default=AppointmentState.PLANNED)
    comment = models.CharField(max_length=300, blank=True, default="")
    reason = models.CharField("причина отмены", max_length=300, blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["on", "time", "id"]
        verbose_name, verbose_name_plural = "визит", "визиты"
        constraints = [
            models.UniqueConstraint(fields=["invoice"], condition=Q(state="planned"), name="appointment_planned_once"),
            models.CheckConstraint(
                condition=~Q(state="planned", kind="engineer") | Q(engineer__isnull=False, time__isnull=False),
                name="appointment_engineer_named",
            ),
            models.CheckConstraint(condition=Q(minutes__gte=15, minutes__lte=480), name="appointment_minutes"),
            models.CheckConstraint(condition=~Q(state="cancelled") | ~Q(reason=""), name="appointment_cancel_reason"),
            ExclusionConstraint(
                name="appointment_engineer_free",
                expressions=[(F("engineer"), RangeOperators.EQUAL), (Slot(), RangeOperators.OVERLAPS)],
                condition=Q(engineer__isnull=False, state__in=HELD_STATES),
            ),
        ]
        indexes = [
            models.Index(fields=["engineer", "on"], name="appointment_engineer"),
            models.Index(fields=["on"], name="appointment_on"),
        ]
