"""The catalogue is edited here; prices have pages of their own; money and licences are looked at only."""

from core.admin import look, reference
from licenses.models import (
    BalanceEntry,
    ChangePolicy,
    Direction,
    Entitlement,
    Invoice,
    Item,
    License,
    Payment,
    PaymentAllocation,
    Price,
    PriceList,
    Product,
    ProductLine,
    Promo,
    Shipment,
    Term,
    VatRate,
)

for model in (Product, Direction, ProductLine, Item, ChangePolicy, VatRate):
    reference(model, "__str__")
reference(Entitlement, "__str__", titles=("состав позиции", "состав позиций"))
for model in (PriceList, Price, Promo):
    look(model, "__str__")
look(Invoice, "number", "account", "state", "issued_on", "total", list_filter=("state",), search_fields=("=number",),
     ordering=("-pk",))  # fmt: skip
look(Shipment, "invoice", "shipped_on", "by", "cancelled_on", ordering=("-pk",))
look(Payment, "__str__", "created_at", "created_by", ordering=("-pk",))
look(PaymentAllocation, "payment", "invoice", "amount", "by", titles=("разнесение", "разнесения"), ordering=("-pk",))
look(BalanceEntry, "account", "amount", "by", titles=("запись остатка", "остатки аккаунтов"), ordering=("-pk",))
look(Term, "__str__", titles=("срок лицензии", "сроки лицензий"), ordering=("-pk",))
look(License, "account", "item", "state", list_filter=("state",), ordering=("-pk",))
