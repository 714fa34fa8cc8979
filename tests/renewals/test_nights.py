"""What the nights look for, and what they would miss: triggers note facts, prices are remembered, the week compares (adr 0007)."""

import logging
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from accounts.models import AccountMember
from core.jobs import get
from core.jobs.scheduling import run_by_hand
from licenses.models import License, Price, PriceList, Term
from renewals import stale_sql
from renewals.models import AccountChange, RenewalRow, SweepMark
from renewals.services import night, renewals_compare, renewals_night_all, renewals_sweep_all
from renewals.services.sweep import Swept
from tests import factories as make
from tests.renewals.conftest import TODAY, account_of, noon, sold, tariff
from tests.renewals.test_sweep import by_the_rule, days, drift, generate, stored

pytestmark = pytest.mark.django_db
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def term(manager, today, eo):
    found = sold(account_of(manager), eo, TODAY + timedelta(days=20), refresh=False)
    renewals_night_all(on=TODAY)
    return found


def noted(account) -> bool:
    return AccountChange.objects.filter(account=account).exists()


# --- facts ---


def _outcome(term) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO renewals_outcome (term_id, kind, at, comment, reason, register_state) VALUES (%s, 'zero_reporting', %s, '', '', '')",
            [term.pk, noon(TODAY)],
        )


def _member_leaves(term) -> None:
    AccountMember.objects.filter(account=term.account).update(left_at=noon(TOMORROW), is_main=False)


FACTS = {
    "a licence is sold": lambda term: sold(term.account, License.objects.get(term=term).item, TODAY + timedelta(days=385), shipped_on=TODAY, refresh=False),
    "a quantity": lambda term: term.licenses.update(quantity=2, list_amount=9),
    "a licence is taken out": lambda term: term.licenses.all().delete(),
    "an end is moved": lambda term: Term.objects.filter(pk=term.pk).update(ends_on=TODAY + timedelta(days=23)),
    "a term is cancelled": lambda term: Term.objects.filter(pk=term.pk).update(is_cancelled=True),
    "an outcome": _outcome,
    "another region": lambda term: type(term.account).objects.filter(pk=term.account_id).update(region_code="77"),
    "a member leaves": _member_leaves,
    "a client is named anew": lambda term: make.Client.objects.filter(pk=term.licenses.get().payer_id).update(name="МБОУ «Школа № 4»"),
    "a position is a trial now": lambda term: type(term.licenses.get().item).objects.filter(pk=term.licenses.get().item_id).update(is_trial=True),
}  # fmt: skip


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_that_no_service_told_is_found_by_the_next_night(term, fact):
    assert not noted(term.account)
    FACTS[fact](term)
    assert noted(term.account)
    renewals_night_all(on=TODAY)
    assert not noted(term.account)
    assert renewals_sweep_all(on=TODAY) == Swept()


def test_what_says_nothing_about_renewals_is_not_noted(term):
    account = term.account
    type(account).objects.filter(pk=account.pk).update(name="Другое имя")
    term.licenses.update(version=9)
    assert not noted(account)


# --- prices ---


def priced(item, amount: str, **more) -> Price:
    values = {"months": 12, "valid_from": TOMORROW, "valid_to": date(2030, 1, 1), "state": "published", **more}
    return Price.objects.create(price_list=PriceList.objects.first(), item=item, amount=Decimal(amount), **values)


def amount_after(term, on: date) -> Decimal:
    renewals_night_all(on=on)
    assert not drift(on)
    return RenewalRow.objects.get(term=term).amount


@pytest.mark.rows("R3.1")
def test_prices_of_the_day_reach_what_waits_whenever_they_begin_and_end(term, eo):
    assert RenewalRow.objects.get(term=term).amount == Decimal("5400")
    point = priced(
        eo, "7000", scope="salespoint", scope_id=term.account.salespoint_id, valid_to=TODAY + timedelta(days=4)
    )
    priced(
        eo,
        "6000",
        scope="region",
        scope_id=39,
        valid_from=TODAY + timedelta(days=3),
        valid_to=TODAY + timedelta(days=6),
    )
    nights = days(0, 1, 3, 5, 7)  # prices end on days without a night too
    assert [amount_after(term, on) for on in nights] == [5400, 7000, 7000, 6000, 5400]
    Price.objects.filter(pk=point.pk).update(valid_to=TODAY + timedelta(days=9))
    assert amount_after(term, TODAY + timedelta(days=7)) == 7000  # published on a day that was swept already
    Price.objects.filter(pk=point.pk).update(state="archived")
    assert amount_after(term, TODAY + timedelta(days=7)) == 5400


def test_a_price_of_another_place_or_length_touches_nobody(term, eo, monkeypatch):
    told = []
    inner = night.accounts_tell
    monkeypatch.setattr(night, "accounts_tell", lambda ids, *, on: told.append(ids) or inner(ids, on=on))
    priced(eo, "7000", scope="salespoint", scope_id=term.account.salespoint_id + 1)
    priced(eo, "7000", scope="region", scope_id=77)
    priced(eo, "700", months=1)
    renewals_night_all(on=TOMORROW)
    assert told == []
    priced(eo, "7000", scope="region", scope_id=39)
    renewals_night_all(on=TOMORROW)
    assert told == [[term.account_id]]


