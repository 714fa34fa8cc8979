"""Statistics: facts of sales written by this app only (manual ch. 2.3)."""

from django.db import models
from django.db.models import Q

from core.fields import MoneyField


class SalesFact(models.Model):
    """One shipped line: turnover by day, point, manager at shipment, product. A cancel after closing is a negative row."""

    shipment = models.ForeignKey("licenses.Shipment", models.PROTECT, related_name="+")
    line = models.ForeignKey("licenses.InvoiceLine", models.PROTECT, related_name="+")
    day = models.DateField()
    salespoint = models.ForeignKey("partners.SalesPoint", models.PROTECT, related_name="+")
    manager = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+")
    product = models.ForeignKey("licenses.Product", models.PROTECT, null=True, related_name="+")
    item = models.ForeignKey("licenses.Item", models.PROTECT, null=True, related_name="+")
    amount = MoneyField()
    is_first = models.BooleanField(default=False, help_text="first paid shipment of the account in the product")
    is_correction = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "shipment", "is_correction"], name="sales_fact_once"),
            models.CheckConstraint(condition=Q(is_correction=True) | Q(amount__gte=0), name="sales_fact_sign"),
        ]
        indexes = [
            models.Index(fields=["day", "salespoint", "product"], name="sales_fact_day"),
            models.Index(fields=["manager", "day"], name="sales_fact_manager"),
        ]


class ClosedMonth(models.Model):
    """A closed month of a legal entity: later cancels become corrections of today."""

    legal_entity = models.ForeignKey("partners.LegalEntity", models.PROTECT, related_name="+")
    month = models.DateField()
    closed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["legal_entity", "month"], name="closed_month_once")]
