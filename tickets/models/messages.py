"""Messages and files of a ticket. Internal is the default and never becomes visible (decision 28, rule C5)."""

from django.db import models
from django.db.models import Q

from tickets.choices import MessageKind


class TicketMessage(models.Model):
    """One message; the client sees every kind but internal, without employee names."""

    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=11, choices=MessageKind, default=MessageKind.INTERNAL)
    text = models.TextField()
    by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    old_text = models.TextField(blank=True, default="")
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["ticket", "at"], name="ticket_message_ticket")]


class TicketFile(models.Model):
    """An attachment in private storage under a random name."""

    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, related_name="files")
    message = models.ForeignKey(TicketMessage, models.PROTECT, null=True, related_name="files")
    key = models.UUIDField(unique=True)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    is_internal = models.BooleanField(default=True)
    at = models.DateTimeField()
    by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=Q(size__gt=0, size__lte=50 * 2**20), name="ticket_file_size")]


class TicketLink(models.Model):
    """The client's signed link: one ticket, read and reply; stored hashed, revocable."""

    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
