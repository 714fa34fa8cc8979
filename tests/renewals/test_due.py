"""«К продлению»: the price of the day in SQL and in the dialog are one (R3.1, R3.18)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from licenses.models import License, Price, Term
from licenses.selectors import prices
from licenses.services.choosing import licenses_choose
from renewals.due_sql import BUDGET_WORDS
from renewals.models import RenewalRow
from renewals.services import account_renew, renewal_plan, renewals_refresh
from renewals.services.renewing import renewal_of
from tests.renewals.conftest import TODAY, account_of, sold, tariff

pytestmark = pytest.mark.django_db


def due(term) -> Decimal:
    renewals_refresh([term.account_id], on=TODAY)
    return RenewalRow.objects.get(term=term).amount


def planned(term) -> Decimal:
    return renewal_plan(term.account, term, on=TODAY).total


def priced(item, amount: str, **more) -> Price:
    base = Price.objects.filter(item=item).first()
    values = {"months": 12, "valid_from": date(2026, 1, 1), "valid_to": date(2030, 1, 1), **more}
    return Price.objects.create(
        price_list=base.price_list, state="published", item=item, amount=Decimal(amount), **values
    )


@pytest.fixture
def term(manager, today, eo):
    return sold(account_of(manager), eo, TODAY + timedelta(days=20), amount="4100.00")


@pytest.mark.rows("R3.1")
def test_the_list_shows_what_the_dialog_would_invoice_not_what_was_paid(term, manager):
    assert due(term) == planned(term) == Decimal("5400.00")
    invoice = account_renew(account_id=term.account_id, term_ids=[term.pk], by=manager, on=TODAY)
    priced(License.objects.get(term=term).item, "7000.00", scope="salespoint", scope_id=term.account.salespoint_id)
    assert due(term) == invoice.total == Decimal("5400.00"), "an invoiced renewal costs what its invoice says"


@pytest.mark.parametrize("name", ["Гарант-Сервис, ООО", "МБОУ «Школа № 4»", "Администрация поселка"])
@pytest.mark.parametrize("kind", ["legal", "entrepreneur"])
def test_place_and_payer_choose_the_price_as_in_the_price_list(term, eo, name, kind):
    client = term.account.members.get().client
    client.name, client.kind = name, kind
    if kind == "entrepreneur":
        client.inn, client.kpp, client.ogrn = "390600000042", "", "304390600000012"
    client.save(update_fields=["name", "kind", "inn", "kpp", "ogrn"])
    point = term.account.salespoint_id
    steps = [
        {"payer_kind": "budget"}, {"payer_kind": "ip"}, {"payer_kind": "osno"}, {"scope": "region", "scope_id": 39},
        {"scope": "region", "scope_id": 77, "payer_kind": "ip"}, {"scope": "salespoint", "scope_id": point},
        {"scope": "salespoint", "scope_id": point, "payer_kind": "ip"}, {"scope": "salespoint", "scope_id": point, "months": 6},
    ]  # fmt: skip
    for n, more in enumerate(steps):
        priced(eo, f"{6000 + n}.50", **more)
        assert due(term) == planned(term), more


def test_counted_positions_add_up_and_a_position_off_sale_keeps_its_old_sum(term, manager, eo):
    desks = tariff("ofd", "ОФД", "3000.00")
    desks.is_countable = True
    desks.max_quantity = 9
    desks.save(update_fields=["is_countable", "max_quantity"])
    other = sold(term.account, desks, TODAY + timedelta(days=9))
    License.objects.filter(term=other).update(quantity=2)
    copy = License.objects.get(term=other)
    copy.pk, copy.quantity = None, 1
    copy.save(force_insert=True)
    assert due(other) == planned(other) == Decimal("9000.00")
    Term.objects.filter(pk=term.pk).update(months=7)  # a length that is not sold
    assert due(term) == Decimal("4100.00")


def test_a_chosen_next_term_costs_what_was_chosen(term, manager):
    renewal = renewal_of(term.account, term, on=TODAY)
    licenses_choose(
        account_id=term.account_id, payer_id=renewal.payer_id, choices=renewal.choices, months=12,
        starts_on=renewal.starts_on, payer_kind=renewal.payer_kind, by=manager, on=TODAY,
    )  # fmt: skip
    priced(License.objects.get(term=term).item, "9999.00", scope="salespoint", scope_id=term.account.salespoint_id)
    assert RenewalRow.objects.get(term=term).amount == due(term) == Decimal("5400.00")


def test_the_words_of_a_budget_payer_are_the_price_lists(manager):
    client = account_of(manager).members.get().client
    for word in BUDGET_WORDS.split("|"):
        client.name, client.kind = f"Х {word.upper()} У", "legal"
        assert prices.default_payer_kind(client) == "budget"
