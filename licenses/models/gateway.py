"""What goes to the accounting system and to mail, and what comes back: never lost, never doubled.

Out: a row written in the business transaction, sent afterwards. In: every event by its id, once.
"""

from django.db import models
from django.db.models import Q


class OutboxMessage(models.Model):
    """One thing the accounting system (or a client's mailbox) has to get; `key` makes a repeated send harmless."""

    class Channel(models.TextChoices):
        ACCOUNTING = "accounting", "Учетная система"
        MAIL = "mail", "Почта"

    class State(models.TextChoices):
        WAITING = "waiting", "Ждет отправки"
        SENT = "sent", "Отправлено"
        PARKED = "parked", "Требует внимания"

    key = models.CharField(max_length=120, unique=True)
    channel = models.CharField("куда", max_length=10, choices=Channel, default=Channel.ACCOUNTING)
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
    by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        verbose_name, verbose_name_plural = "сообщение", "сообщения"
        indexes = [
            models.Index(fields=["next_try_at"], name="outbox_due", condition=Q(state="waiting")),
            models.Index(fields=["invoice", "id"], name="outbox_invoice"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {self.kind}"


class InboxEvent(models.Model):
    """One thing the accounting system told, by its own id: a repeat changes nothing; a failed one is tried again."""

    class State(models.TextChoices):
        TAKEN = "taken", "Принято"
        FAILED = "failed", "Требует внимания"

    event_id = models.CharField(max_length=100, unique=True)
    kind = models.CharField("вид", max_length=40)
    payload = models.JSONField()
    state = models.CharField("состояние", max_length=8, choices=State, default=State.TAKEN)
    last_error = models.CharField(max_length=300, blank=True, default="")
    invoice = models.ForeignKey("licenses.Invoice", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField("получено")

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = "событие учетной системы", "события учетной системы"
        indexes = [models.Index(fields=["id"], name="inbox_failed", condition=Q(state="failed"))]


class GatewayCursor(models.Model):
    """How far the events of an accounting system have been read."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.CharField(max_length=200, blank=True, default="")
