"""«Доп. начисления» (manual ch. 4.2): what was used above the licence, and the blocks that follow."""

from django.db import models
from django.db.models import F, Q

from core.fields import MoneyField
from licenses.choices import Limit
from partners.rights import Right
from partners.scopes import ScopeFacts, scope_q

from .choices import BlockScope, ChargeKind, ChargeState


class ChargeQuerySet(models.QuerySet):
    def visible_to(self, employee):
        return self.filter(scope_q(employee, Right.CHARGE_VIEW))

    def open(self):
        """Formed or invoiced and not refused: the general list (billing 3.10)."""
        return self.filter(state__in=["formed", "invoiced"], refused_on__isnull=True)


class Charge(models.Model):
    """formed → invoiced → settled (by shipment only). Overdue = today > due_on, derived; refused is reversible."""

    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="charges")
    client = models.ForeignKey("clients.Client", models.PROTECT, null=True, related_name="+")
    product = models.ForeignKey("licenses.Product", models.PROTECT, related_name="+")
    kind = models.CharField("вид", max_length=10, choices=ChargeKind)
    limit = models.CharField(max_length=14, choices=Limit, blank=True, default="")
    month = models.DateField("за месяц")
    sequence = models.PositiveSmallIntegerField(default=1)
    title = models.CharField("начисление", max_length=200)
    quantity = models.PositiveIntegerField("количество", default=1)
    unit_price = MoneyField("цена, ₽")
    amount = MoneyField("сумма, ₽")
    details = models.JSONField(default=list)
    formed_on = models.DateField("создано")
    due_on = models.GeneratedField(expression=F("formed_on") + 30, output_field=models.DateField(), db_persist=True)
    state = models.CharField("состояние", max_length=12, choices=ChargeState, default=ChargeState.FORMED)
    invoice_line = models.ForeignKey("licenses.InvoiceLine", models.PROTECT, null=True, related_name="charges")
    settled_on = models.DateField(null=True)
    refused_on = models.DateField("отказались", null=True)
    refused_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    refusal_reason = models.CharField(max_length=300, blank=True, default="")
    origin = models.ForeignKey("self", models.PROTECT, null=True, related_name="rests")
    salespoint = models.ForeignKey("partners.SalesPoint", models.PROTECT, related_name="+", db_index=False)
    manager = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+", db_index=False)
    version = models.PositiveIntegerField(default=1)

    objects = ChargeQuerySet.as_manager()

    class Meta:
        ordering = ["formed_on", "id"]
        verbose_name, verbose_name_plural = "доп. начисление", "доп. начисления"
        constraints = [
            models.UniqueConstraint(fields=["account", "product", "limit", "month", "sequence"], name="charge_once"),
            models.CheckConstraint(condition=Q(amount__gt=0, unit_price__gte=0, quantity__gte=1), name="charge_amount"),
            models.CheckConstraint(
                condition=Q(refused_on__isnull=True) | ~Q(refusal_reason=""), name="charge_refusal_reason"
            ),
            models.CheckConstraint(
                condition=Q(state="settled", settled_on__isnull=False)
                | (~Q(state="settled") & Q(settled_on__isnull=True)),
                name="charge_settled_on",
            ),
            models.CheckConstraint(
                condition=Q(settled_on__isnull=True) | Q(refused_on__isnull=True), name="charge_not_both"
            ),
        ]
        indexes = [
            models.Index(
                "manager", "formed_on", "id", name="charge_mine", condition=Q(state__in=["formed", "invoiced"])
            ),
            models.Index(
                "salespoint", "formed_on", "id", name="charge_point", condition=Q(state__in=["formed", "invoiced"])
            ),
            models.Index("formed_on", name="charge_open", condition=Q(state__in=["formed", "invoiced"])),
        ]

    def scope_facts(self) -> ScopeFacts:
        return ScopeFacts(self.salespoint_id, self.manager_id)


class ActiveBlock(models.Model):
    """The cache of `rules.blocks`: rewritten by events and by the nightly sweep; each row names its charge."""

    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="blocks")
    scope = models.CharField(max_length=8, choices=BlockScope)
    product = models.ForeignKey("licenses.Product", models.PROTECT, null=True, related_name="+")
    charge = models.ForeignKey(Charge, models.PROTECT, related_name="blocks")
    since = models.DateField()
    lifted_on = models.DateField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = "блокировка", "блокировки"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "scope", "charge"], condition=Q(lifted_on__isnull=True), name="block_once"
            ),
            models.CheckConstraint(
                condition=Q(scope="product", product__isnull=False) | (~Q(scope="product") & Q(product__isnull=True)),
                name="block_product",
            ),
        ]
