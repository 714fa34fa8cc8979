"""Money in: bank statements, payments, what they pay for, account balances (billing 3.4, decision 7)."""

from django.db import models
from django.db.models import Q

from core.fields import MoneyField
from licenses.choices import MatchState
from licenses.querysets import PaymentQuerySet


class BankStatement(models.Model):
    """One imported file."""

    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    imported_at = models.DateTimeField()
    by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    counts = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)

    class Meta:
        ordering = ["-imported_at"]


class StatementUpload(models.Model):
    """One file somebody brought: what would come in, and after the import what came of every document.

    Nothing is lost: the bytes stay until they are imported; what was refused says why.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Ждет загрузки"
        IMPORTED = "imported", "Загружена"
        REFUSED = "refused", "Не прочитана"

    name = models.CharField("файл", max_length=200)
    size = models.PositiveIntegerField("размер, байт")
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(null=True)
    state = models.CharField("состояние", max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField("почему", max_length=300, blank=True, default="")
    statement = models.ForeignKey(BankStatement, models.PROTECT, null=True, related_name="uploads")
    counts = models.JSONField(default=dict)
    rows = models.JSONField(default=list, help_text="one dict per document: what it says and what came of it")
    warnings = models.JSONField(default=list)
    at = models.DateTimeField("принята")
    by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name, verbose_name_plural = "загрузка выписки", "загрузки выписок"
        indexes = [models.Index(fields=["by", "-at"], name="statement_upload_by")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/payments/statements/{self.pk}/"


class Payment(models.Model):
    """An incoming payment. The natural key makes a repeated import harmless."""

    class Source(models.TextChoices):
        STATEMENT = "statement", "Выписка"
        HAND = "hand", "Вручную"
        GATEWAY = "gateway", "Учетная система"

    legal_entity = models.ForeignKey("partners.LegalEntity", models.PROTECT, null=True, related_name="payments")
    statement = models.ForeignKey(BankStatement, models.PROTECT, null=True, related_name="payments")
    source = models.CharField(max_length=10, choices=Source)
    own_account = models.CharField(max_length=20, blank=True, default="")
    number = models.CharField("номер", max_length=40)
    date = models.DateField("дата")
    received_on = models.DateField("поступил")
    amount = MoneyField("сумма, ₽")
    payer_name = models.CharField("плательщик", max_length=300, blank=True, default="")
    payer_inn = models.CharField("ИНН плательщика", max_length=12, blank=True, default="")
    payer_account = models.CharField(max_length=40, blank=True, default="")
    purpose = models.TextField("назначение", blank=True, default="")
    sequence = models.PositiveIntegerField(default=0)
    match_state = models.CharField("состояние", max_length=10, choices=MatchState, default=MatchState.UNMATCHED)
    skip_reason = models.CharField("почему не разносится", max_length=300, blank=True, default="")
    suggested = models.ForeignKey("licenses.Invoice", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-received_on", "-id"]
        verbose_name, verbose_name_plural = "платеж", "платежи"
        constraints = [
            models.UniqueConstraint(
                fields=["own_account", "number", "date", "amount", "payer_account", "payer_inn", "sequence"],
                name="payment_natural_key",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_positive"),
        ]
        indexes = [
            models.Index(fields=["match_state", "-received_on", "-id"], name="payment_queue"),
            models.Index(fields=["legal_entity", "-received_on", "-id"], name="payment_entity"),
        ]

    def __str__(self) -> str:
        return f"платеж №\u00a0{self.number} от {self.date:%d.%m.%Y}"

    def get_absolute_url(self) -> str:
        return f"/payments/{self.pk}/"


class PaymentAllocation(models.Model):
    """Part of a payment that pays an invoice. Σ ≤ payment, Σ ≤ invoice (trigger under row locks). Undone rows stay."""

    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="allocations")
    balance_entry = models.ForeignKey("licenses.BalanceEntry", models.PROTECT, null=True, related_name="+")
    invoice = models.ForeignKey("licenses.Invoice", models.PROTECT, related_name="allocations")
    amount = MoneyField("сумма, ₽")
    at = models.DateTimeField()
    by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    is_automatic = models.BooleanField(default=False)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_allocation_positive"),
            models.CheckConstraint(
                condition=Q(payment__isnull=False, balance_entry__isnull=True)
                | Q(payment__isnull=True, balance_entry__isnull=False),
                name="payment_allocation_source",
            ),
        ]
        indexes = [
            models.Index(fields=["invoice"], name="payment_alloc_invoice", condition=Q(undone_at__isnull=True)),
            models.Index(fields=["payment"], name="payment_alloc_payment", condition=Q(undone_at__isnull=True)),
        ]


class BalanceEntry(models.Model):
    """The account's balance: + over-payments and credits, − what it paid for. Σ ≥ 0 (checked under the account's lock)."""

    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="balance_entries")
    amount = MoneyField("сумма, ₽")
    kind = models.CharField(
        max_length=20,
        choices=[
            ("overpaid", "Переплата"),
            ("credit", "Зачет при смене тарифа"),
            ("spent", "Оплата счета"),
            ("undo", "Отмена"),
        ],
    )
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="balance_entries")
    invoice = models.ForeignKey("licenses.Invoice", models.PROTECT, null=True, related_name="balance_entries")
    comment = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="balance_entry_nonzero")]
