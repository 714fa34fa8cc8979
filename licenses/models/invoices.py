"""Invoices and their three independent axes: state, payment, shipment (billing 3.4)."""

import uuid

from django.db import models
from django.db.models import F, Q

from core.fields import MoneyField
from licenses.choices import InvoiceState, VatKind
from licenses.querysets import InvoiceQuerySet
from partners.scopes import ScopeFacts


class Invoice(models.Model):
    """Numbered on issue, 1…k per legal entity and year, without gaps; frozen then (trigger). Paid = Σ allocations."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="invoices")
    legal_entity = models.ForeignKey("partners.LegalEntity", models.PROTECT, related_name="invoices")
    salespoint = models.ForeignKey("partners.SalesPoint", models.PROTECT, related_name="invoices")
    manager = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="invoices")
    payer = models.ForeignKey("clients.Client", models.PROTECT, related_name="invoices")
    payer_data = models.JSONField(default=dict, help_text="name, INN, KPP, address as issued")
    seller_data = models.JSONField(default=dict, help_text="requisites of the legal entity as issued")
    state = models.CharField("состояние", max_length=10, choices=InvoiceState, default=InvoiceState.DRAFT)
    year = models.PositiveSmallIntegerField(null=True)
    sequence = models.PositiveIntegerField(null=True)
    number = models.CharField("номер", max_length=20, blank=True, default="")
    issued_on = models.DateField("дата", null=True)
    valid_until = models.DateField("действителен до", null=True)
    total = MoneyField("сумма, ₽", default=0)
    vat_total = MoneyField("в том числе НДС, ₽", default=0)
    promo = models.ForeignKey("licenses.Promo", models.PROTECT, null=True, related_name="+")
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by")
    cancelled_on = models.DateField(null=True)
    cancel_reason = models.CharField(max_length=300, blank=True, default="")
    external_id = models.CharField(max_length=100, blank=True, default="")
    external_state = models.CharField(max_length=20, blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_on", "-id"]
        verbose_name, verbose_name_plural = "счет", "счета"
        constraints = [
            models.UniqueConstraint(fields=["legal_entity", "year", "sequence"], name="invoice_number_once"),
            models.CheckConstraint(condition=Q(total__gte=0, vat_total__gte=0), name="invoice_total"),
            models.CheckConstraint(
                condition=Q(state="draft", sequence__isnull=True, issued_on__isnull=True)
                | Q(
                    state__in=["issued", "cancelled"],
                    sequence__isnull=False,
                    issued_on__isnull=False,
                    year__isnull=False,
                ),
                name="invoice_number_on_issue",
            ),
            models.CheckConstraint(
                condition=Q(state="cancelled", cancelled_on__isnull=False)
                | (~Q(state="cancelled") & Q(cancelled_on__isnull=True)),
                name="invoice_cancelled_on",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-issued_on", "-id"], name="invoice_account"),
            models.Index(fields=["payer", "state"], name="invoice_payer"),
            models.Index(fields=["number"], name="invoice_number"),
        ]

    def __str__(self) -> str:
        return f"счет №\u00a0{self.number}" if self.number else "счет без номера"

    def scope_facts(self) -> ScopeFacts:
        return ScopeFacts(self.salespoint_id, self.manager_id)

    def get_absolute_url(self) -> str:
        return f"/invoices/{self.pk}/"


class InvoiceLine(models.Model):
    """One positive line; the arithmetic of a change is kept in `explanation`."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    item = models.ForeignKey("licenses.Item", models.PROTECT, null=True, related_name="+")
    license = models.ForeignKey("licenses.License", models.PROTECT, null=True, related_name="invoice_lines")
    title = models.CharField("наименование", max_length=300)
    quantity = models.PositiveIntegerField("количество", default=1)
    unit = models.CharField(max_length=20, default="шт")
    okei = models.CharField(max_length=3, default="796")
    price = MoneyField("цена, ₽")
    list_amount = MoneyField("по прайсу, ₽")
    discount = MoneyField("скидка, ₽", default=0)
    amount = MoneyField("сумма, ₽")
    vat_kind = models.CharField(max_length=10, choices=VatKind)
    vat_rate = models.DecimalField("ставка НДС, %", max_digits=4, decimal_places=2, null=True)
    vat_amount = MoneyField("НДС, ₽", default=0)
    vat_ground = models.CharField(max_length=120, blank=True, default="")
    explanation = models.JSONField(default=list)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="invoice_line_position"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="invoice_line_quantity"),
            models.CheckConstraint(
                condition=Q(amount__gte=0, discount__gte=0, vat_amount__gte=0), name="invoice_line_amounts"
            ),
        ]


class Shipment(models.Model):
    """Only a shipment settles charges, starts licences and makes turnover. A cancelled one stays."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="shipments")
    shipped_on = models.DateField("отгружен")
    at = models.DateTimeField()
    by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    manager = models.ForeignKey(
        "partners.Employee",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="responsible at shipment, for statistics",
    )
    amount = MoneyField("сумма, ₽")
    vat_amount = MoneyField("НДС, ₽")
    is_debt = models.BooleanField("в долг", default=False)
    debt_reason = models.CharField(max_length=300, blank=True, default="")
    cancelled_on = models.DateField("отменена", null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    cancel_reason = models.CharField(max_length=300, blank=True, default="")
    undo = models.JSONField(default=dict, help_text="what the cancel has to put back")

    class Meta:
        ordering = ["-shipped_on", "-id"]
        verbose_name, verbose_name_plural = "отгрузка", "отгрузки"
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(cancelled_on__isnull=True), name="shipment_live_once"
            ),
            models.CheckConstraint(
                condition=Q(cancelled_on__isnull=True) | Q(cancelled_on__gte=F("shipped_on")),
                name="shipment_cancelled_after",
            ),
            models.CheckConstraint(condition=Q(is_debt=False) | ~Q(debt_reason=""), name="shipment_debt_reason"),
            models.CheckConstraint(
                condition=Q(cancelled_on__isnull=True) | ~Q(cancel_reason=""), name="shipment_cancel_reason"
            ),
        ]
        indexes = [models.Index(fields=["shipped_on"], name="shipment_live", condition=Q(cancelled_on__isnull=True))]
