"""Selling (manual ch. 2.2, 2.4): price list, terms and licences, invoices, payments, shipments, the accounting gateway."""

from .catalog import ChangePolicy, Direction, Entitlement, Item, Product, ProductLine, Promo, VatRate
from .gateway import GatewayCursor, InboxEvent, OutboxMessage
from .invoices import Invoice, InvoiceLine, Shipment
from .licences import Allocation, Certificate, License, Term, Workplace
from .payments import BalanceEntry, BankStatement, Payment, PaymentAllocation, StatementUpload
from .prices import Price, PriceList
from .visits import Appointment

__all__ = [
    "Allocation",
    "Appointment",
    "BalanceEntry",
    "BankStatement",
    "Certificate",
    "ChangePolicy",
    "Direction",
    "Entitlement",
    "GatewayCursor",
    "InboxEvent",
    "Invoice",
    "InvoiceLine",
    "Item",
    "License",
    "OutboxMessage",
    "Payment",
    "PaymentAllocation",
    "Price",
    "PriceList",
    "Product",
    "ProductLine",
    "Promo",
    "Shipment",
    "StatementUpload",
    "Term",
    "VatRate",
    "Workplace",
]
