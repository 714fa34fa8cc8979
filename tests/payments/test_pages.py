"""The pages of payments and statements: list, upload, preview, import, report, matching, undo (R2.97; russia.md 3.7)."""

from __future__ import annotations

import os
import time
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.jobs.scheduling import run_queued
from core.models import JournalEntry
from licenses.models import BalanceEntry, Payment, StatementUpload
from licenses.services import balance_spend
from licenses.services.payments import balance_of, free_of, paid_of
from licenses.services.uploads import folder_file_take, folder_files
from tests import factories as make
from tests.payments.test_statement_import import OWN, file, load, order
from tests.selling import ON

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(shop):
    entity = shop.by.salespoint.legal_entity
    entity.bank_account = OWN
    entity.save(update_fields=["bank_account"])
    account = shop.account()
    shop.choose(account, "eo-basic")
    return shop.issue(account)


@pytest.fixture
def payment(invoice):
    """A third party's, 1 000 ₽ more than the invoice it names."""
    load(order(f"счет {invoice.number}", amount=invoice.total + 1000, inn="7707083893"))
    return Payment.objects.get()


def upload(client, *files: tuple[str, bytes], **extra):
    sent = [SimpleUploadedFile(name, data) for name, data in files]
    return client.post("/payments/statements/add/", {"files": sent, **extra})


def take_all(client):
    ids = list(StatementUpload.objects.filter(state="waiting").values_list("pk", flat=True))
    return client.post("/payments/statements/import/", {"upload": ids})


def text(answer) -> str:
    return answer.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ")


@pytest.mark.rows("R2.97")
def test_upload_shows_what_would_come_in_and_takes_it_in_once(invoice, signed_in, manager):
    client = signed_in(manager)
    data = file(
        order(f"счет {invoice.number}", amount=invoice.total, inn=invoice.payer_data["inn"]),
        order("кому-то", number="8"),
        order("комиссия", number="9", kind="Банковский ордер"),
    )
    assert upload(client, ("kl_to_1c.txt", data))["Location"] == "/payments/statements/waiting/"
    assert not Payment.objects.exists()
    shown = text(client.get("/payments/statements/waiting/"))
    for words in (
        "Оплатит счет",
        f"счет № {invoice.number}",
        "Счет не найден",
        "Не платежное поручение: Банковский ордер",
    ):
        assert words in shown
    answer = take_all(client)
    row = StatementUpload.objects.get()
    assert answer["Location"] == row.get_absolute_url()
    assert (row.state, row.content, row.counts["new"], row.counts["matched"]) == ("imported", None, 2, 1)
    assert paid_of(invoice) == invoice.total
    report = text(client.get(row.get_absolute_url()))
    assert "Оплатил счет" in report
    assert f"/payments/{Payment.objects.get(match_state='matched').pk}/" in report
    upload(client, ("again.txt", data))
    take_all(client)
    assert Payment.objects.count() == 2
    assert StatementUpload.objects.order_by("pk").last().counts["duplicates"] == 2


def test_several_files_and_one_that_is_none(invoice, signed_in, manager):
    client = signed_in(manager)
    one, two = file(order("а")), file(order("б", number="8"))
    upload(client, ("one.txt", one), ("two.txt", two), ("table.xlsx", b"PK\x03\x04"), ("empty.txt", b""))
    states = dict(StatementUpload.objects.values_list("name", "state"))
    assert states == {"one.txt": "waiting", "two.txt": "waiting", "table.xlsx": "refused", "empty.txt": "refused"}
    page = text(client.get("/payments/statements/waiting/"))
    assert "не банковская выписка" in page
    assert "Загрузить 2 платежа" in page
    take_all(client)
    assert Payment.objects.count() == 2
    listed = text(client.get("/payments/statements/?all=1"))
    assert "Файл пуст" in listed


def test_a_payment_in_two_waiting_files_is_told_once(invoice, signed_in, manager):
    client = signed_in(manager)
    upload(client, ("one.txt", file(order("а"))), ("two.txt", file(order("а"), order("б", number="8"))))
    page = text(client.get("/payments/statements/waiting/"))
    assert "Загрузить 2 платежа" in page
    assert "Есть в файле выше" in page


@pytest.mark.parametrize("data", [b"", b"\x00" * 100, b"PK\x03\x04", b"<html>", "выписка".encode("utf-16")])
def test_what_is_no_statement_is_one_sentence(signed_in, manager, data):
    answer = upload(signed_in(manager), ("a.txt", data))
    assert answer.status_code == 422
    assert "выгрузите" in text(answer)
    assert not Payment.objects.exists()


def test_no_file_at_all_and_too_many(signed_in, manager):
    client = signed_in(manager)
    assert client.post("/payments/statements/add/", {}).status_code == 422
    assert upload(client, *[(f"{n}.txt", b"x") for n in range(21)]).status_code == 422


