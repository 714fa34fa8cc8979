"""Histories of sales as Hypothesis draws them: any step, on any row, at any day (billing 3.13)."""

from __future__ import annotations

from collections import Counter
from datetime import date
from fractions import Fraction

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from accounts.models import Account
from core import clock
from licenses.models import Invoice, License, Payment, Term
from tests.licenses.market import Market

from . import checks
from .catalogue import PRICES
from .floor import Floor

pick = st.integers(0, 11)
TARIFFS = [code for code, row in PRICES.items() if row[1] == "tariff"]


class Selling(RuleBasedStateMachine):
    """One sales point and its accounts. `market` is set by the test; each history is rolled back."""

    market: Market
    told: Counter = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def teardown(self) -> None:
        if hasattr(self, "floor"):
            type(self).told.update(self.floor.told)
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @initialize(
        start=st.dates(date(2025, 1, 1), date(2025, 12, 31)),
        code=st.sampled_from(TARIFFS),
        months=st.sampled_from([1, 3, 12]),
    )
    def open(self, start, code, months) -> None:
        """A history begins with a live licence: without one most steps have nothing to do."""
        self.floor = Floor(self.market, start)
        self.floor.connect()
        self.sell(0, code, 3, months)

    # --- what there is ---------------------------------------------------------------------------------------

    def one(self, rows, n):
        found = list(rows.order_by("pk"))
        return found[n % len(found)] if found else None

    def account(self, n) -> Account:
        return Account.objects.get(pk=self.floor.accounts[n % len(self.floor.accounts)])

    def invoice(self, n, **states) -> Invoice | None:
        return self.one(Invoice.objects.filter(**states), n)

    def license(self, n, *states) -> License | None:
        return self.one(License.objects.filter(state__in=states).select_related("item__line", "term", "account"), n)

    # --- steps -----------------------------------------------------------------------------------------------

    @rule(days=st.sampled_from([0, 1, 2, 3, 4, 6, 15, 31, 75, 200]))
    def days_pass(self, days) -> None:
        self.floor.pass_days(days)

    @rule()
    def connect(self) -> None:
        if len(self.floor.accounts) < 3:
            self.floor.connect()

    @rule(
        n=pick,
        code=st.sampled_from(sorted(PRICES)),
        quantity=st.integers(1, 6),
        months=st.sampled_from([1, 3, 12]),
        ahead=st.sampled_from([0, 0, 0, 1, 30]),
    )
    def choose(self, n, code, quantity, months, ahead) -> None:
        self.floor.choose(self.account(n), code, quantity=quantity, months=months, ahead=ahead)

    @rule(
        n=pick,
        code=st.sampled_from(TARIFFS),
        quantity=st.integers(1, 6),
        months=st.sampled_from([1, 3, 12]),
        first=st.booleans(),
    )
    def sell(self, n, code, quantity, months, first=False) -> None:
        """The usual way in one step, so that histories reach what comes after it."""
        floor, account = self.floor, self.account(n)
        floor.choose(account, code, quantity=quantity, months=months, ahead=0)
        if invoice := floor.issue(account):
            self.settle(invoice, there_and_back=first)
            self.settle(invoice)

    @rule(
        n=pick,
        to=pick,
        quantity=st.integers(1, 6),
        finish=st.sampled_from(["plan", "issue", "ship", "ship", "there and back"]),
    )
    def change(self, n, to, quantity, finish) -> None:
        """From any running licence to anything of its kind and direction."""
        floor = self.floor
        license = self.one(
            License.objects.active(on=floor.on)
            .filter(term__isnull=False)
            .select_related("item__line", "term", "account"),
            n,
        )
        if license is None:
            return
        near = [code for code in PRICES if self.kin(code) == self.kin(license.item.code)]
        floor.change(license, near[to % len(near)], quantity)
        if finish == "plan" or (invoice := floor.issue(license.account)) is None or finish == "issue":
            return
        self.settle(invoice, there_and_back=finish == "there and back")

    def kin(self, code: str) -> tuple:
        item = self.market.items[code]
        return item.line.direction_id, item.kind

    def settle(self, invoice: Invoice, *, there_and_back: bool = False) -> None:
        """Pay, ship, activate."""
        floor = self.floor
        if floor.papers[invoice.pk].owed:
            floor.pay(invoice, floor.papers[invoice.pk].owed)
        if there_and_back:
            floor.there_and_back(invoice, later=2, activate=True)
        elif floor.ship(invoice):
            floor.activate(invoice)

    @rule(n=pick, quantity=st.integers(1, 6))
    def edit(self, n, quantity) -> None:
        if license := self.license(n, "selected"):
            self.floor.edit(license, quantity)

    @rule(n=pick)
    def drop(self, n) -> None:
        if license := self.license(n, "selected"):
            self.floor.drop(license)

    @rule(n=pick, promo=st.booleans())
    def issue(self, n, promo) -> None:
        self.floor.issue(self.account(n), promo=promo)

    @rule(n=pick, much=st.sampled_from(["part", "whole", "over"]))
    def pay(self, n, much) -> None:
        invoice = self.invoice(n, state="issued")
        if invoice is None:
            return
        owed = self.floor.papers[invoice.pk].owed
        amount = {
            "part": Fraction(owed.numerator * 100 // owed.denominator // 3, 100),
            "whole": owed,
            "over": owed + Fraction(12345, 100),
        }[much]
        if amount > 0:
            self.floor.pay(invoice, amount)

    @rule(n=pick)
    def spend(self, n) -> None:
        if invoice := self.invoice(n, state="issued"):
            self.floor.spend(invoice)

    @rule(n=pick, m=pick)
    def allocate_payment(self, n, m) -> None:
        payment, invoice = (
            self.one(Payment.objects.exclude(match_state__in=["matched", "overpaid"]), n),
            self.invoice(m, state="issued"),
        )
        if payment and invoice:
            self.floor.allocate_payment(payment, invoice)

    @rule(n=pick)
    def take_back(self, n) -> None:
        if invoice := self.invoice(n, state="issued"):
            self.floor.take_back(invoice)

    @rule(n=pick, in_debt=st.booleans())
    def ship(self, n, in_debt) -> None:
        if invoice := self.invoice(n):
            self.floor.ship(invoice, in_debt=in_debt)

    @rule(n=pick, later=st.integers(0, 3), activate=st.booleans())
    def there_and_back(self, n, later, activate) -> None:
        paid = [pk for pk, paper in self.floor.papers.items() if not paper.owed]
        if invoice := self.invoice(n, pk__in=paid, state="issued"):
            self.floor.there_and_back(invoice, later=later, activate=activate)

    @rule(n=pick)
    def cancel_shipment(self, n) -> None:
        rows = Invoice.objects.filter(shipments__isnull=False, shipments__cancelled_on=None)
        if invoice := self.one(rows, n):
            self.floor.cancel_shipment(invoice)

    @rule(n=pick)
    def activate(self, n) -> None:
        rows = Invoice.objects.filter(lines__license__isnull=False).distinct()
        if invoice := self.one(rows, n):
            self.floor.activate(invoice)

    @rule(n=pick, quantity=st.integers(0, 7))
    def allocate(self, n, quantity) -> None:
        if license := self.license(n, "shipped", "active"):
            self.floor.allocate(license, quantity)

    @rule(n=pick)
    def renew(self, n) -> None:
        if term := self.one(Term.objects.filter(is_cancelled=False, is_waiting=False), n):
            self.floor.renew(term)

    @rule(n=pick)
    def reprice(self, n) -> None:
        if invoice := self.invoice(n):
            self.floor.reprice(invoice)

    @rule(n=pick)
    def replace(self, n) -> None:
        if invoice := self.invoice(n):
            self.floor.replace(invoice)

    @rule(n=pick)
    def cancel(self, n) -> None:
        if invoice := self.invoice(n):
            self.floor.cancel(invoice)

    @rule(n=pick)
    def bill_again(self, n) -> None:
        self.floor.bill_again(self.account(n))

    @rule()
    def night(self) -> None:
        with clock.override(on=self.floor.on):
            self.floor.night()

    @invariant()
    def all_is_well(self) -> None:
        if hasattr(self, "floor"):
            checks.everything(self.floor)
