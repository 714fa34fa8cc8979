"""Stored categories: equal to the pure rule, the same for daily runs, a jump and repeats (issue 6; billing 3.9)."""

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account
from core.jobs import get
from core.jobs.scheduling import run_by_hand
from licenses.models import License, Term
from partners.selectors import business_zones
from renewals import rules
from renewals.category_sql import category_sql, urgency_sql
from renewals.choices import EFFECTS, INACTIVITY_ONLY, NEGATIVE, Category, Effect, OutcomeKind
from renewals.models import Competitor, Outcome, RenewalRow
from renewals.services import (
    renewals_compare,
    renewals_night,
    renewals_night_all,
    renewals_refresh,
    renewals_sweep_all,
)
from renewals.services.sweep import Swept
from tests.renewals.conftest import TODAY, account_of, noon, sold, tariff

pytestmark = pytest.mark.django_db
DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))
OUTCOMES = [None, "", *sorted(set(OutcomeKind.values) - INACTIVITY_ONLY)]
FACTS = st.tuples(DAYS, st.sampled_from([None, "", *Effect.values]), st.none() | DAYS)


@given(on=DAYS, facts=st.lists(FACTS, min_size=1, max_size=20), near=st.lists(st.integers(-100, 100), max_size=20))
@pytest.mark.rows("R3.6", "R3.39", "R3.40", "R3.41")
def test_the_sql_twin_says_what_the_rule_says(on, facts, near):
    facts = facts + [(on + timedelta(days=n), o, s) for n, (_e, o, s) in zip(near, facts, strict=False)]
    twin = category_sql(ends_on="f.ends_on", on="%s::date", effect="f.effect", shipped_on="f.shipped_on")
    with connection.cursor() as cursor:
        # The day stands in the CASE several times: a subquery names it once.
        sql = twin.replace("%s::date", "f.on_day")
        values = ", ".join(["(%s::int, %s::date, %s::text, %s::date, %s::date)"] * len(facts))
        params = [v for n, (ends_on, effect, shipped) in enumerate(facts) for v in (n, ends_on, effect, shipped, on)]
        cursor.execute(
            f"SELECT {sql} FROM (VALUES {values}) f(n, ends_on, effect, shipped_on, on_day) ORDER BY n", params
        )
        found = [row[0] for row in cursor.fetchall()]
    assert found == [rules.category(e, on=on, effect=o, renewal_shipped_on=s).value for e, o, s in facts]


def test_urgency_has_a_twin():
    with connection.cursor() as cursor:
        for kind in Category.values:
            cursor.execute(f"SELECT {urgency_sql('%s::text')}", [kind])
            assert cursor.fetchone()[0] == rules.urgency(kind)


# --- generated accounts ---


@pytest.fixture
def items(db):
    return [tariff(code, code.upper()) for code in ("eo", "edo", "tenders")]


def generate(manager, items, seed: int = 7, accounts: int = 40) -> None:
    """Accounts with one to three directions, chains of terms with gaps, outcomes, planned and cancelled terms."""
    rng = random.Random(seed)
    rival = Competitor.objects.create(name="Другой оператор")
    target = account_of(manager, "Цель, ООО")
    for n in range(accounts):
        account = account_of(manager, f"Аккаунт {n}, ООО")
        for item in rng.sample(items, rng.randint(1, 3)):
            ends_on = TODAY + timedelta(days=rng.randint(-500, 300))
            for _ in range(rng.randint(1, 3)):
                state = rng.choices(["active", "shipped", "selected", "invoiced"], [70, 10, 10, 10])[0]
                shipped = ends_on - timedelta(days=364 - rng.randint(-20, 100))
                term = sold(account, item, ends_on, state=state, shipped_on=shipped, refresh=False)
                if rng.random() < 0.1:
                    Term.objects.filter(pk=term.pk).update(is_cancelled=True)
                elif state != "selected" and rng.random() < 0.3:
                    kind = rng.choice(OUTCOMES[2:])
                    Outcome.objects.create(
                        term=term, kind_id=kind, at=noon(ends_on), by=manager, comment="Закрылись в прошлом году", reason="Дешевле",
                        competitor=rival if kind == "left_us" else None, target_account=target if kind == "moved_account" else None,
                    )  # fmt: skip
                ends_on += timedelta(days=365 + rng.choice([0, 0, 0, 30, 120]))


