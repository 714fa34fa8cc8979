"""Payments that the import did not match, allocated by hand: partial, several invoices, undo, refusals."""

from decimal import Decimal

import pytest

from core.errors import DomainError, Forbidden
from licenses.models import Invoice, Payment
from licenses.services import allocations_undo
from licenses.services.payments import free_of, paid_of
from licenses.services.spending import payment_allocate
from tests.payments.test_statement_import import OWN, load, order
from tests.selling import ON

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(shop):
    account = shop.account()
    shop.choose(account, "eo-basic")
    issued = shop.issue(account)
    issued.legal_entity.bank_account = OWN
    issued.legal_entity.save(update_fields=["bank_account"])
    return issued


@pytest.fixture
def payment(invoice):
    """From a third party, 1 000 ₽ more than the invoice."""
    load(order("Оплата за услуги", amount=invoice.total + 1000, inn="7707083893"))
    return Payment.objects.get()


def spend(payment, invoice, by, amount=None):
    return payment_allocate(payment_id=payment.pk, invoice_id=invoice.pk, amount=amount, by=by, on=ON)


def test_a_third_party_pays_in_parts(payment, invoice, shop):
    spend(payment, invoice, shop.by, Decimal("900.00"))
    spend(payment, invoice, shop.by)
    assert (paid_of(invoice), free_of(payment)) == (invoice.total, Decimal("1000.00"))
    assert Payment.objects.get().match_state == "partial"


def test_spent_to_the_end_it_is_matched_and_undo_frees_it(payment, invoice, shop):
    account = shop.account(second=True)
    shop.choose(account, "eo-basic")
    second = shop.issue(account)
    spend(payment, invoice, shop.by)
    spend(payment, second, shop.by)
    assert (paid_of(second), Payment.objects.get().match_state) == (Decimal("1000.00"), "matched")
    allocations_undo(invoice_id=second.pk, by=shop.by, on=ON)
    assert (free_of(payment), Payment.objects.get().match_state) == (Decimal("1000.00"), "partial")


@pytest.mark.parametrize("amount", [Decimal("0.00"), Decimal("-1.00"), Decimal("99999.00")])
def test_never_more_than_is_open(payment, invoice, shop, amount):
    with pytest.raises(DomainError, match="не больше"):
        spend(payment, invoice, shop.by, amount)
    assert paid_of(invoice) == 0


def test_who_may(payment, invoice, support, stranger):
    with pytest.raises(Forbidden):
        spend(payment, invoice, support)
    with pytest.raises(Invoice.DoesNotExist):
        spend(payment, invoice, stranger)
