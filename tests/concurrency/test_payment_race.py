"""Two people place one payment: never more than came, and without the protection it would be more (reliability 4.1)."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import IntegrityError, connection
from django.db.models import Sum

from core import clock, invariants
from core.errors import DomainError
from core.faults import at, without_protection
from licenses.models import BalanceEntry, Payment, PaymentAllocation
from licenses.services import Part, payment_spread, payment_undo
from tests import factories as make
from tests.licenses.market import open_market
from tests.selling import ON

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def noon():
    with clock.override(on=ON):
        yield


@pytest.fixture
def invoices(manager):
    """Two invoices of 6 000 ₽ in two accounts: the locks of accounts do not help."""
    market = open_market(manager)
    market.item("a", 6000, months=(12,))
    found = []
    for _ in range(2):
        account = market.account(ON, make.ClientFactory())
        market.choose(account, "a", ON)
        found.append(market.issue(account, ON))
    return found


@pytest.fixture
def payment(invoices):
    return Payment.objects.create(
        legal_entity=invoices[0].legal_entity, source="statement", number="1", date=ON, received_on=ON, amount=Decimal(6000),
        created_at=clock.now(),
    )  # fmt: skip


def meet(parties: int):
    barrier = Barrier(parties)

    def wait() -> None:
        try:
            barrier.wait(1)
        except BrokenBarrierError:
            return

    return wait


def used() -> Decimal:
    parts = PaymentAllocation.objects.filter(undone_at__isnull=True).aggregate(s=Sum("amount"))["s"] or 0
    return parts + (BalanceEntry.objects.filter(payment__isnull=False).aggregate(s=Sum("amount"))["s"] or 0)


def both(threads, payment, invoices, by, *, to_balance: bool):
    """One places the payment on an invoice, the other on another invoice or on a balance."""

    def act(index: int):
        parts = [] if to_balance and index else [Part(invoices[index].pk)]
        rest = invoices[1].account_id if to_balance and index else None
        try:
            return payment_spread(payment_id=payment.pk, parts=parts, rest_account_id=rest, by=by, on=ON)
        except DomainError as error:
            return error.code

    return threads(2, act)


@pytest.mark.parametrize("to_balance", [False, True])
def test_two_people_place_one_payment(threads, payment, invoices, manager, to_balance):
    results = both(threads, payment, invoices, manager, to_balance=to_balance)
    assert sorted(isinstance(result, list) for result in results) == [False, True]
    assert used() == payment.amount
    assert not [found for found in invariants.check() if "payment" in found.invariant.code]


@contextmanager
def no_triggers():
    pairs = (("licenses_paymentallocation", "payment_allocation_sums"), ("licenses_balanceentry", "payment_kept_sums"))
    try:
        for do in ("DISABLE", "ENABLE"):
            with connection.cursor() as cursor:
                for table, trigger in pairs:
                    cursor.execute(f"ALTER TABLE {table} {do} TRIGGER {trigger}")
            if do == "DISABLE":
                yield
    finally:
        with connection.cursor() as cursor:
            for table, trigger in pairs:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")


@pytest.mark.parametrize("to_balance", [False, True])
def test_without_lock_and_triggers_more_is_placed_than_came(threads, payment, invoices, manager, to_balance):
    """The control: the race is real."""
    with no_triggers(), without_protection("licenses.payment.lock"), at("licenses.payment.read", meet(2)):
        both(threads, payment, invoices, manager, to_balance=to_balance)
    assert used() == 2 * payment.amount


@pytest.mark.parametrize("to_balance", [False, True])
def test_without_the_lock_the_schema_still_refuses(threads, payment, invoices, manager, to_balance):
    def tolerant(index: int):
        parts = [] if to_balance and index else [Part(invoices[index].pk)]
        rest = invoices[1].account_id if to_balance and index else None
        try:
            return payment_spread(payment_id=payment.pk, parts=parts, rest_account_id=rest, by=manager, on=ON)
        except (DomainError, IntegrityError):
            return None

    with without_protection("licenses.payment.lock"), at("licenses.payment.read", meet(2)):
        threads(2, tolerant)
    assert used() == payment.amount


def test_one_places_while_another_takes_back(threads, payment, invoices, manager):
    payment_spread(payment_id=payment.pk, parts=[Part(invoices[0].pk)], by=manager, on=ON)

    def act(index: int):
        try:
            if index:
                return payment_undo(payment_id=payment.pk, by=manager, on=ON)
            return payment_spread(payment_id=payment.pk, parts=[Part(invoices[1].pk)], by=manager, on=ON)
        except DomainError as error:
            return error.code

    threads(2, act)
    assert used() in (0, payment.amount)
    assert not [found for found in invariants.check() if "payment" in found.invariant.code]
