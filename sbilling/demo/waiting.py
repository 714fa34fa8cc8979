"""What waits for people: money that nobody has placed yet, visits of an engineer this week and next."""

from __future__ import annotations

from datetime import date, time, timedelta
from random import Random

from licenses.models import Appointment, Invoice, Payment

from .clients import moment
from .network import Network

# What a payer may do wrong: part of the sum, purpose, and whether he pays for himself.
PAYERS = [
    (1, "Оплата по счету № {number} от {day}", False),
    (1, "За лицензию, оплата за {name}", True),
    (2, "Частичная оплата по сч. {number}", False),
    (1, "Оплата по договору", False),
]


def load_waiting(rng: Random, net: Network, on: date) -> None:
    """Bank payments without a place and planned visits, of issued invoices of the first sales point."""
    manager, engineer = net.people["manager"], net.people["engineer"]
    invoices = Invoice.objects.filter(state="issued", shipments=None, account__salespoint=manager.salespoint)
    found = list(invoices.select_related("payer", "legal_entity").order_by("pk")[:20])
    _payments(rng, found[: len(PAYERS)], on)
    day, hour = on, 10
    for n, invoice in enumerate(found[len(PAYERS) :][:9]):
        while day.weekday() > 4:
            day += timedelta(days=1)
        Appointment.objects.create(
            invoice=invoice, kind="engineer", on=day, time=time(hour), engineer=engineer, created_at=moment(on), created_by=manager,
            comment="Установить и показать" if n % 2 else "",
        )  # fmt: skip
        day, hour = (day, hour + 2) if n % 2 == 0 else (day + timedelta(days=1), 10)


def _payments(rng: Random, invoices: list[Invoice], on: date) -> None:
    for n, (invoice, (part, purpose, by_another)) in enumerate(zip(invoices, PAYERS, strict=False)):
        paid_on = on - timedelta(days=n)
        payer = invoices[n - 1].payer if by_another else invoice.payer
        Payment.objects.create(
            legal_entity=invoice.legal_entity, source="statement", own_account=invoice.legal_entity.bank_account, number=str(rng.randint(1, 9_999)),
            date=paid_on, received_on=paid_on, amount=invoice.total / part, payer_name=payer.name, payer_inn=payer.inn, created_at=moment(paid_on),
            purpose=purpose.format(number=invoice.number, day=f"{invoice.issued_on:%d.%m.%Y}", name=invoice.payer.name), match_state="unmatched",
        )  # fmt: skip
