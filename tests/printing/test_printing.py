"""The printed page and the PDF of an invoice say the same, and a scanner reads the QR back (russia.md 3.1–3.4)."""

import html
import re
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
import zxingcpp
from django.db import IntegrityError, transaction
from PIL import Image

from core.money import kopecks
from dev.check import vendored
from licenses.models import Invoice
from licenses.printing import invoice_facts, invoice_pdf
from licenses.printing import pdf as printed
from licenses.printing.qr import LIMITS, payment_qr, payment_text
from licenses.seller import seller_of
from licenses.services import invoice_cancel, invoice_replace
from licenses.statements import invoice_numbers
from tests.selling import ON

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(shop):
    """A line of software without VAT and one of a desk with 22 %."""
    entity = shop.by.salespoint.legal_entity
    entity.full_name, entity.address, entity.phone = (
        "Общество «Пример & Биллинг»",
        "г. Калининград",
        "+7 (000) 000-00-01",
    )
    entity.bank_name, entity.bik, entity.bank_account = "Банк «Образец», АО", "044525000", "40702810900000005555"
    entity.corr_account, entity.director, entity.accountant = (
        "30101810000000000000",
        "Каверкина Н. И.",
        "Пшеницына З. Л.",
    )
    entity.save()
    account = shop.account()
    shop.choose(account, "eo-basic", "ofd-desk", quantity=2)
    return shop.issue(account)


def plain(text: str) -> str:
    """Words with single spaces: how a text is broken into lines does not matter."""
    return " ".join(text.replace("\u00a0", " ").split())