def by_the_rule(on: date) -> dict[int, tuple[str, bool]]:
    """{term: (category, stands for its account)} computed row by row with `rules` alone."""
    found: dict[int, tuple[str, bool]] = {}
    for account in Account.objects.all():
        last: list[tuple[str, date, int]] = []
        for direction in set(Term.objects.filter(account=account).values_list("direction", flat=True)):
            terms = []
            for term in Term.objects.standing().filter(account=account, direction=direction).order_by("starts_on"):
                shipped = License.objects.filter(
                    term=term, state__in=["active", "shipped"], shipped_on__lte=on
                ).values_list("shipped_on", flat=True)
                if shipped:
                    terms.append((term, min(shipped)))
            for n, (term, _) in enumerate(terms):
                later = [shipped for _t, shipped in terms[n + 1 :]]
                outcome = term.outcomes.filter(withdrawn_at=None).values_list("kind", flat=True).first()
                kind = rules.category(
                    term.ends_on, on=on, effect=EFFECTS.get(outcome), renewal_shipped_on=min(later, default=None)
                )
                found[term.pk] = (kind.value, False)
                if n == len(terms) - 1:
                    last.append((kind.value, term.ends_on, term.pk))
        if last:
            shown = rules.worst((kind, ends_on) for kind, ends_on, _pk in last)
            pk = min(pk for kind, ends_on, pk in last if (kind, ends_on) == (shown[0].value, shown[1]))
            found[pk] = (found[pk][0], True)
    return found


def stored() -> dict[int, tuple[str, bool]]:
    return {
        pk: (category, worst) for pk, category, worst in RenewalRow.objects.values_list("term", "category", "is_worst")
    }


def days(*numbers: int) -> list[date]:
    return [TODAY + timedelta(days=n) for n in numbers]


def drift(on: date) -> int:
    """Rows that the nights missed, as the weekly comparison finds and mends them."""
    return sum(swept.written for zone in business_zones() for swept in renewals_compare(on=on, zone=zone))


def test_stored_rows_equal_the_rule_on_every_day_asked(today, manager, items):
    generate(manager, items)
    for on in days(-400, 0, 61):
        renewals_sweep_all(on=on)
        assert stored() == by_the_rule(on)
    categories = {category for category, _ in stored().values()}
    assert len(categories) >= 7


def test_nights_after_a_jump_equal_the_rule(today, manager, items):
    """Nothing but the date changes: licences shipped later and all, each night finds what the day before left."""
    generate(manager, items)
    for on in days(-400, -399, -380, -300, -299, 0, 1, 61, 400):
        renewals_night_all(on=on)
        assert stored() == by_the_rule(on), on
        assert not drift(on)


def due_of_accounts() -> dict[int, Decimal]:
    """{account: what waits in it}, added up row by row."""
    found: dict[int, Decimal] = defaultdict(Decimal)
    for row in RenewalRow.objects.all():
        if row.is_worst or row.category in (Category.REQUIRES, Category.NOT_RENEWED):
            found[row.account_id] += row.amount
    return found


def kept_due() -> dict[int, Decimal]:
    assert not RenewalRow.objects.filter(is_worst=False).exclude(account_due=0).exists()
    return dict(RenewalRow.objects.worst().values_list("account", "account_due"))


def test_the_worst_row_keeps_what_waits_in_its_account(today, manager, items):
    """Told by the nights; found and mended by the comparison when it is wrong."""
    generate(manager, items, seed=5)
    for on in days(-400, -300, 0, 1, 61):
        renewals_night_all(on=on)
        assert kept_due() == due_of_accounts(), on
    shown = RenewalRow.objects.worst().filter(category__in=["requires", "not_renewed"])
    assert any(row.account_due > row.amount for row in shown), "no account with two directions to renew"
    on = days(61)[0]
    drift(on)
    assert not drift(on)
    broken = shown.exclude(account_due=0)[0]
    RenewalRow.objects.filter(pk=broken.pk).update(account_due=1)
    assert drift(on) == 1 and kept_due() == due_of_accounts()


