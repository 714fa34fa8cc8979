"""The PDF says what the screen and the print say, whatever stands in the invoice: opened by a library, decoded by a library."""

import html
import re
from datetime import date
from decimal import Decimal as D

import pytest

from clients.models import Client
from core.money import kopecks
from licenses.models import Invoice, Item, Promo
from licenses.printing import invoice_facts, invoice_pdf
from tests import factories as make
from tests.licenses.market import open_market

from .test_printing import page_text, pdf_text, scanned, strings

pytestmark = pytest.mark.django_db

ON = date(2026, 3, 2)
LONG = "Муниципальное бюджетное общеобразовательное учреждение «Средняя школа № 7 имени Героя Советского Союза» — филиал «Заря & Ко» в п. Янтарный, МБОУ"
ITEMS = {
    # code: (price, line, VAT, countable)
    "kopecks": ("0.07", "eo", "standard", True),
    "exempt": ("5999.99", "eo", "exempt", False),
    "standard": ("1234567.89", "edo", "standard", False),
    "reduced": ("110.10", "edo", "reduced", False),
    "zero": ("333.33", "edo", "zero", False),
    "free": ("10.00", "edo", "exempt", False),
}
KINDS = {
    "one exempt line": ["exempt"],
    "kopecks by the piece": ["kopecks"],
    "every rate": ["exempt", "standard", "reduced", "zero", "kopecks"],
    "nothing to pay": ["free"],
}


@pytest.fixture
def market(head):
    entity = head.salespoint.legal_entity
    entity.full_name, entity.address = (
        f"Общество с ограниченной ответственностью {LONG}",
        "г. Калининград, ул. Тестовая, д. 1",
    )
    entity.bank_name, entity.bik, entity.bank_account = (
        "Банк «Образец & сыновья», АО",
        "044525000",
        "40702810900000005555",
    )
    entity.corr_account, entity.director = "30101810000000000000", "Каверкина Н. И."
    entity.save()
    market = open_market(head)
    for code, (price, line, vat, countable) in ITEMS.items():
        market.item(code, price, line=line, vat_kind=vat, countable=countable)
        Item.objects.filter(code=code).update(title=f"{LONG}, {code}"[:120])
    Promo.objects.create(code="ДАРОМ", title="−100 %", valid_from=ON, valid_to=ON, percent=100)
    return market


def invoice_of(market, codes: list[str], name: str) -> Invoice:
    account = market.account(ON, client=make.ClientFactory(name=name))
    for code in codes:
        market.choose(account, code, ON, quantity=7 if ITEMS[code][3] else 1)
    return market.issue(account, ON, promo_code="даром" if codes == ["free"] else "")


@pytest.mark.rows("R2.96")
@pytest.mark.parametrize("kind", KINDS)
def test_screen_print_and_pdf_agree(market, signed_in, head, kind):
    name = LONG if "rate" in kind else "Ромашка <b>&amp;</b>, ООО"
    invoice = invoice_of(market, KINDS[kind], name)
    facts, client = invoice_facts(invoice), signed_in(head)
    on_print, in_pdf = page_text(client.get(f"/invoices/{invoice.pk}/print/")), pdf_text(invoice_pdf(facts))
    screen = page_text(client.get(f"/invoices/{invoice.pk}/"))
    for text in strings(facts):
        assert text in on_print
        assert text.replace(" ", "") in in_pdf.replace(" ", "")
    sums = re.compile(r"\d[\d ]*,\d\d")
    assert sorted(sums.findall(on_print)) == sorted(sums.findall(in_pdf))
    # The screen tells the same lines and the same total.
    for line in facts.lines:
        assert line.amount.replace("\u00a0", " ") in screen
    assert facts.totals[-1][1].replace("\u00a0", " ") in screen
    assert Client.objects.get(pk=invoice.payer_id).name == name
    assert html.unescape("&lt;b&gt;") in in_pdf or "rate" in kind


@pytest.mark.parametrize("kind", KINDS)
def test_the_code_asks_for_the_sum_of_the_invoice(market, kind):
    invoice = invoice_of(market, KINDS[kind], LONG)
    facts = invoice_facts(invoice)
    if not invoice.total:
        assert (facts.qr, facts.words[:4]) == (None, "Ноль")
        return
    values = dict(pair.split("=", 1) for pair in scanned(facts.qr).split("|")[1:])
    assert values["Sum"] == str(kopecks(invoice.total))
    assert values["Name"] == invoice.legal_entity.full_name.strip()[:160]


def test_vat_of_every_rate_is_told_once(market):
    invoice = invoice_of(market, KINDS["every rate"], "Ромашка, ООО")
    totals = {
        label.replace("\u00a0", " "): amount.replace("\u00a0", "") for label, amount in invoice_facts(invoice).totals
    }
    assert totals == {
        "Итого": "1241011,80", "В том числе НДС 22 %": "222627,09", "В том числе НДС 10 %": "10,01", "В том числе НДС 0 %": "0,00",
        "Без налога (НДС)": "5999,99", "Всего к оплате": "1241011,80",
    }  # fmt: skip
    assert invoice.vat_total == D("222637.10")
