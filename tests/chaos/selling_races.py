"""Races over one sale: numbers, shipment, activation, money, undo. Each with its control: row locks off, or numbers counted.

A trial returns (wrong, told). Anything but a result or a sentence to the user (DomainError) counts as wrong.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from unittest import mock

from django.db import connections, transaction
from django.db.models import Max, QuerySet, Sum


class Fair:
    """A sales point with a price list, and threads that begin at one moment."""

    def __init__(self, threads: int, seed: int = 1) -> None:
        from core import clock
        from tests import factories as make
        from tests.licenses.market import open_market

        self.by = make.employee("head")
        self.on, self.threads, self.dice = clock.today(), threads, Random(seed)
        self.market = open_market(self.by)
        self.market.item("a", 6000, months=(12,))
        self.market.item("b", 1000, line="edo", months=(12,))

    def invoice(self, *, paid: bool = False, shipped: bool = False, account=None, code: str = "a"):
        from licenses.services import invoice_ship

        account = account or self.market.account(self.on)
        self.market.choose(account, code, self.on)
        made = self.market.issue(account, self.on)
        if paid:
            self.market.pay(made, self.on)
        if shipped:
            invoice_ship(invoice_id=made.pk, by=self.by, on=self.on)
        return made

    def together(self, act: Callable[[int], object]) -> tuple[list, int]:
        """act(0) … act(n - 1) at one moment: what they returned (refusals as they are), how many broke otherwise."""
        from core.errors import DomainError

        barrier, broken = threading.Barrier(self.threads), []

        def one(index: int):
            try:
                connections["default"].ensure_connection()
                barrier.wait(60)
                return act(index)
            except DomainError as refusal:
                return refusal
            except Exception as error:
                broken.append(error)
                return error
            finally:
                connections.close_all()

        with ThreadPoolExecutor(self.threads) as pool:
            results = list(pool.map(one, range(self.threads)))
        return results, len(broken)


def won(results: list) -> int:
    return sum(not isinstance(result, Exception) for result in results)


# --- trials -----------------------------------------------------------------------------------------------------


def numbers(fair: Fair, rounds: int) -> tuple[int, str]:
    """Everybody issues, a third of the transactions is thrown away: 1…k per legal entity and year."""
    from licenses.models import Invoice, License, Term
    from licenses.services import invoice_issue

    accounts = [fair.market.account(fair.on) for _ in range(fair.threads)]
    thrown = 0

    class Thrown(Exception):
        pass

    def issue(index: int) -> int:
        lost, dice = 0, Random(index)
        for _ in range(rounds):
            try:
                with transaction.atomic():
                    fair.market.choose(accounts[index], "a", fair.on)
                    invoice_issue(account_id=accounts[index].pk, by=fair.by, on=fair.on)
                    if dice.random() < 0.34:
                        raise Thrown
            except Thrown:
                lost += 1
                continue
            License.objects.filter(account=accounts[index], state="invoiced").update(state="cancelled")
            Term.objects.filter(account=accounts[index]).update(is_cancelled=True)
        return lost

    results, broken = fair.together(issue)
    thrown = sum(result for result in results if isinstance(result, int))
    found = sorted(Invoice.objects.filter(account__in=accounts).values_list("sequence", flat=True))
    first = found[0] if found else 1
    gaps = found != list(range(first, first + len(found)))
    return broken + gaps, f"{len(found)} numbers, {thrown} transactions thrown away"


def shipped_once(fair: Fair, rounds: int) -> tuple[int, str]:
    from licenses.services import invoice_ship

    wrong = 0
    for _ in range(rounds):
        made = fair.invoice(paid=True)
        results, broken = fair.together(lambda _i, pk=made.pk: invoice_ship(invoice_id=pk, by=fair.by, on=fair.on))
        wrong += bool(broken or won(results) != 1 or made.shipments.count() != 1)
    return wrong, f"{rounds} invoices"


def activated_once(fair: Fair, rounds: int) -> tuple[int, str]:
    from core.models import JournalEntry
    from licenses.services import invoice_activate

    wrong = 0
    for _ in range(rounds):
        made = fair.invoice(paid=True, shipped=True)
        before = JournalEntry.objects.filter(code="license.activated").count()
        results, broken = fair.together(lambda _i, pk=made.pk: invoice_activate(invoice_id=pk, by=fair.by, on=fair.on))
        after = JournalEntry.objects.filter(code="license.activated").count()
        wrong += bool(broken or won(results) != fair.threads or after != before + 1)
    return wrong, f"{rounds} invoices"


def paid_once(fair: Fair, rounds: int) -> tuple[int, str]:
    from licenses.models import Invoice
    from licenses.services import HandPayment, payment_register

    wrong = 0
    for n in range(rounds):
        made = fair.invoice()

        def pay(index: int, made=made, n=n):
            order = HandPayment(made.total, fair.on, number=f"{n}-{index}")
            return payment_register(invoice_id=made.pk, payment=order, by=fair.by, on=fair.on)

        results, broken = fair.together(pay)
        paid = Invoice.objects.with_paid().get(pk=made.pk).paid
        wrong += bool(broken or won(results) != 1 or paid != made.total)
    return wrong, f"{rounds} invoices"


def balance_spent_once(fair: Fair, rounds: int) -> tuple[int, str]:
    """The balance is enough for one of two invoices."""
    from licenses.models import BalanceEntry
    from licenses.services import balance_spend

    wrong = 0
    for _ in range(rounds):
        first = fair.invoice()
        fair.market.pay(first, fair.on, first.total + 1000)
        account = first.account
        pair = [fair.invoice(account=account, code="b").pk]
        fair.market.item(f"c{account.pk}", 1000, line="edo", months=(12,))
        pair.append(fair.invoice(account=account, code=f"c{account.pk}").pk)
        _, broken = fair.together(lambda i, pair=pair: balance_spend(invoice_id=pair[i % 2], by=fair.by, on=fair.on))
        left = BalanceEntry.objects.filter(account=account).aggregate(left=Sum("amount"))["left"]
        wrong += bool(broken or left != 0)
    return wrong, f"{rounds} balances for two invoices each"


def undone_or_activated(fair: Fair, rounds: int) -> tuple[int, str]:
    """Half cancel the shipment while half activate: never an active licence without a shipment."""
    from core import invariants
    from licenses.services import invoice_activate, shipment_cancel

    wrong = 0
    for _ in range(rounds):
        made = fair.invoice(paid=True, shipped=True)

        def act(index: int, pk=made.pk):
            if index % 2:
                return invoice_activate(invoice_id=pk, by=fair.by, on=fair.on)
            return shipment_cancel(invoice_id=pk, reason="Гонка", by=fair.by, on=fair.on)

        _, broken = fair.together(act)
        wrong += bool(broken or invariants.check(["licenses.active_without_shipment"]))
    return wrong, f"{rounds} invoices"


def invariants_hold(fair: Fair, rounds: int) -> tuple[int, str]:
    """After all of it: every query of check_invariants."""
    from core import invariants
    from renewals.services import renewals_sweep_all

    renewals_sweep_all(on=fair.on)
    broken = invariants.check(
        [one.code for one in invariants.every() if not one.code.startswith(("core.", "partners."))]
    )
    return len(broken), f"{', '.join(one.invariant.code for one in broken) or 'all queries are silent'}"


# --- controls ---------------------------------------------------------------------------------------------------


@contextmanager
def numbers_counted():
    """MAX + 1 in the place of the counter row."""
    from licenses.models import Invoice

    def counted(series: str) -> int:
        last = Invoice.objects.aggregate(last=Max("sequence"))["last"] or 0
        time.sleep(0.01)
        return last + 1

    with mock.patch("licenses.services.invoices.next_number", counted):
        yield


@contextmanager
def row_locks_off():
    """No SELECT … FOR UPDATE: whoever reads does not wait."""
    with mock.patch.object(QuerySet, "select_for_update", lambda self, **_options: self._chain()):
        yield


TRIALS = (numbers, shipped_once, activated_once, paid_once, balance_spent_once, undone_or_activated, invariants_hold)
# The counted numbers come last: they leave the counter behind.
CONTROLS = (
    (row_locks_off, shipped_once), (row_locks_off, activated_once), (row_locks_off, paid_once),
    (row_locks_off, balance_spent_once), (row_locks_off, undone_or_activated), (numbers_counted, numbers),
)  # fmt: skip
