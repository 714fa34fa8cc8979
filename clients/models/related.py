"""What cards share, for duplicates and related organisations (rule C6)."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q

from clients.choices import SignalKind


class ClientSignal(models.Model):
    """A value that a card carries, hashed to 64 bits: two cards with one value are related."""

    client = models.ForeignKey("clients.Client", models.CASCADE, related_name="signals")
    kind = models.CharField(max_length=14, choices=SignalKind)
    value_hash = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "kind", "value_hash"], name="signal_once")]
        indexes = [models.Index(fields=["kind", "value_hash"], name="signal_value")]


class SignalQueue(models.Model):
    """Cards whose register record changed since their signals were written; filled by a statement trigger."""

    client = models.OneToOneField("clients.Client", models.CASCADE, primary_key=True, related_name="+")


class NameWord(models.Model):
    """A word that stands in names of clients: what a slip is mended to. Grows with the register, never shrinks."""

    word = models.CharField(max_length=60, primary_key=True)

    class Meta:
        indexes = [GinIndex(OpClass("word", "gin_trgm_ops"), name="name_word_trgm")]


class SignalFrequency(models.Model):
    """How many cards share a value; common phones and addresses weigh nothing. Rewritten nightly."""

    kind = models.CharField(max_length=14, choices=SignalKind)
    value_hash = models.BigIntegerField()
    clients = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value_hash"], name="frequency_once")]


class NotRelated(models.Model):
    """«Не связаны»: shared by everyone, reversible, void when a D-level signal appears."""

    first = models.ForeignKey("clients.Client", models.CASCADE, related_name="+")
    second = models.ForeignKey("clients.Client", models.CASCADE, related_name="+")
    reason = models.CharField(max_length=300)
    by = models.ForeignKey("partners.Employee", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second"], condition=Q(withdrawn_at__isnull=True), name="not_related_once"
            ),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="not_related_ordered"),
        ]
