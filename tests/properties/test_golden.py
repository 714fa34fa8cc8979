"""The golden tables of billing 3.7 and 3.8 through the whole line: chosen, invoiced, paid, shipped, changed, shipped.

tests/rules/test_pricing.py reads the same files for the pure functions.
"""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from core import clock
from core.errors import DomainError
from licenses.models import BalanceEntry, ChangePolicy, License, Price, Promo
from licenses.printing import invoice_facts
from licenses.rules import term_end
from licenses.selectors.changes import plan_change
from licenses.services import invoice_activate, invoice_ship, shipment_cancel
from tests import factories as make
from tests.licenses.market import OPEN_END, open_market
from tests.rules.strategies import rows

pytestmark = pytest.mark.django_db

LONG_AGO = date(2010, 1, 1)
CHANGES, PARTS = rows("changes.csv"), rows("subperiods.csv")
PURE_ONLY = {
    "second of two changes keeps D": "a change of a change: test_changes and the histories",
    "yearly price in a term of a quarter": "a price of another length than the term's is not sold",
    "credited before": "an active licence was never credited: it is replaced whole or split",
    "credited in full before": "the same",
}
LISTED = {"E9 bought on promo": (D(6000), 25), "free licence": (D(6000), 100)}
"""{case: (list price, what the promotion took off)}; the others paid the list price."""


@pytest.fixture
def market(head, operator):
    return open_market(head)


def months_of(first: date, last: date) -> int:
    """The term that lasts from the first to the last day."""
    return next(months for months in range(1, 25) if term_end(first, months) == last)


def item(market, code: str, amount: D, months: int):
    """A tariff with its price from long before the oldest example."""
    made = market.item(code, 1, months=())
    Price.objects.create(
        price_list=market.price_list, state="published", item=made, months=months, valid_from=LONG_AGO, valid_to=OPEN_END, amount=amount
    )  # fmt: skip
    return made


def bought(market, code: str, price: D, first: date, last: date, percent: int = 0) -> License:
    months = months_of(first, last)
    item(market, code, price, months)
    account = market.account(first, client=make.ClientFactory(registered_on=date(2001, 1, 1)))
    chosen = market.choose(account, code, first, months=months)
    promo = ""
    if percent:
        promo = Promo.objects.create(
            code=code.upper(), title="Скидка", valid_from=first, valid_to=first, percent=percent
        ).code
    market.deliver(market.issue(account, first, license_ids=[chosen.pk], promo_code=promo), first)
    return License.objects.get(pk=chosen.pk)


def changed(market, license: License, code: str, price: D, on: date, months: int):
    """The offer, the shipped change, its invoice."""
    item(market, code, price, months)
    with clock.override(on=on):
        plan = plan_change(license, market.items[code], on=on)
    new = market.change(license, code, on, due=plan.due)
    invoice = market.issue(license.account, on, license_ids=[new.pk])
    market.deliver(invoice, on)
    return plan, License.objects.get(pk=new.pk), invoice


def sell_row(market, number: int, row: dict[str, str]) -> dict[str, str]:
    """One row of 3.7 sold and changed; the figures as the table names them."""
    first, last, on = (date.fromisoformat(row[name]) for name in ("starts_on", "ends_on", "changed_on"))
    price, percent = LISTED.get(row["case"], (D(row["paid"]), 0))
    ChangePolicy.objects.update(new_price=row["new_price"], credit=row["credit_rule"])
    old = bought(market, f"old{number}", price, first, last, percent)
    assert old.amount == D(row["paid"])
    plan, new, invoice = changed(market, old, f"new{number}", D(row["list_price"]), on, months_of(first, last))
    quote = plan.closed[0].quote
    kept = BalanceEntry.objects.filter(account=old.account_id).values_list("amount", flat=True)
    line = invoice.lines.get()
    old.refresh_from_db()
    assert plan.due == invoice.total == line.amount == invoice.shipments.get().amount  # invariant 19
    assert (old.credited, new.ends_on, new.starts_on) == (line.discount + sum(kept), last, on)
    printed = invoice_facts(invoice)
    assert printed.totals[-1][1].replace("\u00a0", "").replace(",", ".").startswith(str(invoice.total))
    return {
        "total": str(quote.total_days), "used": str(quote.used_days), "unused": str(quote.unused_days), "credit": str(quote.credit),
        "price": str(new.amount), "due": str(invoice.total), "surplus": str(sum(kept, D("0.00"))),
    }  # fmt: skip


