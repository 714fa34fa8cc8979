"""Changes of tariff through the services: money, periods, policies, refusals, undo (billing 3.6–3.7, R2.122–R2.130)."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from core import clock
from core.errors import DomainError
from licenses.models import Allocation, BalanceEntry, ChangePolicy, License, Promo, Term
from licenses.selectors.changes import change_calendar, plan_change
from licenses.services import allocation_set, invoice_reprice, invoice_ship, license_drop, shipment_cancel
from tests.licenses.market import open_market
from tests.snapshots import difference, snapshot

pytestmark = pytest.mark.django_db

NEW_YEAR, CHANGE = date(2025, 1, 1), date(2025, 7, 2)


@pytest.fixture
def market(manager):
    market = open_market(manager)
    market.item("a", 6000)
    market.item("b", 12000)
    market.item("ub", 15000, line="ub")
    return market


@pytest.fixture
def year(market):
    """6 000 for the year 2025, active (E1)."""
    return market.sell(market.account(NEW_YEAR), "a", NEW_YEAR)


@pytest.mark.rows("R2.123", "R2.124", "R2.127")
def test_a_change_keeps_the_end_and_credits_the_days_left(market, year):
    new = market.change_done(year, "b", CHANGE)
    old = License.objects.get(pk=year.pk)
    assert (new.invoice_lines.get().amount, new.amount, new.invoice_lines.get().discount) == (
        D("3008.22"),
        D("6016.44"),
        D("3008.22"),
    )
    assert (old.state, old.ends_on, old.original_ends_on, old.credited) == (
        "replaced",
        date(2025, 7, 1),
        date(2025, 12, 31),
        D("3008.22"),
    )
    assert (new.starts_on, new.ends_on, new.term_id) == (CHANGE, date(2025, 12, 31), old.term_id)


@pytest.mark.parametrize(
    "old, bought, months, changed, new, due",
    [
        (6000, date(2024, 1, 1), 12, date(2024, 7, 1), 12000, "3016.40"),  # E2
        (7300, date(2023, 7, 1), 12, date(2024, 2, 29), 14600, "2453.28"),  # E3
        (5000, date(2025, 3, 10), 12, date(2025, 3, 10), 8500, "3500.00"),  # E5
        ("1000.01", date(2024, 1, 1), 12, date(2024, 7, 2), "3000.03", "1000.01"),  # E13
        (1000, date(2025, 2, 1), 1, date(2025, 2, 15), 2000, "500.00"),  # E16
    ],
)
def test_the_worked_examples(market, old, bought, months, changed, new, due):
    market.item("old", old)
    market.item("new", new)
    license = market.sell(market.account(bought), "old", bought, months=months)
    assert market.change_done(license, "new", changed).invoice_lines.get().amount == D(due)


def test_credit_counts_what_was_really_paid(market):  # E9
    Promo.objects.create(code="ЧЕТВЕРТЬ", title="−25 %", valid_from=NEW_YEAR, valid_to=date(2025, 12, 31), percent=25)
    account = market.account(NEW_YEAR)
    chosen = market.choose(account, "a", NEW_YEAR)
    market.deliver(market.issue(account, NEW_YEAR, promo_code="четверть"), NEW_YEAR)
    bought = License.objects.get(pk=chosen.pk)
    assert bought.amount == D("4500.00")
    assert market.change(bought, "b", CHANGE).closes[0]["credit"] == "2256.16"


def test_more_pieces_of_an_extension(market):  # E10
    market.item("users", 1200, kind="extension", countable=True)
    license = market.sell(market.account(date(2025, 2, 1)), "users", date(2025, 2, 1), quantity=5)
    new = market.change_done(license, "users", date(2025, 10, 15), quantity=8)
    assert (new.invoice_lines.get().amount, new.quantity) == (D("1075.07"), 8)


def test_a_chain_of_changes_tiles_the_term(market, year):  # E11, invariants 2, 6, 7
    market.item("c", 20000)
    second = market.change_done(year, "b", date(2025, 3, 1))
    assert second.amount == D("10060.27")
    third = market.change_done(second, "c", date(2025, 9, 1))
    rows = list(License.objects.filter(account=year.account).order_by("starts_on"))
    assert [r.starts_on for r in rows[1:]] == [r.ends_on + timedelta(days=1) for r in rows[:-1]]
    assert (rows[0].starts_on, rows[-1].ends_on) == (NEW_YEAR, date(2025, 12, 31))
    charged = sum(r.invoice_lines.get().amount for r in rows)
    assert charged == sum(r.amount - r.credited for r in rows)
    assert third.state == "active"


@pytest.mark.rows("R2.125")
def test_to_the_authorised_office_nothing_is_credited_and_a_new_term_begins(market, year):  # E8
    new = market.change_done(year, "ub", CHANGE)
    terms = (
        Term.objects.filter(account=year.account)
        .order_by("starts_on")
        .values_list("starts_on", "ends_on", "is_waiting")
    )
    assert (new.invoice_lines.get().amount, new.ends_on) == (D("15000.00"), date(2026, 7, 1))
    assert list(terms) == [(NEW_YEAR, date(2025, 7, 1), False), (CHANGE, date(2026, 7, 1), False)]
    assert License.objects.get(pk=year.pk).credited == 0


def test_another_licence_of_the_direction_keeps_the_old_end(market, year):
    market.item("users", 1200, kind="extension", countable=True)
    market.sell(year.account, "users", date(2025, 3, 1))
    with clock.override(on=CHANGE):
        plan = plan_change(License.objects.get(pk=year.pk), market.items["ub"], on=CHANGE)
    assert (plan.due, plan.ends_on, plan.is_new_term) == (D("15000.00"), date(2025, 12, 31), False)
    assert "сохраняется" in plan.notes[0]


def test_extensions_of_the_old_line_go_with_it(market, year):
    market.item("ext", 1200, kind="extension", requires_tariff=True)
    extension = market.sell(year.account, "ext", NEW_YEAR)
    market.lines["eo2"] = type(market.lines["eo"]).objects.create(
        code="eo2", title="ЭО плюс", direction=market.lines["eo"].direction, product=market.lines["eo"].product
    )
    ChangePolicy.objects.create(line=market.lines["eo2"])
    market.item("d", 24000, line="eo2")
    new = market.change_done(year, "d", CHANGE)
    line = new.invoice_lines.get()
    assert (line.amount, line.discount) == (D("12032.88") - D("3008.22") - D("601.64"), D("3008.22") + D("601.64"))
    assert License.objects.get(pk=extension.pk).state == "replaced"


def test_a_surplus_goes_to_the_balance_by_the_head(market, head):
    bought = market.sell(market.account(NEW_YEAR), "b", NEW_YEAR)
    with pytest.raises(DomainError, match="руководитель"):
        market.change(bought, "a", CHANGE)
    new = market.change_done(bought, "a", CHANGE, by=head)
    assert new.invoice_lines.get().amount == 0
    entry = BalanceEntry.objects.get(account=bought.account)
    assert (entry.amount, entry.kind) == (D("3008.22"), "credit")


@pytest.mark.rows("R2.126")
def test_what_is_not_allowed_says_why(market, year):
    with pytest.raises(DomainError, match="уже действует"):
        market.change(year, "a", CHANGE)
    market.item("doc", 100, line="edo")
    with pytest.raises(DomainError, match="внутри направления"):
        market.change(year, "doc", CHANGE)
    ChangePolicy.objects.create(
        line=market.lines["eo"], to_item=market.items["b"], is_allowed=False, refusal="Только с продления."
    )
    with pytest.raises(DomainError, match="Только с продления"):
        market.change(year, "b", CHANGE)
    ChangePolicy.objects.filter(line=market.lines["eo"]).delete()
    with pytest.raises(DomainError, match="не разрешен"):
        market.change(year, "b", CHANGE)


def test_an_unpaid_licence_is_not_credited(market, head):  # E18
    account = market.account(NEW_YEAR)
    chosen = market.choose(account, "a", NEW_YEAR)
    invoice = market.issue(account, NEW_YEAR)
    market.pay(invoice, NEW_YEAR, D("2000.00"))
    with clock.override(on=NEW_YEAR):
        invoice_ship(invoice_id=invoice.pk, by=head, on=NEW_YEAR, debt_reason="Бюджет")
        from licenses.services import invoice_activate

        invoice_activate(invoice_id=invoice.pk, by=head, on=NEW_YEAR)
    with pytest.raises(DomainError, match="4\u00a0000,00"):
        market.change(License.objects.get(pk=chosen.pk), "b", CHANGE)


def test_one_change_at_a_time(market, year):
    planned = market.change(year, "b", CHANGE)
    with pytest.raises(DomainError, match="уже оформляется"):
        market.change(year, "ub", CHANGE)
    with clock.override(on=CHANGE):
        license_drop(license_id=planned.pk, by=market.by, on=CHANGE)
    assert market.change(year, "ub", CHANGE).pk


def test_a_quote_runs_out_and_one_click_reprices_it(market, year):
    planned = market.change(year, "b", CHANGE)
    invoice = market.issue(year.account, CHANGE, license_ids=[planned.pk])
    late = CHANGE + timedelta(days=6)
    market.pay(invoice, CHANGE)
    with clock.override(on=late):
        with pytest.raises(DomainError, match="пересчитайте"):
            invoice_ship(invoice_id=invoice.pk, by=market.by, on=late)
        new = invoice_reprice(invoice_id=invoice.pk, by=market.by, on=late)
        invoice_ship(invoice_id=new.pk, by=market.by, on=late)
    assert new.replaces == invoice
    assert new.total == D("2909.59")
    assert BalanceEntry.objects.get(account=year.account).amount == D("3008.22") - D("2909.59")
    assert License.objects.get(pk=year.pk).ends_on == late - timedelta(days=1)


def test_only_the_part_of_one_organisation_changes(market):
    market.item("desk", 3000, countable=True)
    market.item("desk2", 4000, countable=True)
    account = market.account(NEW_YEAR)
    bought = market.sell(account, "desk", NEW_YEAR, quantity=3)
    client = account.members.get().client_id
    with clock.override(on=NEW_YEAR):
        allocation_set(license_id=bought.pk, shares={client: 1}, by=market.by, on=NEW_YEAR)
    planned = market.change(bought, "desk2", CHANGE, client_id=client)
    invoice = market.issue(account, CHANGE, license_ids=[planned.pk])
    market.deliver(invoice, CHANGE)
    kept = License.objects.get(pk=bought.pk)
    assert (kept.quantity, kept.amount, kept.state) == (2, D("6000.00"), "active")
    closed = License.objects.get(account=account, state="replaced")
    assert (closed.quantity, closed.amount, closed.ends_on) == (1, D("3000.00"), date(2025, 7, 1))
    assert invoice.total == D("501.37")  # 4 000 × 183 / 365 − 3 000 × 183 / 365
    assert list(Allocation.objects.order_by("starts_on").values_list("license", "quantity", "ends_on")) == [
        (closed.pk, 1, date(2025, 7, 1)), (planned.pk, 1, date(2025, 12, 31)),
    ]  # fmt: skip


SHIPMENT = ("licenses.shipment",)  # a cancelled one stays


@pytest.mark.parametrize("code, quantity", [("b", 1), ("ub", 1), ("cheap", 1), ("desk2", 2)])
def test_cancel_is_the_exact_inverse_of_shipping_a_change(market, head, code, quantity):
    market.item("cheap", 1200)
    market.item("desk", 3000, countable=True)
    market.item("desk2", 4000, countable=True)
    account = market.account(NEW_YEAR)
    bought = market.sell(account, "desk" if code == "desk2" else "a", NEW_YEAR, quantity=3 if code == "desk2" else 1)
    client = account.members.get().client_id
    with clock.override(on=NEW_YEAR):
        allocation_set(license_id=bought.pk, shares={client: quantity}, by=market.by, on=NEW_YEAR)
    options = {"client_id": client} if code == "desk2" else {}
    planned = market.change(bought, code, CHANGE, by=head, **options)
    invoice = market.issue(account, CHANGE, license_ids=[planned.pk])
    market.pay(invoice, CHANGE)
    with clock.override(on=CHANGE):
        before = snapshot(but=SHIPMENT)
        invoice_ship(invoice_id=invoice.pk, by=market.by, on=CHANGE)
        assert difference(before, snapshot(but=SHIPMENT))
    day = CHANGE + timedelta(days=3)
    with clock.override(on=day):
        shipment_cancel(invoice_id=invoice.pk, reason="Клиент не пришел", by=head, on=day)
    left = difference(before, snapshot(but=SHIPMENT))
    ledger = left.pop("licenses.balanceentry", ([], []))[1]
    assert sum((row["amount"] for row in ledger), D(0)) == 0
    assert left == {}


def test_the_calendar_tells_what_each_day_costs(market, year):
    with clock.override(on=CHANGE):
        plan = plan_change(License.objects.get(pk=year.pk), market.items["b"], on=CHANGE)
    days = change_calendar(plan)
    assert (days[0][0], days[0][1].due) == (CHANGE, plan.due)
    assert (days[-1][0], days[-1][1].due) == (date(2025, 12, 31), D("16.44"))
    assert plan.explanation[0].endswith("6\u00a0000,00 × 183 / 365 = 3\u00a0008,22")


def test_the_sum_that_was_shown_is_the_sum_that_is_invoiced(market, year):  # invariant 19
    with clock.override(on=CHANGE):
        plan = plan_change(License.objects.get(pk=year.pk), market.items["b"], on=CHANGE)
        with pytest.raises(DomainError, match="Расчет изменился"):
            market.change(year, "b", CHANGE, due=plan.due + 1)
    planned = market.change(year, "b", CHANGE, due=plan.due)
    invoice = market.issue(year.account, CHANGE, license_ids=[planned.pk])
    market.deliver(invoice, CHANGE)
    assert invoice.total == plan.due == invoice.shipments.get().amount


@pytest.mark.parametrize("old, extension, target", [("a", False, "b"), ("b", False, "ub"), ("a", True, "d")])
def test_every_day_of_the_calendar_is_what_that_day_would_offer(market, old, extension, target):
    """Extensions that go with the tariff are credited on every day too."""
    market.item("ext", 1200, kind="extension", requires_tariff=True)
    market.lines["eo2"] = type(market.lines["eo"]).objects.create(
        code="eo2", title="ЭО плюс", direction=market.lines["eo"].direction, product=market.lines["eo"].product
    )
    ChangePolicy.objects.create(line=market.lines["eo2"])
    market.item("d", 24000, line="eo2")
    bought = market.sell(market.account(NEW_YEAR), old, NEW_YEAR)
    if extension:
        market.sell(bought.account, "ext", date(2025, 2, 1))
    license = License.objects.get(pk=bought.pk)
    days = dict(change_calendar(plan_change(license, market.items[target], on=CHANGE)))
    assert (min(days), max(days)) == (CHANGE, date(2025, 12, 31))
    for day in list(days)[::20]:
        plan = plan_change(license, market.items[target], on=day)
        assert (days[day].credit, days[day].due, days[day].surplus) == (plan.credit, plan.due, plan.surplus), day


@pytest.fixture
def page(signed_in, manager):
    return signed_in(manager)


@pytest.mark.rows("R2.124", "R2.127")
def test_screen_print_and_api_explain_one_calculation(market, year, page, api):
    day, why = CHANGE, "6\u00a0000,00 × 183 / 365 = 3\u00a0008,22"
    url = f"/accounts/{year.account.number}/licenses/{year.pk}/change/"
    with clock.override(on=day):
        screen = page.get(url, {"item": market.items["b"].pk})
        paper = page.get(f"{url}print/", {"item": market.items["b"].pk})
        answer = api({"account": year.account.number, "license": year.pk, "item": "b", "calendar": True}).json()
        assert page.get(f"{url}print/", {"item": market.items["a"].pk}).status_code == 404
    for text in (screen.content.decode(), paper.content.decode(), "\n".join(answer["offer"]["explanation"])):
        assert why in text
        assert "12\u00a0000,00 × 183 / 365 = 6\u00a0016,44" in text
        assert "6\u00a0016,44 − 3\u00a0008,22 = 3\u00a0008,22 к оплате" in text
    offer = answer["offer"]
    assert (offer["price"], offer["credit"], offer["due"]) == ("6016.44", "3008.22", "3008.22")
    assert (offer["ends_on"], offer["new_term"], len(offer["calendar"])) == ("2025-12-31", False, 183)
    assert offer["calendar"][-1] == {"on": "2025-12-31", "credit": "16.44", "due": "16.44", "surplus": "0.00"}
    assert "31.12.2025" in screen.content.decode() and "polyline" in screen.content.decode()


def test_recounting_saves_nothing_and_puts_no_token_into_the_address(market, year, page):
    url = f"/accounts/{year.account.number}/licenses/{year.pk}/change/"
    with clock.override(on=CHANGE):
        shown = page.post(url, {"item": market.items["b"].pk, "recount": "1"})
        assert shown.status_code == 200 and "3\u00a0008,22" in shown.content.decode()
        for quantity in ("-5", "0", "99999", "1" * 40, "x", "\x00"):
            assert page.get(url, {"item": market.items["b"].pk, "quantity": quantity}).status_code == 200
            assert (
                page.post(url, {"item": market.items["b"].pk, "quantity": quantity, "recount": "1"}).status_code == 200
            )
        for bad in ({"item": "0"}, {"item": "x"}, {}, {"item": market.items["b"].pk, "due": "1"}, {"item": market.items["a"].pk}):  # fmt: skip
            assert page.post(url, bad).status_code == 422
    assert not License.objects.filter(replaces=year).exists()


@pytest.fixture
def api(client, operator):
    from clients.services.products import product_token_create

    _token, key = product_token_create(title="Кабинет", by=operator)
    return lambda body, key=key: client.post(
        "/api/v1/tariff-changes/quote/", body, "application/json", headers={"Authorization": f"Bearer {key}"}
    )


@pytest.mark.rows("R2.126")
def test_the_api_offers_all_targets_and_refuses_in_words(market, year, api):
    number = year.account.number
    with clock.override(on=CHANGE):
        offers = api({"account": number, "license": year.pk}).json()["offers"]
        assert {row["item"]: row.get("due") for row in offers} == {"b": "3008.22", "ub": "15000.00"}
        held = {"account": number, "client": {"inn": year.account.members.get().client.inn}}
        assert api(held).json()["error"]["code"] == "no_tariff"
        with clock.override(on=CHANGE):
            allocation_set(
                license_id=year.pk, shares={year.account.members.get().client_id: 1}, by=market.by, on=CHANGE
            )
        assert api(held | {"item": "b"}).json()["offer"]["due"] == "3008.22"
        for body, code in (
            ({"account": number, "license": year.pk, "item": "нет"}, "unknown"),
            ({"account": 1, "license": year.pk}, "unknown"),
            ({"account": number, "license": 10**18}, "unknown"),
            ({"account": number, "license": 10**30}, "invalid"),
            ({"account": number, "license": year.pk, "on": "2025-07-01"}, "past"),
            ({"account": number, "license": year.pk, "on": "2026-01-01", "item": "b"}, "not_active"),
            ({"account": number, "license": year.pk, "item": "a"}, "same"),
            ({"account": "\x00"}, "invalid"),
        ):
            answer = api(body)
            assert answer.status_code == 422 and answer.json()["error"]["code"] == code, body
    assert api({}, key="нет").status_code == 401
