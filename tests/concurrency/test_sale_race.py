"""Two people at one sale: what must happen once happens once, and without its protection it would not (reliability 4.1)."""

import random
from datetime import date
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Account
from accounts.services import account_create
from core import clock
from core.errors import Conflict, DomainError
from core.faults import at, without_protection
from core.models import JournalEntry
from licenses.models import Invoice, License
from licenses.services import (
    HandPayment,
    allocation_set,
    invoice_activate,
    invoice_issue,
    invoice_ship,
    payment_register,
)
from tests import factories as make
from tests.licenses.market import open_market

pytestmark = pytest.mark.django_db(transaction=True)

ON = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def noon():
    with clock.override(on=ON):
        yield


@pytest.fixture
def market(manager):
    market = open_market(manager)
    market.item("a", 6000, months=(12,))
    return market


def meet(parties: int):
    """A fault point where all callers wait for each other a moment: as near as two clicks can be."""
    barrier = Barrier(parties)

    def wait() -> None:
        try:
            barrier.wait(1)
        except BrokenBarrierError:
            return

    return wait


def test_two_people_connect_one_client(threads, manager, colleague):
    card = make.ClientFactory()
    people = (manager, colleague)

    def connect(i):
        return account_create(client_id=card.pk, name=card.name, contact=None, by=people[i % 2], on=ON)

    results = threads(4, connect, catch=(Conflict,))
    assert sum(isinstance(r, Account) for r in results) == 1
    assert Account.objects.count() == 1
    loser = next(r for r in results if isinstance(r, Conflict))
    assert loser.who and "уже в аккаунте" in loser.message


def test_two_people_activate_one_invoice(threads, market, colleague):
    account = market.account(ON)
    market.choose(account, "a", ON)
    invoice = market.issue(account, ON)
    market.pay(invoice, ON)
    invoice_ship(invoice_id=invoice.pk, by=market.by, on=ON)
    people = (market.by, market.by)
    results = threads(4, lambda i: invoice_activate(invoice_id=invoice.pk, by=people[i % 2], on=ON))
    assert {row.state for rows in results for row in rows} == {"active"}
    assert JournalEntry.objects.filter(code="license.activated").count() == 1


def test_one_invoice_is_shipped_once(threads, market):
    account = market.account(ON)
    market.choose(account, "a", ON)
    invoice = market.issue(account, ON)
    market.pay(invoice, ON)
    results = threads(4, lambda i: invoice_ship(invoice_id=invoice.pk, by=market.by, on=ON), catch=(DomainError,))
    assert sum(not isinstance(r, DomainError) for r in results) == 1
    assert invoice.shipments.count() == 1


def test_one_position_stands_on_one_invoice(threads, market):
    account = market.account(ON)
    market.choose(account, "a", ON)
    results = threads(4, lambda i: invoice_issue(account_id=account.pk, by=market.by, on=ON), catch=(DomainError,))
    assert sum(isinstance(r, Invoice) for r in results) == 1
    assert sorted(Invoice.objects.values_list("number", flat=True)) == ["1"]


def test_nobody_pays_an_invoice_twice(threads, market):
    account = market.account(ON)
    market.choose(account, "a", ON)
    invoice = market.issue(account, ON)

    def pay(i):
        return payment_register(
            invoice_id=invoice.pk, payment=HandPayment(invoice.total, ON, number=str(i)), by=market.by, on=ON
        )

    results = threads(4, pay, catch=(DomainError,))
    assert sum(not isinstance(r, DomainError) for r in results) == 1


def test_two_distributions_never_give_more_than_bought(threads, market):
    market.item("desk", 3000, countable=True, months=(12,))
    account = market.account(ON)
    license = market.sell(account, "desk", ON, quantity=3)
    client = account.members.get().client_id
    threads(
        4,
        lambda i: allocation_set(license_id=license.pk, shares={client: 1 + i % 3}, by=market.by, on=ON),
        catch=(DomainError,),
    )
    assert sum(a.quantity for a in license.allocations.all()) <= License.objects.get(pk=license.pk).quantity


class Rollback(Exception):
    pass


@pytest.mark.rows("R2.96")
def test_sixteen_people_get_the_numbers_from_one_without_a_gap(threads, market):
    """Invariant 10: each issues several invoices of his own account and throws a third of them away."""
    accounts = [market.account(ON) for _ in range(16)]

    def issue(i):
        dice = random.Random(i)
        for _ in range(3):
            try:
                with transaction.atomic():
                    market.choose(accounts[i], "a", ON)
                    invoice_issue(account_id=accounts[i].pk, by=market.by, on=ON)
                    if dice.random() < 0.34:
                        raise Rollback
            except Rollback:
                continue
            License.objects.filter(account=accounts[i], state="invoiced").update(state="cancelled")
            accounts[i].terms.update(is_cancelled=True)

    threads(16, issue)
    numbers = sorted(Invoice.objects.values_list("sequence", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert 16 < len(numbers) < 48


def test_the_race_for_a_client_is_real(threads, manager, colleague):
    """Without the locks both find the client free and each makes an account."""
    card = make.ClientFactory()
    people = (manager, colleague)
    with without_protection("accounts.create.lock"), at("accounts.create.checked", meet(2)):
        results = threads(
            2,
            lambda i: account_create(client_id=card.pk, name=card.name, contact=None, by=people[i], on=ON),
            catch=(Conflict, IntegrityError),
        )
    assert all(isinstance(r, Account) for r in results)
