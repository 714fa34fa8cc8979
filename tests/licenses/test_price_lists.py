"""Price lists and promotions: versions, Excel there and back, what publishing ends, look-up of the most specific price."""

from datetime import date, timedelta
from decimal import Decimal as D
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from core import clock
from core.errors import DomainError, Forbidden
from licenses.importers.price_sheet import HEADINGS, SheetPrice, read_price_sheet
from licenses.models import Price, PriceList, Promo
from licenses.selectors.price_lists import compare
from licenses.selectors.prices import Place, price_for
from licenses.services.price_lists import (
    price_list_archive,
    price_list_create,
    price_list_import,
    price_list_publish,
    price_remove,
    price_set,
)
from licenses.services.promos import promo_save
from tests.licenses.market import open_market

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 23)
NEXT = date(2027, 1, 1)
END = date(2099, 12, 31)


@pytest.fixture(autouse=True)
def noon():
    with clock.override(on=ON):
        yield


@pytest.fixture
def market(manager):
    market = open_market(manager)
    market.item("a", 6000, months=(12,))
    return market


def price(item, amount, *, since=NEXT, until=END, scope="all", scope_id=0, payer="any", months=12) -> SheetPrice:
    return SheetPrice(item.pk, scope, scope_id, payer, months, since, until, D(amount))


def asked(market, on=ON, payer="any", region=39):
    place = Place(market.by.salespoint_id, region)
    return price_for(market.items["a"], place=place, payer_kind=payer, months=12, on=on).amount


def published(market, operator, *prices: SheetPrice) -> PriceList:
    draft = price_list_create(title="Новый", by=operator)
    for row in prices:
        price_set(price_list_id=draft.pk, price=row, by=operator)
    return price_list_publish(price_list_id=draft.pk, by=operator, on=ON)


@pytest.mark.rows("R2.86")
def test_the_most_specific_price_stands(market, operator):
    item, point = market.items["a"], market.by.salespoint_id
    published(
        market, operator, price(item, 5000, since=ON, scope="region", scope_id=39), price(item, 4500, since=ON, scope="region", scope_id=39, payer="ip"),
        price(item, 4000, since=ON, scope="salespoint", scope_id=point),
    )  # fmt: skip
    assert asked(market) == asked(market, payer="ip") == 4000
    Price.objects.filter(scope="salespoint").update(state="archived")
    assert (asked(market), asked(market, payer="ip"), asked(market, region=77)) == (5000, 4500, 6000)


def test_a_new_price_ends_the_old_one_the_day_before(market, operator):
    published(market, operator, price(market.items["a"], 7000))
    assert (asked(market, NEXT - timedelta(days=1)), asked(market, NEXT)) == (6000, 7000)


def test_after_a_price_of_one_month_the_old_one_goes_on(market, operator):
    published(market, operator, price(market.items["a"], 3000, since=NEXT, until=date(2027, 1, 31)))
    assert [asked(market, day) for day in (NEXT, date(2027, 1, 31), date(2027, 2, 1))] == [3000, 3000, 6000]


def test_two_prices_on_one_day_are_impossible(market, operator):  # invariant 18
    item = market.items["a"]
    draft = price_list_create(title="Двойной", by=operator)
    price_set(price_list_id=draft.pk, price=price(item, 1), by=operator)
    with pytest.raises(IntegrityError, match="price_one_per_day_in_list"), transaction.atomic():
        price_set(price_list_id=draft.pk, price=price(item, 2, since=date(2028, 1, 1)), by=operator)
    live = Price.objects.get(item=item, state="published")
    with pytest.raises(IntegrityError, match="price_one_per_day"), transaction.atomic():
        Price.objects.create(
            price_list=live.price_list, state="published", item=item, months=12, valid_from=ON, valid_to=END, amount=9
        )