def test_one_does_not_see_another_ones_files(invoice, signed_in, manager, head, operator):
    upload(signed_in(manager), ("mine.txt", file(order("а"))))
    row = StatementUpload.objects.get()
    url = row.get_absolute_url()
    assert [signed_in(who).get(url).status_code for who in (manager, head, operator)] == [200, 404, 200]
    assert signed_in(head).post(f"{url}drop/").status_code == 404
    assert signed_in(manager).post(f"{url}drop/").status_code == 302
    row.refresh_from_db()
    assert (row.state, row.content) == ("refused", None)


def test_a_long_statement_goes_on_in_the_background(invoice, signed_in, manager, monkeypatch):
    monkeypatch.setattr("licenses.services.uploads.INLINE_DOCUMENTS", 1)
    client = signed_in(manager)
    upload(client, ("a.txt", file(order("а"), order("б", number="8"))))
    take_all(client)
    assert not Payment.objects.exists()
    (run,) = [run for run in run_queued() if run.job == "licenses.import_statements"]
    assert (run.state, run.counts["new"], Payment.objects.count()) == ("done", 2, 2)


def test_the_folder_of_the_bank(invoice, settings, tmp_path):
    settings.STATEMENT_FOLDER = str(tmp_path)
    good, bad = tmp_path / "kl_to_1c.txt", tmp_path / "readme.txt"
    good.write_bytes(file(order("а")))
    bad.write_text("hello")
    assert list(folder_files(tmp_path)) == [], "a file that is being written waits"
    for path in (good, bad):
        os.utime(path, (time.time() - 60, time.time() - 60))
    for path, size in list(folder_files(tmp_path)):
        folder_file_take(path=path, size=size, on=ON)
    assert Payment.objects.count() == 1
    assert dict(StatementUpload.objects.values_list("name", "state")) == {
        "kl_to_1c.txt": "imported",
        "readme.txt": "refused",
    }
    assert list(folder_files(tmp_path)) == []
    good.write_bytes(file(order("а"), order("б", number="8")))
    os.utime(good, (time.time() + 60, time.time() + 60))
    assert [path for path, _size in folder_files(tmp_path)] in ([], [good])


@pytest.mark.rows("R2.97")
def test_suggestions_say_why_and_the_payment_is_placed(payment, invoice, signed_in, manager, shop):
    client, url = signed_in(manager), payment.get_absolute_url()
    page = text(client.get(url))
    assert "номер в назначении" in page
    assert f"на баланс: {invoice.account.name}" in page
    answer = client.post(
        url, {"invoice": [invoice.pk], f"amount_{invoice.pk}": "", "rest": str(invoice.account.number)}
    )
    assert answer.status_code == 302
    payment.refresh_from_db()
    assert (payment.match_state, paid_of(invoice), balance_of(invoice.account)) == (
        "overpaid",
        invoice.total,
        Decimal(1000),
    )
    page = text(client.get(url))
    assert "Куда ушли деньги" in page
    assert "Баланс аккаунта" in page
    card = text(client.get(f"/accounts/{invoice.account.number}/payments/"))
    assert "Движение денег" in card
    assert "Переплата на баланс" in card
    assert client.post(f"{url}undo/").status_code == 302
    assert (free_of(payment), balance_of(invoice.account), paid_of(invoice)) == (payment.amount, 0, 0)
    codes = set(JournalEntry.objects.values_list("code", flat=True))
    assert {"payment.allocated", "payment.kept", "payment.unkept", "payment.undone"} <= codes


def test_search_by_number_inn_sum_account_and_name(payment, invoice, signed_in, manager):
    client = signed_in(manager)
    words = [
        invoice.number,
        f"№ {invoice.number}",
        invoice.payer_data["inn"],
        "9 900,00",
        str(invoice.account.number),
        "золотое",
    ]
    for query in words:
        page = text(client.get(payment.get_absolute_url(), {"q": query}))
        assert f'value="{invoice.pk}"' in page, query
    for query in ("нет такого", "%", "'", "9" * 30, "0,00"):
        page = client.get(payment.get_absolute_url(), {"q": query})
        assert page.status_code == 200


def test_what_was_typed_comes_back_with_the_refusal(payment, invoice, signed_in, manager):
    client, url = signed_in(manager), payment.get_absolute_url()
    for typed, told in (("1000000", "не больше"), ("сто", "Сумма «сто»"), ("-5", "")):
        answer = client.post(url, {"invoice": [invoice.pk], f"amount_{invoice.pk}": typed})
        assert answer.status_code == 422
        assert told in text(answer)
        assert f'value="{typed}"' in text(answer)
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"invoice": ["x", "9" * 30]}).status_code == 422
    assert client.post(url, {"invoice": [99999999]}).status_code == 422
    assert client.post(url, {"rest": "99999999"}).status_code == 422
    assert paid_of(invoice) == 0


