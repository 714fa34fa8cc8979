"""Over-payment, balance, visits, and a change of tariff carried out and undone (billing 3.4–3.6)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import Task
from core.errors import DomainError
from licenses.models import BalanceEntry, License
from licenses.services import (
    allocations_undo,
    balance_spend,
    invoice_reprice,
    shipment_cancel,
    tariff_change,
    visit_done,
    visit_missed,
    visit_plan,
)
from licenses.services.account_copies import account_and_clients_rewrite, account_copies_of_day
from licenses.services.payments import balance_of
from tests.licenses.test_line import picture
from tests.selling import ON

pytestmark = pytest.mark.django_db


def test_what_is_above_the_invoice_stays_on_the_balance_and_pays_the_next(shop):
    """`payment_register` (allocate, rest_to_balance), `balance_spend`, `allocations_undo` (undo_all)."""
    account = shop.account()
    shop.choose(account, "eo-light")
    first = shop.issue(account)
    shop.pay(first, first.total + 500)
    assert balance_of(account) == 500
    shop.choose(account, "edo-free")
    second = shop.issue(account)
    assert balance_spend(invoice_id=second.pk, by=shop.by, on=ON).amount == 500
    assert balance_of(account) == 0
    allocations_undo(invoice_id=second.pk, by=shop.by, on=ON)
    assert balance_of(account) == 500


def test_a_payment_of_nothing_or_of_tomorrow_is_refused(shop):
    account = shop.account()
    shop.choose(account, "eo-light")
    invoice = shop.issue(account)
    with pytest.raises(DomainError, match="больше нуля"):
        shop.pay(invoice, Decimal("-1"))


@pytest.mark.rows("R2.97", "R2.99", "R2.100")
def test_a_visit_opens_the_shipment_three_days_before_and_a_missed_one_makes_tasks(shop):
    account = shop.account()
    shop.choose(account, "eo-basic", "signature-visit")
    invoice = shop.issue(account)
    shop.pay(invoice)
    visit_plan(invoice_id=invoice.pk, kind="office", visit_on=ON + timedelta(days=4), by=shop.by, on=ON)
    with pytest.raises(DomainError, match="больше 3 дней"):
        shop.ship(invoice)
    moved = visit_plan(invoice_id=invoice.pk, kind="office", visit_on=ON + timedelta(days=3), by=shop.by, on=ON)
    shop.ship(invoice)
    visit_missed(visit_id=moved.pk, by=shop.by, on=ON + timedelta(days=3))
    assert {"new_date", "cancel_shipment"} <= set(Task.objects.filter(account=account).values_list("kind", flat=True))


def test_a_visit_that_was_held_is_marked_once(shop):
    account = shop.account()
    shop.choose(account, "signature-employee")
    invoice = shop.issue(account)
    visit = visit_plan(invoice_id=invoice.pk, kind="office", visit_on=ON, by=shop.by, on=ON)
    assert visit_done(visit_id=visit.pk, by=shop.by, on=ON).state == "done"
    assert visit_done(visit_id=visit.pk, by=shop.by, on=ON).state == "done"


@pytest.mark.rows("R2.123", "R2.124")
def test_a_change_keeps_the_end_and_its_undo_leaves_no_trace(shop, head):
    """changes_apply on shipment, changes_undo on its cancel."""
    account, _ = shop.sold("eo-basic")
    old = License.objects.get(account=account)
    day = ON + timedelta(days=182)
    shop.on = day
    new = tariff_change(license_id=old.pk, item_id=shop.items["eo-corporate"].pk, by=shop.by, on=day)
    assert new.ends_on == old.ends_on
    invoice = shop.issue(account)
    credit = (old.amount * 183 / 365).quantize(Decimal("0.01"))
    assert invoice.total == (Decimal(14_500) * 183 / 365).quantize(Decimal("0.01")) - credit
    shop.pay(invoice)
    account.refresh_from_db()
    before = picture(account)
    shop.ship(invoice)
    shop.activate(invoice)
    old.refresh_from_db()
    assert (old.state, old.ends_on) == ("replaced", day - timedelta(days=1))
    shipment_cancel(invoice_id=invoice.pk, reason="Передумали", by=head, on=day)
    account.refresh_from_db()
    assert picture(account) == before


@pytest.mark.rows("R2.125")
def test_the_authorised_accounting_office_gets_no_credit_and_a_new_term(shop):
    account, _ = shop.sold("eo-basic")
    old = License.objects.get(account=account)
    day = ON + timedelta(days=182)
    new = tariff_change(license_id=old.pk, item_id=shop.items["ub-full"].pk, by=shop.by, on=day)
    assert new.amount == Decimal("15000.00")
    assert (new.starts_on, new.ends_on.year) == (day, 2028)


def test_an_expired_invoice_is_priced_again(shop):
    account = shop.account()
    shop.choose(account, "eo-basic")
    invoice = shop.issue(account)
    later = ON + timedelta(days=30)
    new = invoice_reprice(invoice_id=invoice.pk, by=shop.by, on=later)
    assert new.replaces_id == invoice.pk and new.issued_on == later


def test_the_copies_of_an_account_are_rewritten_from_its_licences(shop):
    account, _ = shop.sold("eo-basic")
    right = account.paid_until
    type(account).objects.filter(pk=account.pk).update(paid_until=ON)
    assert account_copies_of_day(account_id=account.pk, on=ON)
    account.refresh_from_db()
    assert account.paid_until == right
    account_and_clients_rewrite(account, {shop.client.pk: shop.client}, on=ON, by=None)
    assert not BalanceEntry.objects.filter(account=account).exists()