def test_daily_runs_an_outage_and_double_runs_end_the_same(today, manager, items):
    generate(manager, items, seed=11, accounts=25)
    ends = []
    for numbers in (range(0, 121), [0, 1, 2, 6, 7, 120], [120], [120, 120]):
        with transaction.atomic():
            for on in days(*numbers):
                renewals_night_all(on=on)
            assert not (set(RenewalRow.objects.values_list("category", flat=True)) - set(Category.values))
            ends.append(stored())
            transaction.set_rollback(True)
    assert ends[0] == ends[1] == ends[2] == ends[3]


def test_a_second_run_writes_nothing(today, manager, items):
    generate(manager, items, accounts=10)
    first = renewals_night_all(on=TODAY)
    assert first.made and not first.changed
    assert renewals_night_all(on=TODAY) == renewals_sweep_all(on=TODAY) == Swept()


# --- single cases ---


@pytest.mark.rows("R3.1", "R3.40")
def test_a_row_enters_the_window_and_leaves_it_after_the_end(today, manager, eo):
    account = account_of(manager)
    term = sold(account, eo, TODAY + timedelta(days=61))
    row = RenewalRow.objects.get(term=term)
    assert (row.category, row.salespoint, row.manager, row.amount) == ("not_due", manager.salespoint, manager, 5400)
    for on, category in ((1, "requires"), (61, "requires"), (62, "not_renewed")):
        renewals_refresh([account.pk], on=TODAY + timedelta(days=on))
        row.refresh_from_db()
        assert row.category == category


@pytest.mark.rows("R3.39", "R3.40")
def test_shipment_of_the_next_term_renews_and_its_cancel_brings_the_row_back(today, manager, eo):
    account = account_of(manager)
    old = sold(account, eo, TODAY - timedelta(days=3))
    new = sold(account, eo, TODAY + timedelta(days=362), shipped_on=TODAY)
    assert stored() == {old.pk: ("renewed_late", False), new.pk: ("not_due", True)}
    new.licenses.update(state="invoiced", shipped_on=None, activated_at=None)
    renewals_refresh([account.pk], on=TODAY)
    assert stored() == {old.pk: ("not_renewed", True)}


def test_the_most_urgent_direction_stands_for_its_account(today, manager, eo, edo):
    account = account_of(manager)
    soon, gone = sold(account, eo, TODAY + timedelta(days=5)), sold(account, edo, TODAY - timedelta(days=5))
    assert stored() == {soon.pk: ("requires", False), gone.pk: ("not_renewed", True)}


def test_planned_trial_and_waiting_terms_are_no_rows(today, manager, eo):
    account = account_of(manager)
    sold(account, eo, TODAY + timedelta(days=20), state="selected")
    assert stored() == {}


def test_each_zone_is_swept_on_its_own_day(today, manager, other_point, eo):
    here, far = account_of(manager), account_of(None, "Дальний, ООО", point=other_point)
    sold(here, eo, TODAY, refresh=False)
    sold(far, eo, TODAY, refresh=False)
    list(renewals_night(on=TODAY + timedelta(days=1), zone=other_point.zone))
    assert {row.account_id: row.category for row in RenewalRow.objects.all()} == {far.pk: "not_renewed"}


def test_the_nightly_job_sweeps_every_zone(today, manager, eo):
    account = account_of(manager)
    sold(account, eo, TODAY + timedelta(days=30), refresh=False)
    [run] = run_by_hand(get("renewals.sweep"), TODAY)
    assert (run.scope, run.state, run.counts["made"]) == (manager.salespoint.zone, "done", 1)
    assert RenewalRow.objects.get().category == "requires"


def test_negative_outcomes_are_the_negative_ones():
    assert set(NEGATIVE) < set(OutcomeKind.values)
