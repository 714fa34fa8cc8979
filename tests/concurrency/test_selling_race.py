"""Two people at one moment: connecting one client, activating one invoice, taking invoice numbers (issue 2; B2, B4)."""

import time

import pytest

from accounts.models import Account
from accounts.services import account_create
from core import clock
from core.errors import Conflict
from core.faults import at, without_protection
from core.models import JournalEntry
from licenses.models import Invoice
from licenses.services import invoice_activate, invoice_issue
from tests import factories as make
from tests.people import _person
from tests.selling import CONTACT, ON, open_shop


@pytest.fixture
def shop(transactional_db):
    point = make.SalesPointFactory(code="7699", serves=("39",))
    with clock.override(on=ON):
        yield open_shop(
            _person("manager", "manager", "Менеджерова", point), _person("operator", "operator", "Оператор", point)
        )


def connected_by(threads, shop, people) -> int:
    """How many accounts one client has after everybody pressed «Создать» at once."""
    client = make.ClientFactory(region_code="39")

    def connect(i: int):
        with clock.override(on=ON):
            return account_create(client_id=client.pk, name="Одна", contact=CONTACT, by=people[i], on=ON)

    threads(len(people), connect, catch=(Conflict,))
    return Account.objects.filter(members__client=client).count()


@pytest.mark.rows("R2.71", "RX.6")
def test_two_people_connect_one_client_once(threads, shop):
    people = [make.employee(point=shop.by.salespoint) for _ in range(4)]
    assert [connected_by(threads, shop, people) for _ in range(3)] == [1, 1, 1]


def test_two_people_activate_one_invoice_once(threads, shop):
    account = shop.account()
    shop.choose(account, "eo-basic", "edo-free")
    invoice = shop.issue(account)
    shop.pay(invoice)
    shop.ship(invoice)

    def activate(_i: int):
        with clock.override(on=ON):
            return invoice_activate(invoice_id=invoice.pk, by=shop.by, on=ON)

    threads(6, activate)
    assert JournalEntry.objects.filter(code="license.activated").count() == 2
    account.refresh_from_db()
    assert account.is_paid(ON)


@pytest.mark.rows("R2.96")
def test_invoice_numbers_have_no_gap_with_rollbacks(threads, shop):
    accounts = []
    for n in range(16):
        shop.client = make.ClientFactory(name=f"Клиент {n}, ООО", region_code="39")
        accounts.append(shop.account())
        shop.choose(accounts[-1], "eo-light")

    def issue(i: int):
        from django.db import transaction

        with clock.override(on=ON):
            if i % 3 == 0:
                try:
                    with transaction.atomic():
                        invoice_issue(account_id=accounts[i].pk, by=shop.by, on=ON)
                        raise RuntimeError("the rest of the step failed")
                except RuntimeError:
                    return None
            return invoice_issue(account_id=accounts[i].pk, by=shop.by, on=ON).sequence

    issued = [number for number in threads(16, issue) if number is not None]
    assert sorted(issued) == list(range(1, len(issued) + 1))
    assert Invoice.objects.count() == len(issued)


def test_without_the_lock_one_client_gets_two_accounts(threads, shop):
    """The control: with the protection off the fault shows."""
    people = [make.employee(point=shop.by.salespoint) for _ in range(4)]
    with without_protection("accounts.create.lock"), at("accounts.create.checked", lambda: time.sleep(0.05)):
        assert max(connected_by(threads, shop, people) for _ in range(5)) > 1
