"""Two years of renewals lived day by day: people renew, refuse, come back, hand over; the nightly jobs run, or do not.

What people do is drawn from a seed and does not depend on the nights, so that different nights can be compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from random import Random

from accounts.choices import CallResult
from accounts.models import Account, Task
from accounts.services.account import account_assign
from accounts.services.work import call_log
from core import clock
from core.errors import DomainError
from licenses.models import License, Term
from licenses.services import invoice_cancel, shipment_cancel
from partners.models import Employee
from renewals import rules
from renewals.choices import EFFECTS
from renewals.models import Outcome, Reminder, RenewalRow
from renewals.services import (
    Evidence,
    account_renew,
    outcome_set,
    outcome_withdraw,
    prompts_make,
    renewals_night_all,
    rows_to_prompt,
)
from renewals.services.reminders import accounts_to_write, letters_write
from tests.licenses.market import Market

START = date(2025, 1, 10)
COMMENT = "Закрывают бизнес, продлевать не будут"


@dataclass
class Term_:
    """What the slow rule has to know of a sold term."""

    pk: int
    direction: int
    starts_on: date
    ends_on: date
    shipped_on: date
    outcome: str | None


@dataclass
class Years:
    """`told` counts what people did."""

    market: Market
    people: list[Employee]
    head: Employee
    seed: int
    accounts: int
    length: int = 731
    events: dict[date, list[Callable[[], object]]] = field(default_factory=lambda: defaultdict(list))
    told: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    letters: set[tuple] = field(default_factory=set)
    facts: dict[int, list[Term_]] = field(default_factory=dict)

    def begin(self) -> None:
        """Every account buys one or two directions, spread over the first half year."""
        for number in range(self.accounts):
            rng = Random(f"{self.seed}:{number}")
            account = self.market.account(START)
            self.facts[account.pk] = []
            for code in rng.sample(["a", "d"], rng.randint(1, 2)):
                day = START + timedelta(days=rng.randrange(1, 150))
                months = rng.choice([1, 3, 12])
                self.plan(day, partial(self.buy, account, code, months, day, rng.random()))

    def plan(self, day: date, act: Callable[[], object]) -> None:
        self.events[day].append(act)

    def buy(self, account: Account, code: str, months: int, day: date, luck: float) -> None:
        chosen = self.market.choose(account, code, day, months=months)
        self.market.deliver(self.market.issue(account, day, license_ids=[chosen.pk]), day)
        self.told["sold"] += 1
        self.foresee(account, chosen.term, Random(f"{self.seed}:{luck}"))

    # --- what people will do about the end of a term ---------------------------------------------------------

    def foresee(self, account: Account, term: Term, rng: Random) -> None:
        """Drawn once per term; days are counted from its end."""
        end = term.ends_on

        def at(first: int, last: int) -> date:
            return max(end + timedelta(days=rng.randint(first, last)), clock.today())

        if rng.random() < 0.5:
            self.plan(at(-75, -1), partial(self.call, account))
        if rng.random() < 0.4:
            self.plan(at(-80, 10), partial(self.hand_over, account, rng.randrange(9)))
        fate = rng.choices(
            ["renew", "late", "refuse", "moved", "zero", "silent", "cancel"], [34, 12, 18, 6, 6, 12, 12]
        )[0]
        if fate == "renew":
            self.plan_renewal(account, term, at(-70, -5), rng.randint(0, 4), rng)
        elif fate == "late":
            self.plan_renewal(account, term, at(1, 150), rng.randint(0, 9), rng)
        elif fate == "refuse":
            day, back = at(-50, 30), rng.random()
            self.plan(day, lambda: self.say(term, rng.choice(["wrong_contacts", "left_us", "liquidating"])))
            if back < 0.35:
                self.plan(day + timedelta(days=rng.randint(1, 40)), lambda: self.withdraw(term))
            elif back < 0.7:
                self.plan_renewal(account, term, day + timedelta(days=rng.randint(1, 120)), 0, rng)
        elif fate in ("moved", "zero"):
            self.plan(at(-40, 20), lambda: self.say(term, "zero_reporting" if fate == "zero" else "moved_account"))
        elif fate == "cancel":
            self.plan(at(-55, -10), lambda: self.invoice_and_cancel(account, term))

    def plan_renewal(self, account: Account, term: Term, day: date, wait: int, rng: Random) -> None:
        undo, luck = rng.random() < 0.2, rng.random()
        self.plan(day, lambda: self.renew(account, term, wait, undo, luck))

    # --- what they do ----------------------------------------------------------------------------------------

    def renew(self, account: Account, term: Term, wait: int, undo: bool, luck: float) -> None:
        today = clock.today()
        made = self.tried(
            "renewed", lambda: account_renew(account_id=account.pk, term_ids=[term.pk], by=self.market.by, on=today)
        )
        if made is None:
            return
        day = today + timedelta(days=wait)
        self.plan(day if wait else today, lambda: self.deliver(made, account, undo, luck))

    def deliver(self, invoice, account: Account, undo: bool, luck: float) -> None:
        today = clock.today()
        if self.tried("delivered", lambda: self.market.deliver(invoice, today)) is None:
            return
        term = invoice.lines.order_by("position").first().license.term
        if undo:
            later = today + timedelta(days=2)
            self.plan(later, lambda: self.tried("undone", lambda: shipment_cancel(invoice_id=invoice.pk, reason="Ошиблись", by=self.head, on=clock.today())))  # fmt: skip
        else:
            self.foresee(account, term, Random(f"{self.seed}:{luck}"))

    def invoice_and_cancel(self, account: Account, term: Term) -> None:
        today = clock.today()
        made = self.tried(
            "invoiced", lambda: account_renew(account_id=account.pk, term_ids=[term.pk], by=self.market.by, on=today)
        )
        if made is not None:
            self.plan(
                today + timedelta(days=6),
                lambda: self.tried("cancelled", lambda: invoice_cancel(invoice_id=made.pk, reason="Не нужен", by=self.market.by, on=clock.today())),
            )  # fmt: skip

    def say(self, term: Term, kind: str) -> None:
        evidence = Evidence(competitor="Другой оператор", reason="Дешевле")
        if kind == "moved_account":
            other = Account.objects.exclude(pk=term.account_id).order_by("pk").first()
            evidence = Evidence(target_number=other.number, move="additional")
        self.tried(
            f"outcome {kind}",
            lambda: outcome_set(term_id=term.pk, kind=kind, by=self.head, on=clock.today(), comment=COMMENT, evidence=evidence),
        )  # fmt: skip

    def withdraw(self, term: Term) -> None:
        found = Outcome.objects.filter(term=term, withdrawn_at=None).first()
        if found is not None:
            self.tried("withdrawn", lambda: outcome_withdraw(outcome_id=found.pk, by=self.head, on=clock.today()))

    def call(self, account: Account) -> None:
        account.refresh_from_db()
        member = account.members.get(is_main=True)
        self.tried(
            "called",
            lambda: call_log(
                client_id=member.client_id, result=CallResult.TALKED, by=account.manager, on=clock.today()
            ),
        )

    def hand_over(self, account: Account, number: int) -> None:
        heir = self.people[number % len(self.people)]
        self.tried(
            "handed over",
            lambda: account_assign(account_id=account.pk, manager_id=heir.pk, by=self.head, on=clock.today()),
        )

    def tried(self, what: str, act):
        try:
            made = act()
        except DomainError:
            self.told[f"{what} refused"] += 1
            return None
        self.told[what] += 1
        return made

    # --- days ------------------------------------------------------------------------------------------------

    def live(
        self, nights: Callable[[int], int], *, check: Callable[[date], None] | None = None, last_night: bool = True
    ) -> dict:
        """Every day: the nightly jobs as many times as `nights(day)` says, then the people; the state at the end."""
        self.begin()
        for number in range(self.length):
            on = START + timedelta(days=number)
            with clock.override(on=on):
                for _ in range(nights(number)):
                    night(on)
                todo = self.events.get(on, [])
                for act in todo:  # an act may add another one to its own day
                    act()
                if todo:
                    self.read_facts()
                if check and nights(number):
                    check(on)
        if last_night:  # the outage, if there was one, is over
            with clock.override(on=on):
                night(on)
        self.ended_on, self.letters = on, letters()
        return state()

    def read_facts(self) -> None:
        for pk in self.facts:
            self.facts[pk] = []
            for term in Term.objects.filter(account=pk, is_cancelled=False, is_waiting=False).order_by(
                "starts_on", "pk"
            ):
                rows = License.objects.filter(term=term, state__in=["shipped", "active", "replaced"])
                if shipped := [row.shipped_on for row in rows]:
                    kind = Outcome.objects.filter(term=term, withdrawn_at=None).values_list("kind", flat=True).first()
                    self.facts[pk].append(
                        Term_(term.pk, term.direction_id, term.starts_on, term.ends_on, min(shipped), kind)
                    )

    def slow_rows(self, on: date) -> dict[int, tuple[str, bool]]:
        """{term: (category, stands for its account)} by the pure rule from the facts, term by term."""
        found: dict[int, tuple[str, bool]] = {}
        for terms in self.facts.values():
            last: list[tuple[str, date, int]] = []
            for direction in sorted({term.direction for term in terms}):
                chain = [term for term in terms if term.direction == direction]
                for n, term in enumerate(chain):
                    renewed = min((later.shipped_on for later in chain[n + 1 :]), default=None)
                    kind = rules.category(
                        term.ends_on, on=on, effect=EFFECTS.get(term.outcome), renewal_shipped_on=renewed
                    )
                    found[term.pk] = (kind.value, False)
                last.append((kind.value, term.ends_on, term.pk))
            if last:
                shown = rules.worst((kind, end) for kind, end, _ in last)
                pk = min(pk for kind, end, pk in last if (kind, end) == (shown[0].value, shown[1]))
                found[pk] = (found[pk][0], True)
        return found


def night(on: date) -> None:
    """The nightly jobs of renewals."""
    renewals_night_all(on=on)
    prompts_make(rows_to_prompt(on=on), on=on)
    letters_write(accounts_to_write(on=on), on=on)


def stored() -> dict[int, tuple[str, bool]]:
    return {
        pk: (category, worst) for pk, category, worst in RenewalRow.objects.values_list("term", "category", "is_worst")
    }


def letters() -> set[tuple]:
    """Letters to clients: which account, what ends, which day's letter. The schema holds each once."""
    place = {pk: n for n, pk in enumerate(Account.objects.order_by("pk").values_list("pk", flat=True))}
    keys = [key.split(":") for key in Reminder.objects.filter(kind=Reminder.Kind.CLIENT).values_list("key", flat=True)]
    return {(place[int(account)], ends_on, left) for _, account, ends_on, left in keys}


def prompts_of(rows, index: dict[int, int]) -> list[tuple]:
    """Tasks without what tells the day they were made on; terms by their place, for pks differ between two lives."""
    found = []
    for task in rows:
        _, pk, flag = task.key.split(":")
        found.append((index[int(pk)], flag, task.kind, task.title, task.due_on, task.assignee_id, task.salespoint_id))
    return sorted(found)


def state() -> dict:
    """What is left at the end, comparable between two lives of the same people."""
    index = {pk: place for place, pk in enumerate(Term.objects.order_by("pk").values_list("pk", flat=True))}
    rows = RenewalRow.objects.values_list("term", "category", "outcome", "is_worst", "amount", "manager", "ends_on")
    prompts = Task.objects.filter(key__startswith="renewal:")
    return {
        "rows": sorted((index[row[0]], *row[1:]) for row in rows),
        "outcomes": sorted(
            (index[pk], kind, withdrawn is None) for pk, kind, withdrawn in Outcome.objects.values_list("term", "kind", "withdrawn_at")
        ),
        "open prompts": prompts_of(prompts.filter(done_at=None), index),
    }  # fmt: skip
