"""Bank statements become payments: once each, and matched only when number, INN and amount agree (billing 3.4)."""

import json
import os
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from core.errors import Forbidden
from core.models import JournalEntry
from licenses.models import BankStatement, Payment, PaymentAllocation
from licenses.services import invoice_cancel
from licenses.services.payments import paid_of
from licenses.services.statements import statement_import
from licenses.statements import StatementError
from tests.selling import ON

pytestmark = pytest.mark.django_db

OWN = "40702810900000005555"
FOREIGN = "40702810000000000001"
REAL_DATA = os.environ.get("SBILLING_REAL_DATA")
REAL = sorted((Path(REAL_DATA) / "bank").glob("*.txt")) if REAL_DATA else []


def order(
    purpose="", *, number="7", amount="100.00", inn="", payee=OWN, received="23.11.2026", kind="Платежное поручение"
) -> str:
    lines = [
        f"СекцияДокумент={kind}", f"Номер={number}", "Дата=23.11.2026", f"Сумма={amount}", f"ПлательщикСчет={FOREIGN}",
        f"ПлательщикИНН={inn}", "Плательщик=ООО «Плательщик»", f"ПолучательСчет={payee}", f"ДатаПоступило={received}",
        f"НазначениеПлатежа={purpose}", "КонецДокумента",
    ]  # fmt: skip
    return "\r\n".join(lines)


def file(*orders: str, own: str = OWN) -> bytes:
    head = ["1CClientBankExchange", "ВерсияФормата=1.03", "Кодировка=Windows", f"РасчСчет={own}"]
    return "\r\n".join([*head, *orders, "КонецФайла", ""]).encode("cp1251")


def load(*orders: str, **options) -> dict:
    counts = statement_import(data=file(*orders, **options), name="kl_to_1c.txt", by=None, on=ON).counts
    assert counts.documents == counts.new + counts.duplicates + counts.skipped
    assert counts.new == counts.matched + counts.suggested + counts.unmatched
    return {"new": counts.new, "duplicates": counts.duplicates, "skipped": counts.skipped}


def state() -> tuple:
    payment = Payment.objects.get()
    return payment.match_state, payment.suggested


@pytest.fixture
def invoice(shop):
    """Issued, 9 900 ₽, nothing paid; its legal entity receives on OWN."""
    account = shop.account()
    shop.choose(account, "eo-basic")
    issued = shop.issue(account)
    issued.legal_entity.bank_account = OWN
    issued.legal_entity.save(update_fields=["bank_account"])
    issued.inn = issued.payer_data["inn"]
    return issued


def test_number_inn_and_amount_agree_so_the_invoice_is_paid(invoice):
    load(order(f"Оплата по счету № {invoice.number} от 23.11.2026", amount=invoice.total, inn=invoice.inn))
    assert state() == ("matched", None)
    assert paid_of(invoice) == invoice.total
    part = PaymentAllocation.objects.get()
    assert part.is_automatic and part.payment.legal_entity == invoice.legal_entity
    assert JournalEntry.objects.filter(code__in=["payment.allocated", "statement.imported"]).count() == 2


@pytest.mark.parametrize("missing", ["number", "inn", "amount"])
def test_one_of_three_missing_is_a_suggestion(invoice, missing):
    facts = {"amount": invoice.total, "inn": invoice.inn}
    if missing != "number":
        facts[missing] = {"inn": "7707083893", "amount": "100.00"}[missing]
    load(order("Оплата за услуги" if missing == "number" else f"Оплата по счету № {invoice.number}", **facts))
    assert state() == ("suggested", invoice)
    assert paid_of(invoice) == 0


@pytest.mark.parametrize("agrees", ["number", "inn", "amount", "nothing"])
def test_one_of_three_alone_is_nothing(invoice, agrees):
    load(order(
        f"Оплата по счету № {invoice.number}" if agrees == "number" else "Оплата",
        amount=invoice.total if agrees == "amount" else "5.00",
        inn=invoice.inn if agrees == "inn" else "7707083893",
    ))  # fmt: skip
    assert state() == ("unmatched", None)


def test_the_year_named_decides(invoice):
    load(order(f"Оплата по счету № {invoice.number} от 12.05.2025", amount="50.00", inn=invoice.inn))
    assert state() == ("unmatched", None)


def test_a_paid_invoice_is_not_paid_again(invoice, shop):
    shop.pay(invoice)
    load(order(f"счет {invoice.number}", amount=invoice.total, inn=invoice.inn))
    assert Payment.objects.get(source="statement").match_state == "unmatched"


def test_the_rest_of_a_partly_paid_invoice_matches(invoice, shop):
    shop.pay(invoice, Decimal("900.00"))
    load(order(f"счет {invoice.number}", amount=invoice.total - 900, inn=invoice.inn))
    assert paid_of(invoice) == invoice.total
    assert Payment.objects.get(source="statement").match_state == "matched"


