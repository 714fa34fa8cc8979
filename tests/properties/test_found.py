"""Defects that the histories found, each as a case of its own."""

import re
from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from accounts.models import Account, Task
from accounts.services.account import account_assign
from accounts.services.work import call_log
from clients.models import Client
from core import clock
from core.errors import DomainError
from licenses.models import BalanceEntry, Invoice, License, Payment
from licenses.services import (
    allocations_undo,
    balance_spend,
    invoice_activate,
    invoice_cancel,
    invoice_issue,
    invoice_reprice,
    invoice_ship,
    license_quantity_set,
    shipment_cancel,
)
from licenses.services.payments import balance_of, free_of
from licenses.services.spending import payment_allocate
from renewals.services import (
    account_renew,
    outcome_set,
    outcome_withdraw,
    prompts_make,
    renewals_sweep_all,
    rows_to_prompt,
)
from tests.licenses.market import open_market

pytestmark = pytest.mark.django_db

DAY = date(2025, 3, 3)
LATER = DAY + timedelta(days=2)


@pytest.fixture
def market(head):
    market = open_market(head)
    market.item("a", 6000, months=(1, 12))
    market.item("b", 12000)
    return market


@pytest.mark.parametrize("state", ["trial", "lost"])
def test_a_cancelled_shipment_gives_the_card_its_state_and_its_day_back(market, state):
    account = market.account(DAY - timedelta(days=40))
    client = account.members.get().client
    if state == "lost":
        Client.objects.filter(pk=client.pk).update(prospect_state="lost", lost_reason="inactive", trial_reason="")
    before = Client.objects.values().get(pk=client.pk)
    market.choose(account, "a", DAY)
    invoice = market.issue(account, DAY)
    market.deliver(invoice, DAY)
    assert Client.objects.get(pk=client.pk).prospect_state == "connected"
    with clock.override(on=LATER):
        shipment_cancel(invoice_id=invoice.pk, reason="Не пришел", by=market.by, on=LATER)
    assert Client.objects.values().get(pk=client.pk) == before


def test_of_two_shipments_the_first_one_cancelled_last_still_gives_the_state_back(market):
    account = market.account(DAY - timedelta(days=40))
    client = account.members.get().client_id
    before = Client.objects.values().get(pk=client)
    market.choose(account, "a", DAY)
    first = market.issue(account, DAY)
    market.deliver(first, DAY)
    market.item("desk", 3000, line="edo", countable=True)
    market.choose(account, "desk", DAY)
    second = market.issue(account, DAY)
    market.deliver(second, DAY)
    with clock.override(on=LATER):
        for invoice in (first, second):
            shipment_cancel(invoice_id=invoice.pk, reason="Ошибка", by=market.by, on=LATER)
    assert Client.objects.values().get(pk=client) == before


def invoice_of(market, code="a", on=DAY) -> Invoice:
    account = market.account(on)
    market.choose(account, code, on)
    return market.issue(account, on)


def test_repricing_keeps_its_hands_off_money_that_waits_for_others(market):
    ours, theirs = invoice_of(market), invoice_of(market)
    market.pay(ours, DAY, D("10000"))
    payment = Payment.objects.get()
    with clock.override(on=DAY):
        # As a statement brings it: all of it waits, and a part is placed by hand.
        allocations_undo(invoice_id=ours.pk, by=market.by, on=DAY)
        BalanceEntry.objects.all().delete()
        payment_allocate(payment_id=payment.pk, invoice_id=ours.pk, amount=D("1000"), by=market.by, on=DAY)
        invoice_reprice(invoice_id=ours.pk, by=market.by, on=DAY)
        payment.refresh_from_db()
        assert (free_of(payment), payment.match_state, balance_of(ours.account)) == (D("9000"), "partial", 0)
        payment_allocate(payment_id=payment.pk, invoice_id=theirs.pk, by=market.by, on=DAY)


def test_repricing_takes_the_balance_along(market):
    first = invoice_of(market)
    market.pay(first, DAY, D("6000") + 700)
    market.item("desk", 700, line="edo")
    market.choose(first.account, "desk", DAY)
    second = market.issue(first.account, DAY)
    with clock.override(on=DAY):
        balance_spend(invoice_id=second.pk, by=market.by, on=DAY)
        new = invoice_reprice(invoice_id=second.pk, by=market.by, on=DAY)
        assert Invoice.objects.with_paid().get(pk=new.pk).paid == new.total
        assert balance_of(Account.objects.get(pk=new.account_id)) == 0


