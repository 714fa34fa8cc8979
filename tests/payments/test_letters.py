"""The invoice by mail: once a press, with the PDF, and a mail server that is down loses nothing (R2.96)."""

from __future__ import annotations

import smtplib
from io import BytesIO

import pypdf
import pytest
from django.core import mail

from core import clock
from core.errors import DomainError, Forbidden
from core.models import JournalEntry
from licenses.letters import is_address
from licenses.models import OutboxMessage
from licenses.services import invoice_cancel, outbox
from tests.selling import ON

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(shop, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    account = shop.account()
    shop.choose(account, "eo-basic")
    return shop.issue(account)


def deliver() -> str | None:
    OutboxMessage.objects.filter(state="waiting").update(next_try_at=clock.system_now())
    return outbox.deliver(OutboxMessage.objects.latest("pk").pk)


def page(client, invoice) -> str:
    return client.get(invoice.get_absolute_url()).content.decode().replace("\u00a0", " ")


@pytest.mark.rows("R2.96")
def test_to_a_contact_once_a_press_with_the_pdf(invoice, signed_in, manager):
    client, url = signed_in(manager), f"{invoice.get_absolute_url()}send/"
    form = client.get(url).content.decode()
    assert "buh@client.example" in form
    data = {
        "contact": "buh@client.example",
        "text": "Ждем оплату.",
        "form_token": "0b6ff1f5-0d3e-4b6a-9c3c-6d9f9a1f0009",
    }
    assert [client.post(url, data).status_code for _ in range(2)] == [302, 302]
    assert OutboxMessage.objects.count() == 1
    assert "Отправляется" in page(client, invoice)
    assert deliver() == "sent"
    (letter,) = mail.outbox
    assert letter.to == ["buh@client.example"]
    assert letter.subject == f"Счет № {invoice.number} от 23.11.2026"
    assert "Здравствуйте, Морозова Ольга Игоревна!" in letter.body
    assert "Ждем оплату." in letter.body
    name, data, kind = letter.attachments[0]
    assert (name, kind) == (f"Счет {invoice.number}.pdf", "application/pdf")
    assert f"{invoice.number}" in pypdf.PdfReader(BytesIO(data)).pages[0].extract_text()
    assert "Отправлен " in page(client, invoice)
    assert "buh@client.example" in page(client, invoice)
    codes = JournalEntry.objects.filter(code__startswith="invoice.letter").order_by("pk").values_list("code", "by")
    assert list(codes) == [("invoice.letter_queued", manager.pk), ("invoice.letter_sent", manager.pk)]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ConnectionRefusedError(111, "refused"), "waiting"), (smtplib.SMTPServerDisconnected("gone"), "waiting"), (TimeoutError(), "waiting"),
        (smtplib.SMTPRecipientsRefused({"buh@client.example": (450, b"later")}), "waiting"),
        (smtplib.SMTPRecipientsRefused({"buh@client.example": (550, b"no such user")}), "parked"),
    ],
    ids=str,
)  # fmt: skip
def test_a_mail_server_that_is_down_loses_nothing(invoice, signed_in, manager, monkeypatch, error, state):
    def fail(*_args, **_kwargs):
        raise error

    outbox.invoice_send(invoice_id=invoice.pk, address="buh@client.example", by=manager)
    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
        assert deliver() == state
    row = OutboxMessage.objects.get()
    assert row.last_error.startswith("Почтовый сервер")
    assert row.last_error in page(signed_in(manager), invoice)
    OutboxMessage.objects.update(state="waiting")
    assert deliver() == "sent"
    assert len(mail.outbox) == 1
    assert deliver() is None


def test_an_annulled_invoice_is_not_sent(invoice, shop, manager):
    outbox.invoice_send(invoice_id=invoice.pk, address="buh@client.example", by=manager)
    invoice_cancel(invoice_id=invoice.pk, reason="Ошибка", by=shop.by, on=ON)
    assert deliver() == "parked"
    assert not mail.outbox
    with pytest.raises(DomainError, match="аннулирован"):
        outbox.invoice_send(invoice_id=invoice.pk, address="buh@client.example", by=manager)


def test_a_letter_waits_for_no_parked_message(invoice, manager, shop):
    now = clock.system_now()
    OutboxMessage.objects.create(
        key="x", kind="invoice.create", invoice=invoice, payload={}, state="parked", next_try_at=now, created_at=now
    )
    outbox.invoice_send(invoice_id=invoice.pk, address="buh@client.example", by=manager)
    assert deliver() == "sent"


@pytest.mark.parametrize(
    "address",
    ["", "нет", "a@b", "a@b.", "a b@c.ru", "a@c.ru, b@c.ru", "a@c.ru Bcc:x@y.ru", "<a@c.ru>", "a@" + "c" * 260 + ".ru", "@c.ru"],
)  # fmt: skip
def test_what_is_no_address(invoice, signed_in, manager, address):
    assert not is_address(address)
    with pytest.raises(DomainError, match="Проверьте email"):
        outbox.invoice_send(invoice_id=invoice.pk, address=address, by=manager)
    answer = signed_in(manager).post(f"{invoice.get_absolute_url()}send/", {"contact": "", "address": address})
    assert answer.status_code == 422
    assert not OutboxMessage.objects.exists()


def test_who_may(invoice, support, stranger):
    with pytest.raises(Forbidden):
        outbox.invoice_send(invoice_id=invoice.pk, address="a@c.ru", by=support)
    with pytest.raises(type(invoice).DoesNotExist):
        outbox.invoice_send(invoice_id=invoice.pk, address="a@c.ru", by=stranger)