def test_one_payment_for_two_invoices(invoice, shop):
    second_account = shop.account(second=True)
    shop.choose(second_account, "eo-basic")
    second = shop.issue(second_account)
    load(
        order(
            f"Оплата по счетам {invoice.number}, {second.number}", amount=invoice.total + second.total, inn=invoice.inn
        )
    )
    assert state() == ("matched", None)
    assert (paid_of(invoice), paid_of(second)) == (invoice.total, second.total)


def test_two_equal_sums_of_one_payer_without_a_number_are_not_guessed(invoice, shop):
    account = shop.account(second=True)
    shop.choose(account, "eo-basic")
    shop.issue(account)
    load(order("Оплата за услуги", amount=invoice.total, inn=invoice.inn))
    assert state() == ("unmatched", None)


def test_a_cancelled_invoice_is_not_paid(invoice, shop):
    invoice_cancel(invoice_id=invoice.pk, reason="Ошибка в тарифе", by=shop.by, on=ON)
    load(order(f"счет {invoice.number}", amount=invoice.total, inn=invoice.inn))
    assert state() == ("unmatched", None)


def test_an_account_of_nobody_is_never_automatic(invoice):
    other = "40702810900000007777"
    load(order(f"счет {invoice.number}", amount=invoice.total, inn=invoice.inn, payee=other), own=other)
    assert state() == ("suggested", invoice)


def test_the_same_file_and_an_overlapping_one(invoice):
    assert load(order("а"), order("б", number="8")) == {"new": 2, "duplicates": 0, "skipped": 0}
    assert load(order("а"), order("б", number="8")) == {"new": 0, "duplicates": 2, "skipped": 0}
    assert load(order("б", number="8"), order("в", number="9")) == {"new": 1, "duplicates": 1, "skipped": 0}
    assert BankStatement.objects.count() == 2
    assert JournalEntry.objects.filter(code="statement.imported").count() == 2


def test_equal_rows_of_one_file_are_two_payments(invoice):
    assert load(order("а"), order("а")) == {"new": 2, "duplicates": 0, "skipped": 0}
    assert load(order("а"), order("а"), order("а")) == {"new": 1, "duplicates": 2, "skipped": 0}


def test_the_inn_is_no_part_of_the_key_where_the_account_is_known(invoice):
    load(order("а", inn=invoice.inn))
    assert load(order("а"))["duplicates"] == 1


def test_what_did_not_come_in_is_skipped(invoice):
    assert load(
        order("наш платеж", payee=FOREIGN),
        order("еще не поступил", received=""),
        order("комиссия", kind="Банковский ордер"),
        order("без суммы", amount="?"),
    ) == {"new": 0, "duplicates": 0, "skipped": 4}


def test_import_by_hand_needs_the_right(support):
    with pytest.raises(Forbidden):
        statement_import(data=file(), name="a.txt", by=support, on=ON)


def test_no_statement_writes_nothing():
    with pytest.raises(StatementError):
        statement_import(data=b"PK\x03\x04", name="a.xlsx", by=None, on=ON)
    assert not BankStatement.objects.exists()


def test_two_imports_at_once_take_each_payment_once(threads, transactional_db):
    data = file(*[order("а", number=str(number)) for number in range(10)])
    results = threads(4, lambda _: statement_import(data=data, name="a.txt", by=None, on=ON).counts)
    assert sum(row.new for row in results) == Payment.objects.count() == 10
    assert sum(row.duplicates for row in results) == 30


def command(path: Path) -> dict:
    out = StringIO()
    call_command("import_statement", str(path), stdout=out, stderr=StringIO())
    return json.loads(out.getvalue().splitlines()[-1])


def test_the_command_prints_counts_twice(invoice, tmp_path):
    path = tmp_path / "kl_to_1c.txt"
    path.write_bytes(
        file(
            order(f"счет {invoice.number}", amount=invoice.total, inn=invoice.inn),
            order("комиссия", kind="Банковский ордер"),
        )
    )
    first = {"documents": 2, "new": 1, "duplicates": 0, "skipped": 1, "matched": 1, "suggested": 0, "unmatched": 0}
    assert command(path) == first
    assert command(path) == {**first, "new": 0, "duplicates": 1, "matched": 0}


@pytest.mark.parametrize(
    ("content", "says"), [(b"", "Файл пуст"), (b"hello", "не банковская выписка"), (None, "не прочитан")]
)
def test_the_command_refuses_with_a_sentence_and_exit_2(tmp_path, content, says):
    path = tmp_path / "a.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError, match=says) as refused:
        command(path)
    assert refused.value.returncode == 2


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_statements(path):
    counts = command(path)
    assert counts["documents"] == counts["new"] + counts["duplicates"] + counts["skipped"] > 0
    again = command(path)
    assert (again["new"], again["duplicates"] + again["skipped"]) == (0, counts["documents"])