def test_a_change_invoiced_late_is_no_fresh_offer(market):
    """Q5: five days from the day it was counted for, whenever its invoice is issued."""
    old = market.sell(market.account(DAY), "a", DAY)
    day = DAY + timedelta(days=100)
    planned = market.change(old, "b", day)
    near, late = day + timedelta(days=3), day + timedelta(days=6)
    with clock.override(on=near):
        invoice = invoice_issue(account_id=old.account_id, license_ids=[planned.pk], by=market.by, on=near)
        assert invoice.valid_until == day + timedelta(days=5)
    market.pay(invoice, near)
    with clock.override(on=late):
        with pytest.raises(DomainError, match="пересчитайте"):
            invoice_ship(invoice_id=invoice.pk, by=market.by, on=late)
        new = invoice_reprice(invoice_id=invoice.pk, by=market.by, on=late)
        assert new.valid_until == late + timedelta(days=5)
        allocations_undo(invoice_id=new.pk, by=market.by, on=late)
        invoice_cancel(invoice_id=new.pk, reason="Ошибка", by=market.by, on=late)
    stale = late + timedelta(days=30)
    with clock.override(on=stale), pytest.raises(DomainError, match="рассчитайте заново"):
        invoice_issue(account_id=old.account_id, license_ids=[planned.pk], by=market.by, on=stale)


def test_a_position_whose_period_is_over_is_not_priced_anew(market):
    account = market.account(DAY)
    chosen = market.choose(account, "a", DAY, months=1)
    after = chosen.ends_on + timedelta(days=3)
    with clock.override(on=after):
        with pytest.raises(DomainError, match="период закончился"):
            license_quantity_set(license_id=chosen.pk, quantity=1, by=market.by, on=after)
    invoice = market.issue(account, DAY, license_ids=[chosen.pk])
    with clock.override(on=after), pytest.raises(DomainError, match="период закончился"):
        invoice_reprice(invoice_id=invoice.pk, by=market.by, on=after)
    assert License.objects.get(pk=chosen.pk).state == "invoiced"


# --- prompts -----------------------------------------------------------------------------------------------------


@pytest.fixture
def due(market, manager):
    """A term 50 days before its end, with its call task; the account is the manager's."""
    account = market.account(DAY)
    license = market.sell(account, "a", DAY)
    with clock.override(on=DAY):
        account_assign(account_id=account.pk, manager_id=manager.pk, by=market.by, on=DAY)
    on = license.ends_on - timedelta(days=50)
    return license.term, on


def at(on):
    renewals_sweep_all(on=on)
    prompts_make(rows_to_prompt(on=on), on=on)


def open_keys() -> set[str]:
    return {
        key.rpartition(":")[2]
        for key in Task.objects.open().filter(key__startswith="renewal:").values_list("key", flat=True)
    }


def test_what_is_settled_is_not_called_about(market, due):
    term, on = due
    with clock.override(on=on):
        at(on)
        assert open_keys() == {"call_now"}
        said = outcome_set(term_id=term.pk, kind="wrong_contacts", comment="Телефоны не отвечают", by=market.by, on=on)
        assert open_keys() == set()
        outcome_withdraw(outcome_id=said.pk, by=market.by, on=on)
        assert open_keys() == {"call_now"}
        invoice = account_renew(account_id=term.account_id, term_ids=[term.pk], by=market.by, on=on)
        assert open_keys() == set()
        market.pay(invoice, on)
        invoice_ship(invoice_id=invoice.pk, by=market.by, on=on)
        invoice_activate(invoice_id=invoice.pk, by=market.by, on=on)
        shipment_cancel(invoice_id=invoice.pk, reason="Ошибка", by=market.by, on=on)
        assert open_keys() == set()
        allocations_undo(invoice_id=invoice.pk, by=market.by, on=on)
        invoice_cancel(invoice_id=invoice.pk, reason="Не нужен", by=market.by, on=on)
        assert open_keys() == {"call_now"}


@pytest.mark.rows("R3.3")
def test_prompts_follow_the_account_and_end_with_a_call(market, due, manager, colleague):
    term, _ = due
    late = term.ends_on - timedelta(days=30)
    with clock.override(on=late):
        at(late)
        task = Task.objects.open().get(key__startswith="renewal:")
        assert (task.kind, task.assignee, task.due_on) == ("renewal_late", manager, term.ends_on - timedelta(days=39))
        account_assign(account_id=term.account_id, manager_id=colleague.pk, by=market.by, on=late)
        task.refresh_from_db()
        assert task.assignee == colleague
        call_log(client_id=task.client_id, result="talked", by=colleague, on=late)
        assert open_keys() == set()


def test_the_price_list_refuses_a_sum_that_is_no_more_the_one_shown(shop, signed_in, manager):
    """Invariant 19 on the screen: what was counted for this very choice is what is saved."""
    account = shop.account()
    client, url = signed_in(manager), f"/accounts/{account.number}/licenses/add/"
    choice = {"item": [shop.items["eo-basic"].pk], "months": "12", "payer_kind": "usn", "starts_on": "23.11.2026"}
    page = client.post(url, {**choice, "recount": "1"}).content.decode()
    shown = re.search(r'name="shown" value="([^"]+)"', page)[1]
    stale = client.post(url, {**choice, "shown": shown.rpartition("=")[0] + "=1.00"})
    assert stale.status_code >= 400
    assert "Цены изменились" in stale.content.decode()
    assert not License.objects.filter(account=account).exists()
    assert client.post(url, {**choice, "shown": shown}).status_code == 302
    assert License.objects.get(account=account).amount == D(shown.rpartition("=")[2])