def test_what_is_published_stays(market, operator, head):
    item = market.items["a"]
    done = published(market, operator, price(item, 7000))
    with pytest.raises(DomainError, match="не меняется"):
        price_set(price_list_id=done.pk, price=price(item, 1), by=operator)
    with pytest.raises(DomainError, match="не раньше сегодняшнего"):
        published(market, operator, price(item, 7000, since=date(2026, 1, 1)))
    with pytest.raises(Forbidden):
        price_list_create(title="Чужой", by=head)
    price_list_archive(price_list_id=done.pk, by=operator)
    assert set(done.prices.values_list("state", flat=True)) == {"archived"}


def test_a_copy_begins_where_it_is_told(market, operator):
    source = PriceList.objects.get()
    copy = price_list_create(title="Копия", copy_of=source.pk, valid_from=NEXT, by=operator)
    assert copy.prices.get().valid_from == NEXT
    price_remove(price_id=copy.prices.get().pk, by=operator)
    with pytest.raises(DomainError, match="нет цен"):
        price_list_publish(price_list_id=copy.pk, by=operator, on=ON)
    with pytest.raises(DomainError, match="нет цен") as refused:
        price_list_create(title="Пустая копия", copy_of=copy.pk, valid_from=NEXT, by=operator)
    assert refused.value.field == "source"


def workbook(*rows, heading=HEADINGS) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Цены"])
    book.active.append(list(heading))
    for row in rows:
        book.active.append(list(row))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_sheet_says_what_is_wrong_in_which_row(market, point):
    sheet = read_price_sheet(
        workbook(
            ["a", "Везде", None, "Любая форма", 12, NEXT, END, 7000.5],
            ["a", "Регион", "39", "УСН", "12", "01.01.2027", "31.12.2027", "4 500,00"],
            ["zzz", "Везде", None, "УСН", 12, NEXT, END, 1],
            ["a", "Регион", "00", "УСН", 12, NEXT, END, 1],
            ["a", "Точка продаж", 7699, "УСН", 0, NEXT, END, 1],
            ["a", "Точка продаж", 7699, "УСН", 12, END, NEXT, 1],
            ["a", "Точка продаж", 7699, "УСН", 12, NEXT, END, "даром"],
            ["a", "Везде", None, "Любая форма", 12, NEXT, END, 8000],
            [None] * 8,
        )
    )
    assert [(p.scope, p.scope_id, p.amount, p.valid_from) for p in sheet.prices] == [
        ("all", 0, D("7000.50"), NEXT),
        ("region", 39, D("4500.00"), NEXT),
    ]
    assert [text.partition(":")[0] for text in sheet.errors] == [f"Строка {n}" for n in (5, 6, 7, 8, 9, 10)]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"plain text", workbook(heading=["Код", "Цена"])])
def test_what_is_no_price_sheet_is_refused(data):
    with pytest.raises(DomainError):
        read_price_sheet(data)


def test_a_sheet_makes_the_draft_and_its_repeat_changes_nothing(market, operator):
    item = market.items["a"]
    draft = price_list_create(title="Черновик", by=operator)
    price_set(price_list_id=draft.pk, price=price(item, 1000), by=operator)
    price_set(price_list_id=draft.pk, price=price(item, 300, payer="ip"), by=operator)
    rows = [price(item, 1100), price(item, 900, payer="usn")]
    found = compare(draft, rows)
    assert (found.added, found.changed, found.gone) == (1, 1, 1)
    assert price_list_import(price_list_id=draft.pk, prices=rows, by=operator) == {"added": 1, "changed": 1, "gone": 1}
    assert price_list_import(price_list_id=draft.pk, prices=rows, by=operator) == {"added": 0, "changed": 0, "gone": 0}
    assert compare(draft, rows).rows == []


