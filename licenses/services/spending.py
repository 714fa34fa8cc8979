"""What a person decides about a payment that the import did not match (billing 3.4)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from core.db import in_transaction
from core.errors import DomainError
from core.money import format_money
from core.rights import require
from licenses.choices import MatchState
from licenses.models import Payment, PaymentAllocation
from partners.models import Employee
from partners.rights import Right

from .invoices import paid_of
from .locking import held_invoice
from .payments import allocate, check_payable, free_of


@in_transaction
def payment_allocate(
    *, payment_id: int, invoice_id: int, amount: Decimal | None = None, by: Employee, on: date
) -> PaymentAllocation:
    """Pay an invoice, or a part of it, from a payment; by default as much as fits. The payer may be somebody else.

    Repeat it for several invoices; `allocations_undo` takes it back. A payment to another legal entity is refused.
    """
    account, invoice = held_invoice(invoice_id, by=by)
    require(by, Right.PAYMENT_REGISTER, account)
    check_payable(invoice)
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment_id)
    if payment.legal_entity_id not in (None, invoice.legal_entity_id):
        raise DomainError(
            "Платеж поступил другому юридическому лицу: выберите его счет.", field="invoice", code="entity"
        )
    most = min(free_of(payment), invoice.total - paid_of(invoice))
    amount = most if amount is None else amount
    if amount <= 0 or amount > most:
        raise DomainError(
            f"Этим платежом можно оплатить не больше {format_money(most, '₽')}.", field="amount", code="amount"
        )
    part = allocate(payment=payment, invoice=invoice, amount=amount, by=by, on=on)
    if not free_of(payment):
        payment.match_state, payment.suggested = MatchState.MATCHED, None
        payment.save(update_fields=["match_state", "suggested"])
    return part
