"""The outbox of the accounting gateway: written in the business transaction, sent afterwards, never lost or doubled."""

from django.db import models
from django.db.models import Q


class OutboxMessage(models.Model):
    """One thing the accounting system has to learn; `key` makes a repeated send harmless."""

    class State(models.TextChoices):
        WAITING = "waiting", "Ждет отправки"
        SENT = "sent", "Отправлено"
        PARKED = "parked", "Требует внимания"

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField("вид", max_length=40)
    invoice = models.ForeignKey("licenses.Invoice", models.PROTECT, null=True, related_name="+")
    payload = models.JSONField()
    state = models.CharField("состояние", max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField("попыток", default=0)
    next_try_at = models.DateTimeField()
    last_error = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    answer = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["next_try_at"], name="outbox_due", condition=Q(state="waiting"))]