def test_telling_everything_leaves_nothing_to_the_night(term, eo, monkeypatch):
    SweepMark.objects.all().delete()
    priced(eo, "7000", scope="region", scope_id=39)
    renewals_sweep_all(on=TOMORROW)
    monkeypatch.setattr(night, "accounts_tell", None)
    assert renewals_night_all(on=TOMORROW) == Swept()
    assert RenewalRow.objects.get(term=term).amount == 7000


# --- controls: each thing that the nights look for is needed ---


@pytest.fixture
def items(db):
    return [tariff(code, code.upper()) for code in ("eo", "edo", "tenders")]


NARROW = {
    "only the day itself enters the window": ("ends_on <= %(on)s::date +", "ends_on = %(on)s::date +"),
    "only the day after the end is past it": ("ends_on < %(on)s::date", "ends_on = %(on)s::date - 1"),
    "nobody enters the window": ("'not_due'", "'renewed'"),
    "nobody is past the end": ("'requires'", "'renewed'"),
}


@pytest.mark.parametrize("narrow", NARROW)
def test_a_narrower_question_misses_rows_after_an_outage(today, manager, items, monkeypatch, narrow):
    generate(manager, items, accounts=60)
    wide, less = NARROW[narrow]
    assert wide in stale_sql.DUE_BY_DATE
    monkeypatch.setattr(stale_sql, "DUE_BY_DATE", stale_sql.DUE_BY_DATE.replace(wide, less))
    wrong = []
    for on in days(0, 1, 2, 20, 30, 90):
        renewals_night_all(on=on)
        wrong.append(stored() != by_the_rule(on))
    assert any(wrong)


def test_without_notes_a_later_shipment_is_missed(today, manager, items):
    generate(manager, items)
    renewals_night_all(on=TODAY)
    AccountChange.objects.all().delete()
    on = TODAY + timedelta(days=300)
    renewals_night_all(on=on)
    assert stored() != by_the_rule(on)


# --- the weekly comparison ---


def test_drift_is_mended_and_told_to_the_operator(term, caplog):
    [zone] = SweepMark.objects.values_list("pk", flat=True)
    with caplog.at_level(logging.ERROR):
        list(renewals_compare(on=TODAY, zone=zone))
        RenewalRow.objects.update(category="renewed")  # no service does this: nothing notes it
        [run] = run_by_hand(get("renewals.sweep"), TODAY + timedelta(days=6))
        assert (run.counts.get("drift"), caplog.records) == (None, [])
        [run] = run_by_hand(get("renewals.sweep"), TODAY + timedelta(days=7))
    assert run.counts["drift"] == 1
    [told] = [record for record in caplog.records if record.message == "renewals_drift"]
    assert (told.rows, told.accounts, told.examples) == (1, 1, [term.account_id])
    assert stored() == {term.pk: ("requires", True)}


def test_the_first_comparison_and_what_changed_just_now_are_no_drift(term, caplog):
    RenewalRow.objects.all().delete()
    with caplog.at_level(logging.ERROR):
        assert drift(TODAY) == 1
        term.licenses.update(state="replaced")
        assert drift(TODAY) == 0, "the next night tells it"
    assert not caplog.records


# --- transactions ---


def test_chunks_shrink_when_they_hold_their_locks_long(term, monkeypatch):
    sizes, seconds = [], iter([0.4, 0.2, 0.1, 0.04, 0.04, 0.9])
    clock = [0.0]

    def chunk(ids, **_more):
        sizes.append(len(ids))
        clock[0] += next(seconds)
        return Swept(), []

    monkeypatch.setattr(night, "_tell_chunk", chunk)
    monkeypatch.setattr(night.time, "monotonic", lambda: clock[0])
    list(night._tell(list(range(350)), on=TODAY, zone="", changes={}))
    assert sizes == [100, 50, 25, 25, 50, 100]


@pytest.mark.django_db(transaction=True)
def test_an_account_somebody_works_on_is_left_for_the_end(term, manager, eo):
    other = sold(account_of(manager, "Сосед, ООО"), eo, TODAY + timedelta(days=20), refresh=False)
    order = []
    rival = connection.copy()
    try:
        with rival.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT FROM accounts_account WHERE id = %s FOR UPDATE", [term.account_id])
        on = TODAY + timedelta(days=21)
        nights = night.renewals_night(on=on, zone=manager.salespoint.zone)
        order.append(next(nights))
        assert stored()[other.pk][0] == "not_renewed" and stored()[term.pk][0] == "requires"
        rival.rollback()
        order += list(nights)
        assert stored()[term.pk][0] == "not_renewed"
    finally:
        rival.close()
    assert [swept.written for swept in order] == [1, 1]