@pytest.mark.rows("R2.123", "R2.124", "R2.125")
def test_the_worked_examples_are_sold_to_the_kopeck(market):
    todo = [row for row in CHANGES if row["case"] not in PURE_ONLY]
    found = {row["case"]: sell_row(market, number, row) for number, row in enumerate(todo)}
    assert found == {row["case"]: {name: row[name] for name in found[row["case"]]} for row in todo}
    assert len(todo) == len(CHANGES) - len(PURE_ONLY) > 12


def test_the_values_of_other_suites_are_credited_to_the_kopeck(market):
    """3.8: what a sub-period to the end of the term costs is what a change on its first day credits."""
    wrong, seen = {}, 0
    for number, row in enumerate(PARTS):
        first, after, part, part_after = (
            date.fromisoformat(row[name]) for name in ("starts_on", "ends_before", "part_from", "part_before")
        )
        amount, expected = D(row["amount"]), D(row["expected"])
        if part_after != after:
            if part != first:
                continue  # neither the used part of a term nor the unused one: the pure test has it
            part, expected = part_after, amount - expected
        license = bought(market, f"part{number}", amount, first, after - timedelta(days=1))
        months = months_of(first, after - timedelta(days=1))
        _plan, new, _invoice = changed(market, license, f"next{number}", amount * 2, part, months)
        seen += 1
        if D(new.closes[0]["credit"]) != expected:
            wrong[row["source"]] = new.closes[0]["credit"]
    assert wrong == {}
    assert seen >= len(PARTS) - 1


@pytest.mark.rows("R2.100")
def test_e17_a_change_is_undone_through_the_third_day_and_the_money_stays(market):
    license = bought(market, "a", D(6000), date(2025, 1, 1), date(2025, 12, 31))
    on = date(2025, 7, 2)
    _plan, _new, invoice = changed(market, license, "b", D(12000), on, 12)
    for day, is_late in ((date(2025, 7, 6), True), (date(2025, 7, 5), False)):
        with clock.override(on=day):
            if is_late:
                with pytest.raises(DomainError, match=r"до 05\.07\.2025"):
                    shipment_cancel(invoice_id=invoice.pk, reason="Передумали", by=market.by, on=day)
            else:
                shipment_cancel(invoice_id=invoice.pk, reason="Передумали", by=market.by, on=day)
    license.refresh_from_db()
    assert (license.state, license.ends_on, license.credited) == ("active", date(2025, 12, 31), 0)
    assert type(invoice).objects.with_paid().get(pk=invoice.pk).paid == D("3008.22")


def test_e18_what_is_unpaid_is_not_credited(market):
    item(market, "a", D(6000), 12)
    item(market, "b", D(12000), 12)
    on = date(2025, 1, 1)
    account = market.account(on)
    chosen = market.choose(account, "a", on)
    invoice = market.issue(account, on)
    market.pay(invoice, on, D(2000))
    with clock.override(on=on):
        invoice_ship(invoice_id=invoice.pk, by=market.by, on=on, debt_reason="Бюджет")
        invoice_activate(invoice_id=invoice.pk, by=market.by, on=on)
    with pytest.raises(DomainError, match="4\u00a0000,00"):
        market.change(License.objects.get(pk=chosen.pk), "b", date(2025, 7, 2))
