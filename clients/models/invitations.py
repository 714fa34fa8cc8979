"""Invitations to register (R2.24–R2.26, R2.47)."""

from django.db import models
from django.db.models import Q

from clients.choices import OPEN_INVITATIONS, InvitationState, InvitationTopic


class Invitation(models.Model):
    """Sent to a client that is in no account; closed by registration, refusal or expiry."""

    class Channel(models.TextChoices):
        EMAIL = "email", "Email"
        LETTER = "letter", "Письмо"
        HAND = "hand", "Лично"

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="invitations")
    sender = models.ForeignKey("clients.Client", models.PROTECT, null=True, related_name="sent_invitations")
    sender_name = models.CharField("отправитель", max_length=300, blank=True, default="")
    topic = models.CharField("тема", max_length=4, choices=InvitationTopic)
    channel = models.CharField("канал", max_length=8, choices=Channel, default=Channel.EMAIL)
    address = models.CharField("адрес", max_length=254, blank=True, default="")
    state = models.CharField("статус", max_length=10, choices=InvitationState, default=InvitationState.NOT_WORKED)
    source_key = models.CharField("основание", max_length=100, blank=True, default="")
    documents = models.PositiveIntegerField("документов", default=0)
    amount = models.DecimalField("сумма документов", max_digits=14, decimal_places=2, null=True)
    sent_at = models.DateTimeField("отправлено")
    delivered_at = models.DateTimeField(null=True)
    expires_on = models.DateField("действует до")
    closed_at = models.DateTimeField(null=True)
    token_hash = models.CharField(max_length=64, unique=True, null=True)
    refusal_reason = models.CharField("причина отказа", max_length=300, blank=True, default="")
    created_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-sent_at", "-id"]
        verbose_name, verbose_name_plural = "приглашение", "приглашения"
        constraints = [
            models.UniqueConstraint(
                # Of senders that no register knows the name tells one from another.
                fields=["client", "sender", "sender_name", "topic"],
                condition=Q(closed_at__isnull=True),
                nulls_distinct=False,
                name="invitation_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_INVITATIONS, closed_at__isnull=True)
                | (~Q(state__in=OPEN_INVITATIONS) & Q(closed_at__isnull=False)),
                name="invitation_closed",
            ),
        ]
        indexes = [models.Index(fields=["client", "-sent_at"], name="invitation_client")]

    @property
    def is_ours(self) -> bool:
        """Sent by hand without a counterparty: the sales point invites by itself."""
        return self.sender_id is None and self.created_by_id is not None


class InvitationEvent(models.Model):
    """An event of a product that joined an open invitation: the same one told again adds nothing (R2.24)."""

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="joined")
    source_key = models.CharField("основание", max_length=100)
    documents = models.PositiveIntegerField("документов", default=0)
    amount = models.DecimalField("сумма документов", max_digits=14, decimal_places=2, null=True)
    at = models.DateTimeField("когда")

    class Meta:
        ordering = ["id"]
        verbose_name, verbose_name_plural = "событие приглашения", "события приглашений"
        constraints = [models.UniqueConstraint(fields=["invitation", "source_key"], name="invitation_event_once")]
