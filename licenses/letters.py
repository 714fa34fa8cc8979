"""The letter with an invoice: its words, the PDF, and sending it through Django's mail backend."""

from __future__ import annotations

import re
import smtplib

from django.conf import settings
from django.core.mail import EmailMessage

from core.money import format_money
from licenses.gateways import GatewayDown, GatewayRefused
from licenses.models import Invoice, OutboxMessage
from licenses.printing import invoice_facts, invoice_pdf
from licenses.seller import seller_of

_ADDRESS = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\".]+(\.[^@\s,;<>\".]+)+")


def is_address(text: str) -> bool:
    """One plain address: no list, no name, nothing that could become a second header."""
    return len(text) <= 254 and bool(_ADDRESS.fullmatch(text))


def invoice_letter(invoice: Invoice, *, address: str, name: str = "", text: str = "", key: str = "") -> EmailMessage:
    """The letter; the same `key` gives the same Message-ID, by which mail programs drop a repeat."""
    seller = seller_of(invoice)
    subject = f"Счет № {invoice.number} от {invoice.issued_on:%d.%m.%Y}"
    greeting = f"Здравствуйте, {name}!" if name else "Здравствуйте!"
    until = f"Счет действителен до {invoice.valid_until:%d.%m.%Y}.\n" if invoice.valid_until else ""
    own = f"{text}\n\n" if text else ""
    body = (
        f"{greeting}\n\n{own}Во вложении счет № {invoice.number} от {invoice.issued_on:%d.%m.%Y}"
        f" на сумму {format_money(invoice.total, '₽')}.\n{until}\n{seller.title}\n{seller.phone}".rstrip()
        + "\n"
    )
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip("> ") or "localhost"
    headers = {"Message-ID": f"<{re.sub(r'[^0-9A-Za-z-]', '-', key)}@{host}>"} if key else {}
    if seller.email:
        headers["Reply-To"] = seller.email
    letter = EmailMessage(subject, body, to=[address], headers=headers)
    letter.attach(f"Счет {invoice.number}.pdf", invoice_pdf(invoice_facts(invoice)), "application/pdf")
    return letter


def send_invoice(message: OutboxMessage) -> None:
    """GatewayDown: try later. GatewayRefused: the address is wrong, or the invoice is annulled meanwhile."""
    invoice = Invoice.objects.select_related("account", "legal_entity").get(pk=message.invoice_id)
    if invoice.state != "issued":
        raise GatewayRefused("Счет аннулирован: письмо не отправлено.")
    facts = message.payload
    letter = invoice_letter(invoice, address=facts["address"], name=facts["name"], text=facts["text"], key=message.key)
    try:
        letter.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = {code for code, _text in error.recipients.values()}
        if all(code >= 500 for code in codes):
            raise GatewayRefused("Почтовый сервер не принял адрес: проверьте его и отправьте счет заново.") from error
        raise GatewayDown("Почтовый сервер просит повторить позже.") from error
    except OSError as error:  # SMTPException is one
        raise GatewayDown(f"Почтовый сервер не отвечает ({type(error).__name__}).") from error
