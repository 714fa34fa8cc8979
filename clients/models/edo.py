"""Unfinished electronic documents of a client, as the EDO product reports them (R0.7, R2.49). Read-only here."""

from django.db import models


class EdoDocument(models.Model):
    """One document that waits for an answer or was finished."""

    class Direction(models.TextChoices):
        IN = "in", "Входящий"
        OUT = "out", "Исходящий"

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="edo_documents")
    direction = models.CharField(max_length=3, choices=Direction)
    counterparty = models.ForeignKey("clients.Client", models.PROTECT, null=True, related_name="+")
    counterparty_name = models.CharField(max_length=300)
    kind = models.CharField("вид", max_length=60)
    number = models.CharField("номер", max_length=60, blank=True)
    sent_on = models.DateField("дата")
    amount = models.DecimalField("сумма", max_digits=14, decimal_places=2, null=True)
    finished_on = models.DateField("завершен", null=True)
    external_id = models.CharField(max_length=64)

    class Meta:
        ordering = ["-sent_on", "-id"]
        # Both sides may be clients here, and two products may count from one: a number is one client's.
        constraints = [models.UniqueConstraint(fields=["client", "external_id"], name="edo_document_once")]
        indexes = [models.Index(fields=["client", "finished_on", "-sent_on"], name="edo_client")]
