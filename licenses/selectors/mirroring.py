"""What the accounting system is told: plain JSON of an invoice, a shipment, a payment (docs/gateway.md)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from licenses.models import Invoice, InvoiceLine, PaymentAllocation, Shipment


def invoice_payload(invoice: Invoice) -> dict[str, Any]:
    """An issued invoice as it was issued. `key` is the same in every message about it."""
    return _head(invoice) | {
        "issued_on": invoice.issued_on.isoformat(),
        "valid_until": invoice.valid_until.isoformat() if invoice.valid_until else "",
        "replaces": str(invoice.replaces.key) if invoice.replaces_id else "",
        "cancelled_on": invoice.cancelled_on.isoformat() if invoice.cancelled_on else "",
        "cancel_reason": invoice.cancel_reason,
        "lines": [_line(line) for line in invoice.lines.select_related("item").order_by("position")],
    }


def shipment_payload(invoice: Invoice, shipment: Shipment) -> dict[str, Any]:
    """A shipment with its VAT, which is fixed on its day; `state` says whether it is cancelled."""
    is_live = shipment.cancelled_on is None
    return _head(invoice) | {
        "shipment": f"{invoice.key}:{shipment.pk}",
        "invoice_number": invoice.number,
        "state": "shipped" if is_live else "cancelled",
        "on": (shipment.shipped_on if is_live else shipment.cancelled_on).isoformat(),
        "is_debt": shipment.is_debt,
        "reason": shipment.debt_reason if is_live else shipment.cancel_reason,
        "lines": [_line(line) for line in invoice.lines.select_related("item").order_by("position")],
    }


def payment_payload(invoice: Invoice, part: PaymentAllocation) -> dict[str, Any]:
    """What came onto an invoice, or was taken off it (a negative sum); from a payment order or from the balance."""
    payment = part.payment
    amount = -part.amount if part.undone_at else part.amount
    return _head(invoice) | {
        "part": f"{invoice.key}:{part.pk}",
        "invoice_number": invoice.number,
        "total": _money(amount),
        "on": (part.undone_at or part.at).date().isoformat(),
        "from_balance": payment is None,
        "payment_number": payment.number if payment else "",
        "payment_date": payment.date.isoformat() if payment else "",
        "payer_account": payment.payer_account if payment else "",
        "payer_inn": payment.payer_inn if payment else "",
    }


def _head(invoice: Invoice) -> dict[str, Any]:
    return {
        "key": str(invoice.key),
        "number": invoice.number,
        "account": invoice.account.number,
        "seller": invoice.seller_data,
        "payer": invoice.payer_data,
        "total": _money(invoice.total),
        "vat_total": _money(invoice.vat_total),
        "currency": "RUB",
    }


def _line(line: InvoiceLine) -> dict[str, Any]:
    return {
        "position": line.position,
        "code": line.item.code if line.item_id else "",
        "title": line.title,
        "quantity": line.quantity,
        "unit": line.unit,
        "okei": line.okei,
        "discount": _money(line.discount),
        "amount": _money(line.amount),
        "vat_rate": None if line.vat_rate is None else f"{line.vat_rate.normalize():f}",
        "vat_amount": _money(line.vat_amount),
        "vat_ground": line.vat_ground,
    }


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"
