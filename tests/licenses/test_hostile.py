"""Forms of selling in bad hands: foreign ids, huge and negative numbers, stale and doubled submits, days outside."""

from datetime import timedelta

import pytest
from django.urls import reverse

from licenses.models import Allocation, License, Term
from licenses.services import invoice_cancel, shipment_cancel
from tests import factories as make
from tests.selling import ON

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(shop):
    return shop.account()


@pytest.fixture
def page(signed_in, manager):
    return signed_in(manager)


def url(name: str, account, **more) -> str:
    return reverse(name, kwargs={"number": account.number, **more})


@pytest.fixture
def form(shop, account):
    tariff = shop.items["eo-basic"]
    return {
        "item": [str(tariff.pk)], "payer": str(shop.client.pk), "payer_kind": "usn", "months": "12", "starts_on": f"{ON:%d.%m.%Y}",
    }  # fmt: skip


BAD = [
    {"item": []},
    {"item": ["0"]},
    {"item": ["99999999"]},
    {"item": ["9" * 40]},
    {"item": ["-1"]},
    {"item": ["x\x00"]},
    {"months": "0"},
    {"months": "61"},
    {"months": "7"},
    {"starts_on": ""},
    {"starts_on": "31.02.2026"},
    {"starts_on": "01.01.0001"},
    {"starts_on": "31.12.9999"},
    {"starts_on": "\x00"},
]


@pytest.mark.rows("R2.86", "R2.90", "R2.92")
@pytest.mark.parametrize("change", BAD, ids=str)
def test_the_price_list_refuses_in_words_and_saves_nothing(account, page, form, change):
    where = url("licenses-add", account)
    before = License.objects.count()
    answer = page.post(where, form | change)
    recount = page.post(where, form | change | {"recount": "1"})
    assert recount.status_code == 200
    saved = License.objects.count() - before
    # A bad length or day falls back to what the page then shows; what cannot be sold is refused.
    assert (answer.status_code, saved) in ((422, 0), (302, 1)), answer.status_code
    if saved:
        assert "months" in change and License.objects.get().term.months == 12
    else:
        assert 'role="alert"' in answer.content.decode()


@pytest.mark.rows("R2.92", "R2.93")
@pytest.mark.parametrize("quantity", ["-1", "0", "10000", "99999999", "1e5", "1.5", "x", "\x00", ""])
def test_quantities_are_whole_and_within_bounds(shop, account, page, form, quantity):
    desk = shop.items["ofd-desk"]
    answer = page.post(url("licenses-add", account), form | {"item": [desk.pk], f"quantity_{desk.pk}": quantity})
    if quantity == "":
        assert answer.status_code == 302 and License.objects.get().quantity == 1
        return
    assert answer.status_code == 422 and not License.objects.exists()
    assert "оличество" in answer.content.decode()


@pytest.mark.rows("R2.87")
def test_only_a_member_of_the_account_pays(account, page, form):
    foreign = make.ClientFactory(region_code="39")
    for payer in (str(foreign.pk), "0", "9" * 30, "x"):
        page.post(url("licenses-add", account), form | {"payer": payer})
    assert set(License.objects.values_list("payer", flat=True)) <= {account.members.get().client_id}


def test_a_double_submit_chooses_once(account, page, form):
    shown = page.get(url("licenses-add", account)).content.decode()
    token = shown.split('name="form_token" value="')[1].split('"')[0]
    for _ in range(2):
        assert page.post(url("licenses-add", account), form | {"form_token": token}).status_code == 302
    assert License.objects.count() == Term.objects.count() == 1


def test_a_position_of_another_account_is_not_touched(shop, account, page, form):
    page.post(url("licenses-add", account), form)
    chosen = License.objects.get()
    shop.client = make.ClientFactory(region_code="39")
    other = shop.account()
    for name in ("license-drop", "license-change", "license-distribute"):
        assert page.post(url(name, other, license=chosen.pk)).status_code == 404
    assert page.post(url("license-drop", account, license=10**18)).status_code == 404
    chosen.refresh_from_db()
    assert chosen.state == "selected"


def test_stale_pages_are_refused(shop, account, page, form, head):
    """Each button of a page that has been overtaken by somebody else."""
    page.post(url("licenses-add", account), form)
    chosen = License.objects.get()
    invoice = shop.issue(account)
    assert page.post(url("license-drop", account, license=chosen.pk)).status_code in (409, 422)
    assert page.post(url("invoice-issue", account)).status_code == 422
    shop.pay(invoice)
    shop.ship(invoice)
    assert page.post(f"/invoices/{invoice.pk}/cancel/", {"reason": "нет"}).status_code in (409, 422)
    shipment_cancel(invoice_id=invoice.pk, reason="Не пришли", by=head, on=ON)
    assert page.post(f"/invoices/{invoice.pk}/activate/").status_code in (409, 422)
    assert page.post(url("license-distribute", account, license=chosen.pk), {f"client_{shop.client.pk}": "1"}).status_code == 422  # fmt: skip
    chosen.refresh_from_db()
    assert chosen.state == "invoiced" and not Allocation.objects.exists()


@pytest.mark.rows("R2.91")
@pytest.mark.parametrize("quantity", ["-1", "2", "10000", "9" * 30, "x", "", "1.5", "\x00"])
def test_nothing_above_what_was_bought_is_distributed(shop, page, quantity):
    account, _ = shop.sold("eo-basic")
    license = License.objects.get()
    where = url("license-distribute", account, license=license.pk)
    assert page.post(where, {f"client_{shop.client.pk}": quantity}).status_code == 422
    foreign = make.ClientFactory(region_code="39")
    page.post(where, {f"client_{shop.client.pk}": "0", f"client_{foreign.pk}": "1"})
    assert not Allocation.objects.exists()
    assert page.post(where, {f"client_{shop.client.pk}": "1"}).status_code == 302


@pytest.mark.rows("R2.88")
@pytest.mark.parametrize("shift", [-3650, -366, -1, 3660])
def test_a_period_far_from_today_is_refused(shop, account, page, form, shift):
    day = ON + timedelta(days=shift)
    answer = page.post(url("licenses-add", account), form | {"starts_on": f"{day:%d.%m.%Y}"})
    assert answer.status_code == 422, License.objects.values("starts_on")
    assert f"{day:%d.%m.%Y}" in answer.content.decode()


@pytest.mark.rows("R2.88")
def test_a_second_tariff_of_a_direction_joins_its_period_and_says_so(shop, page):
    account, _ = shop.sold("eo-basic")
    later = {"item": [shop.items["eo-alcohol"].pk], "payer": shop.client.pk, "payer_kind": "usn", "months": "12", "starts_on": "23.10.2027"}  # fmt: skip
    shown = page.post(url("licenses-add", account), later | {"recount": "1"}).content.decode()
    assert "23.10.2027 – 22.11.2027" in shown and "31 / 365" in shown
    assert page.post(url("licenses-add", account), later).status_code == 302
    joined = License.objects.get(item=shop.items["eo-alcohol"])
    assert joined.ends_on == joined.term.ends_on and joined.term.licenses.count() == 2


def test_an_invoice_that_was_cancelled_frees_its_positions(shop, account, page, form):
    page.post(url("licenses-add", account), form)
    invoice = shop.issue(account)
    invoice_cancel(invoice_id=invoice.pk, reason="Ошибка", by=shop.by, on=ON)
    assert page.post(url("license-drop", account, license=License.objects.get().pk)).status_code == 302
    assert not Term.objects.filter(is_cancelled=False).exists()
