"""A sale, step by step through the services: the catalogue of the demo, one client, and how far it goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.models import Account
from accounts.services import Contact, account_create
from clients.models import Client
from core import clock
from licenses.models import Invoice, Item
from licenses.selectors.plans import Choice
from licenses.services import (
    HandPayment,
    invoice_activate,
    invoice_issue,
    invoice_ship,
    licenses_choose,
    payment_register,
)
from partners.models import Employee
from sbilling.demo import catalog
from sbilling.demo.clients import moment
from tests import factories as make

ON = date(2026, 11, 23)
CONTACT = Contact(full_name="Морозова Ольга Игоревна", phone="+79001234567", email="buh@client.example")


@dataclass
class Shop:
    """Who sells what to whom, on which day."""

    by: Employee
    items: dict[str, Item]
    client: Client
    on: date = ON

    def account(self, **options) -> Account:
        return account_create(
            client_id=self.client.pk, name=self.client.name, contact=CONTACT, by=self.by, on=self.on, **options
        )

    def choose(self, account: Account, *codes: str, quantity: int = 1, months: int = 12, starts_on: date | None = None):
        choices = [Choice(self.items[code].pk, quantity if self.items[code].is_countable else 1) for code in codes]
        payer = account.members.get(is_main=True).client_id
        return licenses_choose(
            account_id=account.pk, payer_id=payer, choices=choices, months=months, starts_on=starts_on or self.on, payer_kind="usn", by=self.by, on=self.on
        )  # fmt: skip

    def issue(self, account: Account, **options) -> Invoice:
        return invoice_issue(account_id=account.pk, by=self.by, on=self.on, **options)

    def pay(self, invoice: Invoice, amount: Decimal | None = None, number: str = "15"):
        payment = HandPayment(amount=amount or invoice.total, date=self.on, number=number)
        return payment_register(invoice_id=invoice.pk, payment=payment, by=self.by, on=self.on)

    def ship(self, invoice: Invoice, **options):
        return invoice_ship(invoice_id=invoice.pk, by=self.by, on=self.on, **options)

    def activate(self, invoice: Invoice):
        return invoice_activate(invoice_id=invoice.pk, by=self.by, on=self.on)

    def sold(self, *codes: str, **options) -> tuple[Account, Invoice]:
        """An account with an active licence."""
        account = self.account()
        self.choose(account, *codes, **options)
        invoice = self.issue(account)
        self.pay(invoice)
        self.ship(invoice)
        self.activate(invoice)
        account.refresh_from_db()
        return account, invoice


def open_shop(manager: Employee, operator: Employee) -> Shop:
    items = catalog.load_items()
    catalog.load_prices(items, [manager.salespoint] * 3, operator, ON, moment(date(ON.year, 1, 1)))
    card = make.ClientFactory(name="Золотое дно, ООО", region_code="39")
    return Shop(manager, items, card)


@pytest.fixture
def shop(manager, operator):
    """The clock stands at noon of ON."""
    with clock.override(on=ON):
        yield open_shop(manager, operator)


def days(count: int) -> timedelta:
    return timedelta(days=count)
