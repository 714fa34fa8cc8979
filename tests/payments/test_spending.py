"""Payments that the import did not match, allocated by hand (`parts_undo` takes them back): partial, several, undo, refusals."""

from decimal import Decimal

import pytest

from core import invariants
from core.errors import Conflict, DomainError, Forbidden
from licenses.models import Invoice, Payment, StatementUpload
from licenses.services import allocation_undo, allocations_undo, kept_undo, payment_skip, payment_undo, payment_unskip
from licenses.services.payments import balance_of, free_of, paid_of
from licenses.services.spending import payment_allocate, payment_spread
from licenses.services.uploads import statement_upload, statement_upload_drop, statement_upload_import
from tests.payments.test_statement_import import OWN, file, load, order
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


def test_one_part_back_and_the_rest_from_the_balance(payment, invoice, shop):
    first, _ = spend(payment, invoice, shop.by, Decimal("900.00")), spend(payment, invoice, shop.by, Decimal("100.00"))
    payment_spread(payment_id=payment.pk, parts=[], rest_account_id=invoice.account_id, by=shop.by, on=ON)
    assert (free_of(payment), Payment.objects.get().match_state) == (0, "overpaid")
    allocation_undo(allocation_id=first.pk, by=shop.by, on=ON)
    assert (paid_of(invoice), free_of(payment)) == (Decimal("100.00"), Decimal("900.00"))
    with pytest.raises(Conflict, match="уже снята"):
        allocation_undo(allocation_id=first.pk, by=shop.by, on=ON)
    kept_undo(payment_id=payment.pk, account_id=invoice.account_id, by=shop.by)
    assert balance_of(invoice.account) == 0
    with pytest.raises(Conflict, match="уже нет"):
        kept_undo(payment_id=payment.pk, account_id=invoice.account_id, by=shop.by)
    assert payment_undo(payment_id=payment.pk, by=shop.by, on=ON) == Decimal("100.00")
    assert (free_of(payment), Payment.objects.get().match_state) == (payment.amount, "unmatched")
    assert not [found for found in invariants.check() if "payment" in found.invariant.code]


def test_what_is_not_placed_may_leave_the_queue(payment, invoice, shop, support):
    with pytest.raises(Forbidden):
        payment_skip(payment_id=payment.pk, reason="Возврат", by=support)
    spend(payment, invoice, shop.by, Decimal("1.00"))
    with pytest.raises(DomainError, match="уже разнесен"):
        payment_skip(payment_id=payment.pk, reason="Возврат", by=shop.by)
    payment_undo(payment_id=payment.pk, by=shop.by, on=ON)
    payment_skip(payment_id=payment.pk, reason="Возврат", by=shop.by)
    with pytest.raises(DomainError, match="не разносится"):
        spend(payment, invoice, shop.by)
    payment_unskip(payment_id=payment.pk, by=shop.by)
    with pytest.raises(DomainError, match="уже в работе"):
        payment_unskip(payment_id=payment.pk, by=shop.by)
    assert spend(payment, invoice, shop.by).amount == invoice.total


def test_a_statement_is_kept_looked_at_and_imported_once(invoice, shop, support, stranger):
    data = file(order("кому-то"))
    with pytest.raises(Forbidden):
        statement_upload(data=data, name="a.txt", by=support)
    row = statement_upload(data=data, name="../../a.txt", by=shop.by)
    assert (row.name, row.counts["new"]) == ("a.txt", 1)
    assert statement_upload(data=data, name="b.txt", by=shop.by) == row
    with pytest.raises(StatementUpload.DoesNotExist):
        statement_upload_import(upload_id=row.pk, by=stranger, on=ON)
    for _ in range(2):
        assert statement_upload_import(upload_id=row.pk, by=shop.by, on=ON).state == "imported"
    with pytest.raises(DomainError, match="уже не ждет"):
        statement_upload_drop(upload_id=row.pk, by=shop.by)
    assert Payment.objects.count() == 1
