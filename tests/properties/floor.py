"""A sales floor: every step of a sale through the services, told beforehand by the oracle and compared afterwards.

`Floor` keeps what no row says: the ledger of payments and balances, the frozen rows of issued invoices. A refusal
(DomainError) is a step that changes nothing; steps that must not be refused assert it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from django.db import transaction

from accounts.models import Account
from core import clock
from core.errors import DomainError
from licenses.choices import LIVE_STATES
from licenses.models import (
    Invoice,
    License,
    Payment,
    Shipment,
    Term,
)
from licenses.selectors.changes import plan_change
from licenses.selectors.plans import Choice, plan_choice
from licenses.services import (
    HandPayment,
    account_copies_of_day,
    allocation_set,
    allocations_undo,
    balance_spend,
    invoice_activate,
    invoice_cancel,
    invoice_issue,
    invoice_replace,
    invoice_reprice,
    invoice_ship,
    license_drop,
    license_quantity_set,
    licenses_choose,
    payment_register,
    shipment_cancel,
    tariff_change,
)
from licenses.services.daily import accounts_to_rewrite
from licenses.services.spending import payment_allocate
from renewals.models import RenewalRow
from renewals.services import account_renew, renewals_night_all, renewals_sweep_all
from renewals.services.sweep import Swept
from tests.licenses.market import Market
from tests.snapshots import difference

from . import oracle
from .catalogue import PRICES, price_of, year_price
from .reading import (
    frozen_rows,
    has_later,
    journal,
    licenses_of,
    live_shipment,
    made_later,
    money,
    replaced_in,
    segment,
    settle,
    shipped_surplus,
    whole,
)


@dataclass
class Paper:
    """What the ledger knows of an invoice: roubles, and who paid (a payment's pk, or None for the balance)."""

    account: int
    total: Fraction
    parts: list[list] = field(default_factory=list)

    @property
    def paid(self) -> Fraction:
        return sum((amount for _source, amount in self.parts), Fraction(0))

    @property
    def owed(self) -> Fraction:
        return self.total - self.paid


class Floor:
    """`told` counts the steps that were taken, so that a run can show that it did something."""

    def __init__(self, market: Market, on: date) -> None:
        self.market, self.on = market, on
        self.accounts: list[int] = []
        self.balance: dict[int, Fraction] = defaultdict(Fraction)
        self.free: dict[int, Fraction] = {}
        self.papers: dict[int, Paper] = {}
        self.frozen: dict[int, tuple] = {}
        self.shown: dict[int, Fraction] = {}
        self.told: Counter = Counter()
        self.orders = 0

    # --- steps -----------------------------------------------------------------------------------------------

    def connect(self) -> None:
        self.accounts.append(self.market.account(self.on).pk)
        self.told["connect"] += 1

    def pass_days(self, number: int) -> None:
        """A day begins with what the nightly jobs do."""
        self.on += timedelta(days=number)
        with clock.override(on=self.on):
            renewals_sweep_all(on=self.on)
            for pk in accounts_to_rewrite(on=self.on):
                account_copies_of_day(account_id=pk, on=self.on)

    def choose(self, account: Account, code: str, *, quantity: int, months: int, ahead: int) -> None:
        starts_on = self.on + timedelta(days=ahead)
        quantity = quantity if PRICES[code][2] else 1
        service = PRICES[code][1] == "service"
        place = None if service else oracle.place_for(self.spans(account, code), starts_on, months)
        made = self.refusable("choose", lambda: self._choose(account, code, quantity, months, starts_on))
        if made is None:
            return
        row = made[0]
        if service:
            assert Fraction(row.amount) == year_price(code, self.on) * quantity
            return
        assert place is not None, "a second period of the direction was allowed"
        full = oracle.kopecks(price_of(code, place.months, self.on) * quantity)
        expected = (place.starts_on, place.ends_on, full, oracle.share(full, place.part, place.whole))
        assert (row.starts_on, row.ends_on, Fraction(row.list_amount), Fraction(row.amount)) == expected

    def _choose(self, account: Account, code: str, quantity: int, months: int, starts_on: date) -> list[License]:
        choices = [Choice(self.market.items[code].pk, quantity)]
        asked = {"months": months, "starts_on": starts_on, "payer_kind": "any", "on": self.on}
        plan = plan_choice(account, choices, **asked)
        payer = account.members.get(is_main=True).client_id
        return licenses_choose(
            account_id=account.pk, payer_id=payer, choices=choices, by=self.market.by, total=plan.total, **asked
        )

    def edit(self, license: License, quantity: int) -> None:
        made = self.refusable(
            "edit",
            lambda: license_quantity_set(license_id=license.pk, quantity=quantity, by=self.market.by, on=self.on),
        )
        if made is None or license.term is None:
            return
        span = self.span(Term.objects.get(pk=license.term_id))
        first = max(license.starts_on, self.on)
        full = oracle.kopecks(price_of(license.item.code, span.months, self.on) * quantity)
        part = oracle.days(first, span.ends_on)
        expected = full if first == span.starts_on else oracle.share(full, part, max(span.full_days, part))
        assert (made.quantity, made.starts_on, Fraction(made.amount)) == (quantity, first, expected)

    def drop(self, license: License) -> None:
        self.refusable("drop", lambda: license_drop(license_id=license.pk, by=self.market.by, on=self.on))

    def issue(self, account: Account, *, promo: bool = False) -> Invoice | None:
        return self.issued(
            self.refusable(
                "issue",
                lambda: invoice_issue(account_id=account.pk, by=self.market.by, on=self.on, promo_code="лето" if promo else ""),
            )
        )  # fmt: skip

    def issued(self, invoice: Invoice | None) -> Invoice | None:
        """Note an issued invoice; its lines are counted again."""
        if invoice is None:
            return None
        total = Fraction(0)
        for line in invoice.lines.select_related("license", "item", "invoice"):
            listed, discount = Fraction(line.list_amount), Fraction(0)
            if line.license.closes:
                discount = min(listed, sum((Fraction(part["credit"]) for part in line.license.closes), Fraction(0)))
                assert self.shown.get(line.license_id) in (None, listed - discount), "shown and invoiced differ (19)"
            elif invoice.promo_id:
                discount = oracle.kopecks(listed * Fraction(155, 1000))
            assert Fraction(line.amount) == listed - discount
            total += listed - discount
        assert Fraction(invoice.total) == total
        self.papers[invoice.pk] = Paper(invoice.account_id, total)
        self.frozen[invoice.pk] = frozen_rows(invoice.pk)
        return invoice

    def pay(self, invoice: Invoice, amount: Fraction) -> None:
        paper = self.papers[invoice.pk]
        self.orders += 1
        order = HandPayment(amount=money(amount), date=self.on, number=f"п{self.orders}")
        made = self.refusable(
            "pay", lambda: payment_register(invoice_id=invoice.pk, payment=order, by=self.market.by, on=self.on)
        )
        must = invoice.state == "issued" and paper.owed > 0
        assert (made is not None) == must, "a payable invoice takes money, another one does not"
        if made is not None:
            used = min(amount, paper.owed)
            paper.parts.append([made.pk, used])
            self.free[made.pk] = Fraction(0)
            self.balance[paper.account] += amount - used

    def spend(self, invoice: Invoice) -> None:
        paper = self.papers[invoice.pk]
        made = self.refusable("spend", lambda: balance_spend(invoice_id=invoice.pk, by=self.market.by, on=self.on))
        if made is not None:
            used = min(self.balance[paper.account], paper.owed)
            assert Fraction(made.amount) == used
            paper.parts.append([None, used])
            self.balance[paper.account] -= used

    def allocate_payment(self, payment: Payment, invoice: Invoice) -> None:
        paper = self.papers[invoice.pk]
        asked = {"payment_id": payment.pk, "invoice_id": invoice.pk}
        made = self.refusable("allocate payment", lambda: payment_allocate(**asked, by=self.market.by, on=self.on))
        if made is not None:
            used = min(self.free[payment.pk], paper.owed)
            assert Fraction(made.amount) == used
            paper.parts.append([payment.pk, used])
            self.free[payment.pk] -= used

    def take_back(self, invoice: Invoice) -> None:
        if (
            self.refusable("undo", lambda: allocations_undo(invoice_id=invoice.pk, by=self.market.by, on=self.on))
            is None
        ):
            return
        self._freed(self.papers[invoice.pk])

    def _freed(self, paper: Paper) -> list[list]:
        parts, paper.parts = paper.parts, []
        for source, amount in parts:
            if source is None:
                self.balance[paper.account] += amount
            else:
                self.free[source] += amount
        return parts

    def ship(self, invoice: Invoice, *, in_debt: bool = False) -> Shipment | None:
        paper, by = self.papers[invoice.pk], self.market.head if in_debt else self.market.by
        closing = [row for row in licenses_of(invoice) if row.closes]
        reason = "Бюджетная организация" if in_debt else ""
        made = self.refusable(
            "ship", lambda: invoice_ship(invoice_id=invoice.pk, by=by, on=self.on, debt_reason=reason)
        )
        can = invoice.state == "issued" and not live_shipment(invoice) and (in_debt or not paper.owed)
        if made is None:
            assert closing or not can or (made_later(invoice, self.on)), "a paid invoice was not shipped"
            return None
        assert can or made, "shipped what must not be"
        assert Fraction(made.amount) == paper.total
        for row in closing:
            credit = sum((Fraction(part["credit"]) for part in row.closes), Fraction(0))
            self.balance[paper.account] += max(credit - Fraction(row.amount), Fraction(0))
        return made

    def cancel_shipment(self, invoice: Invoice) -> bool:
        shipment = live_shipment(invoice)
        licenses = licenses_of(invoice)
        surplus = shipped_surplus(licenses)
        made = self.refusable(
            "cancel shipment",
            lambda: shipment_cancel(invoice_id=invoice.pk, reason="Клиент не пришел", by=self.market.head, on=self.on),
        )
        if made is None:
            late = (self.on - shipment.shipped_on).days > 3
            spent = self.balance[self.papers[invoice.pk].account] < surplus
            assert late or spent or has_later(licenses), "a shipment of the last three days was not cancelled"
            return False
        self.balance[self.papers[invoice.pk].account] -= surplus
        return True

    def there_and_back(self, invoice: Invoice, *, later: int, activate: bool) -> None:
        """Invariant 9: ship, use, cancel leave the whole database as it was."""
        with transaction.atomic():
            before, told, due = whole(), journal(), self._due(later)
            balance = dict(self.balance)
            if self.ship(invoice) is None:
                return
            if activate:
                self.activate(invoice)
            day, self.on = self.on, self.on + timedelta(days=later)
            with clock.override(on=self.on):
                undone = self.cancel_shipment(invoice)
            self.on = day
            if not undone:
                return
            left = difference(before, whole())
            assert left == {}, left
            assert journal()[: len(told)] == told, "the journal only grows"
            assert self._due(later) == due
            assert dict(self.balance) == balance
            self.told["there and back"] += 1

    def _due(self, later: int) -> list[dict]:
        """The rows of renewals as the night of that day would tell them; what the night wrote is taken back."""
        with transaction.atomic():
            renewals_sweep_all(on=self.on + timedelta(days=later))
            rows = list(RenewalRow.objects.order_by("pk").values())
            transaction.set_rollback(True)
        return [{name: value for name, value in row.items() if name != "as_of"} for row in rows]

    def activate(self, invoice: Invoice) -> None:
        made = self.refusable(
            "activate", lambda: invoice_activate(invoice_id=invoice.pk, by=self.market.by, on=self.on)
        )
        assert (made is not None) == (live_shipment(invoice) is not None and not replaced_in(invoice))

    def change(self, license: License, code: str, quantity: int) -> None:
        quantity = quantity if PRICES[code][2] else 1
        expected = self.expected_change(license, code, quantity)
        made = self.refusable("change", lambda: self._change(license, code, quantity))
        if made is None:
            return
        credit = sum((Fraction(part["credit"]) for part in made.closes), Fraction(0))
        assert (credit, Fraction(made.amount)) == (expected.credit, expected.price), (credit, made.amount, expected)
        if PRICES[code][0] != "ub":
            assert made.ends_on == license.ends_on, "an end was moved (7)"
        else:
            assert credit == 0, "УБ credits nothing (8)"
        self.shown[made.pk] = expected.due

    def _change(self, license: License, code: str, quantity: int) -> License:
        item = self.market.items[code]
        plan = plan_change(license, item, on=self.on, quantity=quantity)
        assert plan.due - plan.surplus == plan.price - plan.credit  # invariant 3
        return tariff_change(
            license_id=license.pk, item_id=item.pk, quantity=quantity, by=self.market.head, on=self.on, due=plan.due
        )

    def expected_change(self, license: License, code: str, quantity: int) -> oracle.Change:
        """Billing 3.6 read once more."""
        line = PRICES[code][0]
        closed = [license]
        if PRICES[license.item.code][1] == "tariff" and line != license.item.line.code:
            same = License.objects.filter(
                term=license.term_id, state="active", starts_on__lte=self.on, ends_on__gte=self.on
            )
            if not same.filter(item__line=license.item.line_id, item__kind="tariff").exclude(pk=license.pk).exists():
                closed += same.filter(item__line=license.item.line_id, item__kind="extension")
        span = self.span(license.term)
        listed = oracle.kopecks(price_of(code, span.months, self.on) * quantity)
        if line != "ub":
            credit = sum((segment(row).credit(self.on, row.quantity) for row in closed), Fraction(0))
            return oracle.Change(credit, oracle.share(listed, oracle.days(self.on, license.ends_on), span.full_days))
        others = License.objects.filter(term=license.term_id, state__in=LIVE_STATES, ends_on__gte=self.on)
        if not others.exclude(pk__in=[row.pk for row in closed]).exists():
            listed = oracle.kopecks(price_of(code, 12, self.on) * quantity)
        return oracle.Change(Fraction(0), listed)

    def allocate(self, license: License, quantity: int) -> None:
        client = license.account.members.get(is_main=True).client_id
        given = {"license_id": license.pk, "shares": {client: quantity}}
        made = self.refusable("allocate", lambda: allocation_set(**given, by=self.market.by, on=self.on))
        assert made is None or quantity <= license.quantity, "more than bought was given away"

    def renew(self, term: Term) -> None:
        made = self.refusable(
            "renew",
            lambda: account_renew(account_id=term.account_id, term_ids=[term.pk], by=self.market.by, on=self.on),
        )
        if made is None:
            return
        self.issued(made)
        for row in licenses_of(made):
            if row.term_id is None:
                continue
            first = max(term.ends_on + oracle.ONE_DAY, self.on)
            assert row.starts_on == first
            if row.state == "invoiced" and row.term.starts_on == first:
                span = self.span(row.term)
                full = oracle.kopecks(price_of(row.item.code, span.months, self.on) * row.quantity)
                assert Fraction(row.list_amount) in (full, oracle.kopecks(Fraction(row.price.amount) * row.quantity))
        self.refused(
            lambda: account_renew(account_id=term.account_id, term_ids=[term.pk], by=self.market.by, on=self.on)
        )

    def reprice(self, invoice: Invoice) -> None:
        paper = self.papers[invoice.pk]
        made = self.refusable("reprice", lambda: invoice_reprice(invoice_id=invoice.pk, by=self.market.by, on=self.on))
        if made is None:
            return
        parts = self._freed(paper)
        for row in licenses_of(made):
            self.shown.pop(row.pk, None)  # a new offer
        self.issued(made)
        new = self.papers[made.pk]
        for source, amount in [part for part in parts if part[0]] + [part for part in parts if not part[0]]:
            used = min(amount, new.owed)
            if used:
                new.parts.append([source, used])
            if source is None:
                self.balance[paper.account] -= used
            else:
                self.free[source] -= amount
                self.balance[paper.account] += amount - used

    def replace(self, invoice: Invoice) -> None:
        self.issued(
            self.refusable("replace", lambda: invoice_replace(invoice_id=invoice.pk, by=self.market.by, on=self.on))
        )

    def cancel(self, invoice: Invoice) -> None:
        made = self.refusable(
            "cancel", lambda: invoice_cancel(invoice_id=invoice.pk, reason="Ошиблись", by=self.market.by, on=self.on)
        )
        free = not self.papers[invoice.pk].paid and not live_shipment(invoice) and invoice.state == "issued"
        assert (made is not None) == free

    def night(self) -> None:
        """Invariant 13: the nightly work twice leaves what once leaves, and nothing that was sold escapes it."""
        renewals_night_all(on=self.on)
        assert renewals_sweep_all(on=self.on) == Swept()
        self.told["night"] += 1

    def bill_again(self, account: Account) -> None:
        """Invariant 22: when everything chosen is invoiced there is nothing more to bill."""
        self.issue(account)
        if not License.objects.filter(account=account, state="selected").exists():
            self.refused(lambda: invoice_issue(account_id=account.pk, by=self.market.by, on=self.on))
            self.told["nothing to bill"] += 1

    # --- means -----------------------------------------------------------------------------------------------

    def refusable(self, step: str, act):
        """act() on the day, or None when it was refused; deferred constraints are checked as a commit would."""
        with clock.override(on=self.on):
            try:
                with transaction.atomic():
                    made = act()
                    settle()
            except DomainError as refusal:
                assert refusal.message
                self.told[f"{step} refused"] += 1
                return None
        self.told[step] += 1
        return made

    def refused(self, act) -> None:
        with clock.override(on=self.on):
            try:
                with transaction.atomic():
                    act()
            except DomainError:
                return
        raise AssertionError("not refused")

    def spans(self, account: Account, code: str) -> list[oracle.Span]:
        direction = self.market.items[code].line.direction_id
        terms = Term.objects.filter(account=account, direction=direction, is_cancelled=False, is_waiting=False)
        return [self.span(term) for term in terms.order_by("starts_on")]

    @staticmethod
    def span(term: Term) -> oracle.Span:
        return oracle.Span(term.pk, term.starts_on, term.ends_on, term.months, term.anchor_day)