def pdf_text(data: bytes) -> str:
    return plain(" ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(data)).pages))


def page_text(response) -> str:
    body = response.content.decode().split("<main", 1)[1]
    return plain(html.unescape(re.sub(r"<[^>]*>", " ", body)))


def scanned(qr) -> str:
    """What a scanner reads from the drawn modules."""
    image = Image.new("L", (qr.size, qr.size), 255)
    for x, y, width in qr.runs:
        image.paste(0, (x, y, x + width, y + 1))
    found = zxingcpp.read_barcodes(image.resize((qr.size * 4, qr.size * 4), Image.Resampling.NEAREST))
    return found[0].text


def strings(facts) -> list[str]:
    """Every word and figure of the facts."""
    lines = [
        text
        for line in facts.lines
        for text in (line.title, line.quantity, line.price, line.discount, line.amount, line.vat)
    ]
    pairs = [text for pair in [*facts.bank, *facts.totals, *facts.signers] for text in pair]
    single = [facts.title, facts.seller, facts.buyer, facts.basis, facts.count, facts.words, facts.valid_until]
    return [plain(text) for text in [*lines, *pairs, *single, *facts.grounds] if text]


@pytest.mark.rows("R2.96")
def test_page_and_pdf_say_the_same(invoice, signed_in, manager):
    client = signed_in(manager)
    page, file = client.get(f"/invoices/{invoice.pk}/print/"), client.get(f"/invoices/{invoice.pk}/pdf/")
    assert (page.status_code, file.status_code, file["Content-Type"]) == (200, 200, "application/pdf")
    assert file["Content-Disposition"].startswith("attachment")
    on_page, in_pdf = page_text(page), pdf_text(file.content)
    for text in strings(invoice_facts(invoice)):
        assert text in on_page
        assert text.replace(" ", "") in in_pdf.replace(" ", "")
    sums = re.compile(r"\d[\d ]*,\d\d")
    assert sorted(sums.findall(on_page)) == sorted(sums.findall(in_pdf))


def test_mixed_lines_tell_rate_and_ground(invoice):
    facts = invoice_facts(invoice)
    software, desk = facts.lines
    assert software.vat == "Без НДС"
    assert plain(desk.vat).startswith("22 %: ")
    labels = [plain(label) for label, _ in facts.totals]
    assert labels == ["Итого", "В том числе НДС 22 %", "Без налога (НДС)", "Всего к оплате"]
    assert facts.grounds == [f"Строка 1: НДС не облагается ({invoice.lines.first().vat_ground})"]
    assert "149" in facts.grounds[0]


def test_the_words_are_the_total(invoice):
    facts = invoice_facts(invoice)
    assert facts.words.endswith("копеек")
    assert facts.totals[-1][1] == facts.totals[0][1]


def test_a_scanner_reads_the_payment(invoice):
    facts = invoice_facts(invoice)
    read = scanned(facts.qr)
    assert read == facts.qr.text
    head, *pairs = read.split("|")
    values = dict(pair.split("=", 1) for pair in pairs)
    assert head == "ST00012"
    assert list(values) == ["Name", "PersonalAcc", "BankName", "BIC", "CorrespAcc", "PayeeINN", "KPP", "Sum", "Purpose"]
    assert values["Sum"] == str(kopecks(invoice.total))
    assert invoice_numbers(values["Purpose"]) == [invoice.number]


def test_a_scanner_reads_the_qr_of_the_pdf(invoice):
    facts = invoice_facts(invoice)
    page = pypdf.PdfReader(BytesIO(invoice_pdf(facts))).pages[0]
    drawn = re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re", page.get_contents().get_data())
    side = 600
    image, scale = Image.new("L", (side, side), 255), side / printed.QR_SIDE
    for x, y, width, height in (map(float, rect) for rect in drawn):
        image.paste(
            0, tuple(round(edge * scale) for edge in (x, printed.QR_SIDE - y - height, x + width, printed.QR_SIDE - y))
        )
    assert zxingcpp.read_barcodes(image)[0].text == facts.qr.text


def test_values_keep_the_separator_out_and_the_limits(invoice):
    entity = replace(seller_of(invoice), full_name="Я|" * 200, bank_name="Б" * 100)
    text = payment_text(entity, invoice.total, "П" * 400)
    values = dict(pair.split("=", 1) for pair in text.split("|")[1:])
    assert {name: len(values[name]) <= limit for name, limit in LIMITS.items()} == dict.fromkeys(LIMITS, True)
    assert scanned(payment_qr(text)) == text


@pytest.mark.rows("R2.96")
def test_requisites_are_those_of_the_day_of_issue(invoice, signed_in, manager):
    """A new bank, director or address of tomorrow does not reach the invoices of today."""
    before = strings(invoice_facts(invoice))
    entity = invoice.legal_entity
    entity.full_name, entity.bank_account, entity.director, entity.bik = "Другое", "4" * 20, "Новый Д. Д.", "044525999"
    entity.save()
    kept = Invoice.objects.get(pk=invoice.pk)
    assert strings(invoice_facts(kept)) == before
    assert "Другое" not in page_text(signed_in(manager).get(f"/invoices/{invoice.pk}/print/"))


def test_frozen_requisites_and_validity_do_not_change(invoice):
    for field, value in (("seller_data", {}), ("valid_until", date(2030, 1, 1)), ("payer_data", {})):
        with pytest.raises(IntegrityError, match="invoice_frozen"), transaction.atomic():
            Invoice.objects.filter(pk=invoice.pk).update(**{field: value})


def test_without_bank_requisites_there_is_no_qr(invoice, shop, signed_in, manager):
    entity = invoice.legal_entity
    entity.bik = ""
    entity.save(update_fields=["bik"])
    shop.by.salespoint.legal_entity.refresh_from_db()
    invoice = invoice_replace(invoice_id=invoice.pk, by=shop.by, on=ON)
    assert invoice_facts(invoice).qr is None
    client = signed_in(manager)
    assert b"<svg" not in client.get(f"/invoices/{invoice.pk}/print/").content
    assert client.get(f"/invoices/{invoice.pk}/pdf/").status_code == 200


def test_a_cancelled_invoice_says_so_and_asks_for_no_money(invoice, shop):
    cancelled = invoice_cancel(invoice_id=invoice.pk, reason="Ошибка", by=shop.by, on=ON)
    facts = invoice_facts(cancelled)
    assert facts.qr is None
    assert "Аннулирован" in pdf_text(invoice_pdf(facts))


def test_an_entrepreneur_has_neither_kpp_nor_accountant(invoice):
    invoice.seller_data |= {"inn": "390600000000", "kpp": ""}
    facts = invoice_facts(invoice)
    assert [post for post, _ in facts.signers] == ["Предприниматель"]
    assert "КПП" not in dict(facts.bank)


def test_outside_the_scope_there_is_nothing(invoice, signed_in, stranger):
    client = signed_in(stranger)
    assert [client.get(f"/invoices/{invoice.pk}/{form}/").status_code for form in ("print", "pdf")] == [404, 404]


def test_the_same_facts_give_the_same_file(invoice):
    assert invoice_pdf(invoice_facts(invoice)) == invoice_pdf(invoice_facts(invoice))


def test_fonts_are_those_of_the_lock():
    assert vendored(Path(printed.FONTS)) == (True, "")