def test_a_stale_page_is_a_conflict_and_a_second_press_does_nothing(payment, invoice, signed_in, manager):
    client, url = signed_in(manager), payment.get_absolute_url()
    version, token = payment.version, "0b6ff1f5-0d3e-4b6a-9c3c-6d9f9a1f0001"
    data = {"invoice": [invoice.pk], f"amount_{invoice.pk}": "500", "version": version, "form_token": token}
    assert [client.post(url, data).status_code for _ in range(2)] == [302, 302]
    assert paid_of(invoice) == 500
    assert client.post(url, data | {"form_token": token[:-1] + "2"}).status_code == 409
    assert paid_of(invoice) == 500


def test_one_part_back_and_money_that_is_spent_stays(payment, invoice, signed_in, manager, shop):
    client, url = signed_in(manager), payment.get_absolute_url()
    client.post(url, {"invoice": [invoice.pk], "rest": str(invoice.account.number)})
    part = payment.allocations.get()
    assert client.post(f"{url}parts/{part.pk}/undo/").status_code == 302
    assert client.post(f"{url}parts/{part.pk}/undo/").status_code == 409
    balance_spend(invoice_id=invoice.pk, amount=Decimal(400), by=shop.by, on=ON)
    refused = client.post(f"{url}kept/{invoice.account.number}/undo/")
    assert refused.status_code == 422
    assert "уже потрачено 400,00" in text(refused)
    assert client.post(f"{url}undo/").status_code == 422
    assert BalanceEntry.objects.filter(payment=payment).count() == 1


def test_a_shipped_invoice_keeps_its_money(payment, invoice, signed_in, manager, shop):
    client, url = signed_in(manager), payment.get_absolute_url()
    client.post(url, {"invoice": [invoice.pk]})
    shop.ship(invoice)
    for step in (f"{url}undo/", f"{url}parts/{payment.allocations.get().pk}/undo/"):
        answer = client.post(step)
        assert answer.status_code == 422
        assert "отгружен" in text(answer)
    assert paid_of(invoice) == invoice.total


def test_money_that_is_nobodys_leaves_the_queue_and_comes_back(payment, invoice, signed_in, manager):
    client, url = signed_in(manager), payment.get_absolute_url()
    assert client.post(f"{url}skip/", {"reason": ""}).status_code == 422
    assert client.post(f"{url}skip/", {"reason": "Возврат займа"}).status_code == 302
    assert "Найдено: 1 плат" in text(client.get("/payments/?seg=skipped"))
    assert "Возврат займа" in text(client.get(url))
    assert client.post(url, {"invoice": [invoice.pk]}).status_code == 422
    assert client.post(f"{url}unskip/").status_code == 302
    payment.refresh_from_db()
    assert (payment.match_state, payment.skip_reason) == ("unmatched", "")


def test_the_list_filters_adds_up_and_exports(payment, invoice, shop, signed_in, operator, manager):
    shop.pay(invoice, Decimal(100), number="77")
    client = signed_in(operator)
    page = text(client.get("/payments/?all=1"))
    assert "2 платежа" in page
    for query, number in (
        ("seg=new", 1), ("seg=suggested", 0), ("seg=matched", 1), ("seg=open", 1), (f"account={invoice.account.number}", 1), ("account=1", 0),
        ("amount_from=5000", 1), ("payer=7707083893", 1), ("source=hand", 1), ("received=month", 2), ("received=yesterday", 0),
    ):  # fmt: skip
        assert f"Найдено: {number} плат" in text(client.get(f"/payments/?{query}")), query
    assert client.get("/payments/?all=1&format=xlsx").status_code == 200
    assert "Золотое дно" in text(signed_in(manager).get("/payments/?seg=matched"))


def test_another_legal_entitys_money_is_seen_by_neither_list_nor_card(payment, signed_in, stranger, other_point):
    other_point.legal_entity = make.LegalEntityFactory(inn=make.inn10(77))
    other_point.save(update_fields=["legal_entity"])
    client = signed_in(stranger)
    assert client.get(payment.get_absolute_url()).status_code == 404
    assert "Найдено: 0" in text(client.get("/payments/?all=1"))


def test_the_order_that_was_taken_in_by_hand_is_recognised(invoice, shop, signed_in, manager):
    shop.pay(invoice, number="7")
    load(order(f"счет {invoice.number}", amount=invoice.total, inn=invoice.payer_data["inn"]))
    late = Payment.objects.get(source="statement")
    assert late.match_state == "unmatched"
    assert "уже приняты вручную" in text(signed_in(manager).get(late.get_absolute_url()))


def test_once_it_is_placed_only_those_who_sell_to_that_account_see_it(
    payment, invoice, signed_in, manager, stranger, other_point
):
    """Two sales points of one legal entity: money nobody has placed is common, then it is the account's."""
    assert other_point.legal_entity_id == invoice.legal_entity_id
    assert signed_in(stranger).get(payment.get_absolute_url()).status_code == 200
    signed_in(manager).post(payment.get_absolute_url(), {"invoice": [invoice.pk]})
    assert signed_in(stranger).get(payment.get_absolute_url()).status_code == 404
