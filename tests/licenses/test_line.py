"""The thin line by services: connect, choose, issue, pay, ship, activate (R2.65–R2.102), and what refuses on the way."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.services import account_create
from clients.models import Binding
from core.errors import Conflict, DomainError, Forbidden
from licenses.models import Invoice, License, Shipment, Term
from licenses.services import (
    allocation_set,
    allocations_undo,
    invoice_cancel,
    invoice_issue,
    invoice_replace,
    invoice_ship,
    license_activate,
    license_drop,
    license_quantity_set,
    shipment_cancel,
)
from tests import factories as make
from tests.selling import CONTACT, ON, days

pytestmark = pytest.mark.django_db


@pytest.mark.rows("R2.68", "R2.69", "R2.77", "R2.78", "R2.80")
def test_a_new_account_is_trial_and_its_creator_answers_for_both(shop):
    account = shop.account()
    assert 1_000_000 <= account.number <= 9_999_999
    assert (account.manager, account.members_count, account.is_paid(ON)) == (shop.by, 1, False)
    assert account.members.get().is_main
    shop.client.refresh_from_db()
    assert (shop.client.manager, shop.client.prospect_state, shop.client.main_account_number) == (
        shop.by,
        "trial",
        account.number,
    )


@pytest.mark.rows("R2.79")
def test_a_card_bound_to_a_colleague_stays_with_him(shop, colleague):
    make.bound(shop.client, colleague)
    account = shop.account()
    assert account.manager == shop.by
    assert Binding.objects.get(client=shop.client, closed_at=None).manager == colleague


def test_a_second_account_needs_a_tick_and_a_ceased_client_is_refused(shop):
    shop.account()
    with pytest.raises(Conflict, match="уже в аккаунте"):
        shop.account()
    assert shop.account(second=True).pk
    gone = make.ClientFactory(registered_on=date(2020, 1, 1), ceased_on=date(2025, 5, 5))
    with pytest.raises(DomainError, match="прекращена"):
        account_create(client_id=gone.pk, name="Бывшая", contact=CONTACT, by=shop.by, on=ON)


def test_support_may_not_connect(shop, support):
    with pytest.raises(Forbidden):
        account_create(client_id=shop.client.pk, name="Нельзя", contact=CONTACT, by=support, on=ON)


@pytest.mark.rows("R0.8", "R2.88", "R2.90", "R2.95", "R2.101")
def test_the_whole_sale(shop):
    account = shop.account()
    chosen = shop.choose(account, "eo-basic", "edo-free")
    assert {row.state for row in chosen} == {"selected"}
    assert Term.objects.filter(account=account).count() == 2
    invoice = shop.issue(account)
    assert (invoice.number, invoice.state) == ("1", "issued")
    assert invoice.total == sum(line.amount for line in invoice.lines.all()) == Decimal("9900.00")
    with pytest.raises(DomainError, match=r"не отгружен|отгруз"):
        shop.activate(invoice)
    with pytest.raises(DomainError, match="не хватает"):
        shop.ship(invoice)
    shop.pay(invoice)
    shipment = shop.ship(invoice)
    assert shipment.amount == invoice.total
    shop.activate(invoice)
    account.refresh_from_db()
    assert account.paid_until == date(2027, 11, 22)
    shop.client.refresh_from_db()
    assert shop.client.prospect_state == "connected"


def test_activation_twice_changes_nothing(shop):
    account, invoice = shop.sold("eo-basic")
    before = License.objects.get(account=account)
    shop.activate(invoice)
    license_activate(license_id=before.pk, by=shop.by, on=ON)
    after = License.objects.get(account=account)
    assert (after.version, after.activated_at) == (before.version, before.activated_at)


@pytest.mark.rows("R2.88")
def test_one_direction_has_one_period(shop):
    account, _ = shop.sold("eo-basic")
    (joined,) = shop.choose(account, "eo-direction", starts_on=ON)
    assert joined.term == License.objects.get(item__code="eo-basic").term
    assert joined.ends_on == date(2027, 11, 22)


def test_a_stranger_sees_no_invoice_and_support_may_not_ship(shop, stranger, support):
    account = shop.account()
    shop.choose(account, "eo-basic")
    invoice = shop.issue(account)
    with pytest.raises(Invoice.DoesNotExist):
        invoice_ship(invoice_id=invoice.pk, by=stranger, on=ON)
    with pytest.raises(Forbidden):
        invoice_ship(invoice_id=invoice.pk, by=support, on=ON)


@pytest.mark.rows("R2.95")
def test_a_chosen_position_is_dropped_or_changed_until_it_is_invoiced(shop):
    account = shop.account()
    (desk,) = shop.choose(account, "ofd-desk", quantity=2)
    changed = license_quantity_set(license_id=desk.pk, quantity=5, by=shop.by, on=ON)
    assert changed.amount == Decimal("15000.00")
    license_drop(license_id=desk.pk, by=shop.by, on=ON)
    assert License.objects.get(pk=desk.pk).state == "cancelled"
    with pytest.raises(DomainError, match="Нет выбранных"):
        shop.issue(account)


def test_numbers_go_on_after_a_cancel(shop):
    account = shop.account()
    shop.choose(account, "eo-basic")
    first = shop.issue(account)
    invoice_cancel(invoice_id=first.pk, reason="Ошиблись", by=shop.by, on=ON)
    second = shop.issue(account)
    assert (first.number, second.number) == ("1", "2")
    third = invoice_replace(invoice_id=second.pk, by=shop.by, on=ON)
    assert (third.number, third.replaces_id, third.total) == ("3", second.pk, second.total)


def test_a_paid_invoice_is_not_cancelled_until_the_money_is_taken_back(shop):
    account = shop.account()
    shop.choose(account, "eo-basic")
    invoice = shop.issue(account)
    shop.pay(invoice)
    with pytest.raises(DomainError, match="оплата"):
        invoice_cancel(invoice_id=invoice.pk, reason="Ошиблись", by=shop.by, on=ON)
    allocations_undo(invoice_id=invoice.pk, by=shop.by, on=ON)
    assert invoice_cancel(invoice_id=invoice.pk, reason="Ошиблись", by=shop.by, on=ON).state == "cancelled"


def test_debt_needs_the_right_and_a_reason(shop, head):
    account = shop.account()
    shop.choose(account, "eo-basic")
    invoice = shop.issue(account)
    with pytest.raises(Forbidden):
        invoice_ship(invoice_id=invoice.pk, by=shop.by, on=ON, debt_reason="Бюджетная организация")
    assert invoice_ship(invoice_id=invoice.pk, by=head, on=ON, debt_reason="Бюджетная организация").is_debt


def picture(account) -> dict:
    """Everything of an account that a shipment touches, without versions and journals."""
    keep = (
        "id",
        "state",
        "starts_on",
        "ends_on",
        "amount",
        "credited",
        "shipped_on",
        "activated_at",
        "original_ends_on",
    )
    return {
        "licenses": list(License.objects.filter(account=account).order_by("pk").values(*keep)),
        "terms": list(Term.objects.filter(account=account).order_by("pk").values()),
        "lines": [list(i.lines.order_by("pk").values()) for i in account.invoices.order_by("pk")],
        "invoices": list(account.invoices.order_by("pk").values("id", "state", "total", "vat_total")),
        "account": (account.paid_until, account.paid_since, account.is_promo),
    }


@pytest.mark.rows("R2.100")
@pytest.mark.parametrize("codes", [["eo-basic"], ["eo-basic", "ofd-desk", "edo-free"]])
def test_a_cancelled_shipment_leaves_no_trace(shop, head, codes):
    account = shop.account()
    shop.choose(account, *codes)
    invoice = shop.issue(account)
    shop.pay(invoice)
    account.refresh_from_db()
    before = picture(account)
    shop.ship(invoice)
    shop.activate(invoice)
    license = License.objects.filter(account=account).first()
    allocation_set(license_id=license.pk, shares={shop.client.pk: 1}, by=shop.by, on=ON)
    shipment_cancel(invoice_id=invoice.pk, reason="Клиент не пришел", by=head, on=ON + days(3))
    account.refresh_from_db()
    assert picture(account) == before


@pytest.mark.rows("R2.100")
def test_who_may_cancel_a_shipment_and_until_when(shop, head, operator):
    _, invoice = shop.sold("eo-basic")
    with pytest.raises(Forbidden):
        shipment_cancel(invoice_id=invoice.pk, reason="Нет", by=shop.by, on=ON)
    with pytest.raises(DomainError, match="обратитесь к оператору"):
        shipment_cancel(invoice_id=invoice.pk, reason="Поздно", by=head, on=ON + days(4))
    assert shipment_cancel(invoice_id=invoice.pk, reason="Оператор", by=operator, on=ON + days(4)).cancelled_on
    assert not Shipment.objects.filter(invoice=invoice, cancelled_on=None).exists()


def test_nothing_above_what_was_bought_is_given(shop):
    account, _ = shop.sold("ofd-desk", quantity=2)
    license = License.objects.get(account=account)
    with pytest.raises(DomainError):
        allocation_set(license_id=license.pk, shares={shop.client.pk: 3}, by=shop.by, on=ON)
    allocation_set(license_id=license.pk, shares={shop.client.pk: 2}, by=shop.by, on=ON)
    assert license.allocations.get().quantity == 2


def test_invoices_of_two_accounts_are_numbered_in_one_row(shop):
    numbers = []
    for n in range(3):
        shop.client = make.ClientFactory(name=f"Клиент {n}, ООО", region_code="39")
        account = shop.account()
        shop.choose(account, "eo-light")
        numbers.append(invoice_issue(account_id=account.pk, by=shop.by, on=ON).number)
    assert numbers == ["1", "2", "3"]