def test_the_operator_exports_edits_and_applies(market, operator, signed_in):
    page = signed_in(operator)
    draft = price_list_create(title="Черновик", copy_of=PriceList.objects.get().pk, valid_from=NEXT, by=operator)
    response = page.get(f"/prices/?list={draft.pk}&state=draft&format=xlsx")
    book = openpyxl.load_workbook(BytesIO(b"".join(response.streaming_content)))
    sheet = book.worksheets[0]
    heading = next(row for row in sheet.iter_rows() if any(cell.value == "Код" for cell in row))
    amount = next(cell.column for cell in heading if cell.value == "Цена, ₽")
    sheet.cell(heading[0].row + 1, amount).value = 6500
    out = BytesIO()
    book.save(out)
    url = f"/prices/lists/{draft.pk}/import/"
    shown = page.post(url, {"file": SimpleUploadedFile("prices.xlsx", out.getvalue())})
    assert "6\u00a0500,00" in shown.content.decode() and draft.prices.get().amount == 6000
    packed = shown.context["sheet"]
    assert page.post(url, {"sheet": packed + "x"}).status_code == 422
    assert page.post(url, {"sheet": packed}).status_code == 302
    assert draft.prices.get().amount == 6500
    assert page.post(f"/prices/lists/{draft.pk}/publish/").status_code == 302
    assert asked(market, NEXT) == 6500


def test_pages_of_price_lists(market, operator, manager, signed_in):
    page = signed_in(operator)
    listed = PriceList.objects.get()
    for url in (
        "/prices/lists/",
        f"/prices/lists/{listed.pk}/",
        "/prices/",
        "/promos/",
        "/prices/lists/add/",
        "/promos/add/",
    ):
        assert page.get(url).status_code == 200, url
    assert (
        page.post("/prices/lists/add/", {"title": "2027", "source": listed.pk, "valid_from": "01.01.2027"}).status_code
        == 302
    )
    draft = PriceList.objects.get(title="2027")
    row = draft.prices.get()
    form = {
        "item": row.item_id,
        "payer_kind": "any",
        "months": 12,
        "valid_from": "01.01.2027",
        "valid_to": "31.12.2099",
        "amount": "7 777,00",
    }
    assert page.post(f"/prices/{row.pk}/", form).status_code == 302
    assert page.post(f"/prices/lists/{draft.pk}/prices/add/", form).status_code == 409
    row.refresh_from_db()
    assert row.amount == 7777
    assert page.post(f"/prices/{row.pk}/remove/").status_code == 302 and not draft.prices.exists()
    assert page.post(f"/prices/lists/{draft.pk}/archive/").status_code == 302
    assert signed_in(manager).get("/prices/lists/").status_code == 403


def test_promotions(market, operator, signed_in):
    page = signed_in(operator)
    form = {
        "title": "Осень",
        "code": "осень",
        "percent": "25",
        "valid_from": "01.11.2026",
        "valid_to": "30.11.2026",
        "items": [market.items["a"].pk],
    }
    assert page.post("/promos/add/", form).status_code == 302
    promo = Promo.objects.get()
    assert (promo.code, promo.percent, list(promo.items.all())) == ("ОСЕНЬ", 25, [market.items["a"]])
    assert page.get(f"/promos/{promo.pk}/").status_code == 200
    assert page.post(f"/promos/{promo.pk}/", form | {"amount": "100"}).status_code == 422
    with pytest.raises(DomainError, match="еще нет"):
        promo_save(code="Осень", title="Еще", valid_from=ON, valid_to=ON, percent=D(1), by=operator)


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"valid_to": date(2026, 11, 1), "valid_from": date(2026, 10, 1)}, "сейчас нет"),
        ({"max_uses": 1, "used": 1}, "закончилась"),
    ],
)
def test_a_promo_is_reserved_on_issue_and_given_back_on_cancel(market, change, sentence):
    from licenses.services import invoice_cancel

    promo = Promo.objects.create(code="П", title="П", valid_from=ON, valid_to=ON, amount=D("1000.00"))
    account = market.account(ON)
    chosen = market.choose(account, "a", ON)
    invoice = market.issue(account, ON, promo_code="п")
    promo.refresh_from_db()
    assert (invoice.total, promo.used) == (D("5000.00"), 1)
    invoice_cancel(invoice_id=invoice.pk, reason="Ошибка", by=market.by, on=ON)
    promo.refresh_from_db()
    chosen.refresh_from_db()
    assert (promo.used, chosen.amount) == (0, D("6000.00"))
    Promo.objects.filter(pk=promo.pk).update(**change)
    with pytest.raises(DomainError, match=sentence):
        market.issue(account, ON, promo_code="П")
