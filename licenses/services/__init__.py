"""Every write of selling. One verb per function; rights, locks, rules, journal inside."""

from .account_copies import account_copies_of_day
from .activation import invoice_activate, license_activate
from .allocating import allocation_set
from .changing import tariff_change
from .choosing import license_drop, license_quantity_set, licenses_choose
from .invoices import LineDraft, invoice_cancel, invoice_issue, invoice_replace
from .payments import HandPayment, balance_spend, payment_register
from .repricing import invoice_reprice
from .shipping import invoice_ship, shipment_cancel
from .spending import Part, payment_allocate, payment_skip, payment_spread, payment_unskip
from .unpaying import allocation_undo, allocations_undo, kept_undo, payment_undo
from .visits import visit_cancel, visit_done, visit_missed, visit_plan

__all__ = [
    "HandPayment",
    "LineDraft",
    "Part",
    "account_copies_of_day",
    "allocation_set",
    "allocation_undo",
    "allocations_undo",
    "balance_spend",
    "invoice_activate",
    "invoice_cancel",
    "invoice_issue",
    "invoice_replace",
    "invoice_reprice",
    "invoice_ship",
    "kept_undo",
    "license_activate",
    "license_drop",
    "license_quantity_set",
    "licenses_choose",
    "payment_allocate",
    "payment_register",
    "payment_skip",
    "payment_spread",
    "payment_undo",
    "payment_unskip",
    "shipment_cancel",
    "tariff_change",
    "visit_cancel",
    "visit_done",
    "visit_missed",
    "visit_plan",
]  # fmt: skip
