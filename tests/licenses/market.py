"""A small price list with round sums, as the worked examples of the billing rules have it, and sales on any day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from accounts.models import Account
from accounts.services import Contact, account_create
from core import clock
from licenses.models import (
    ChangePolicy,
    Direction,
    Invoice,
    Item,
    License,
    Price,
    PriceList,
    Product,
    ProductLine,
)
from licenses.selectors.plans import Choice
from licenses.services import (
    HandPayment,
    invoice_activate,
    invoice_issue,
    invoice_ship,
    licenses_choose,
    payment_register,
    tariff_change,
)
from partners.models import Employee
from tests import factories as make

OPEN_END = date(2099, 12, 31)
LONG_AGO = date(2015, 1, 1)


@dataclass
class Market:
    """`by` sells; `tariff("a", 6000)` puts a tariff into the list."""

    by: Employee
    price_list: PriceList
    lines: dict[str, ProductLine]
    items: dict[str, Item] = field(default_factory=dict)

    def item(
        self, code: str, amount, *, line: str = "eo", kind: str = "tariff", months=(1, 12), countable=False, **options
    ) -> Item:
        item = Item.objects.create(
            code=code,
            line=self.lines[line],
            kind=kind,
            title=code.upper(),
            is_countable=countable,
            order=len(self.items),
            **options,
        )
        for month in months:
            Price.objects.create(
                price_list=self.price_list,
                state="published",
                item=item,
                months=month,
                valid_from=LONG_AGO,
                valid_to=OPEN_END,
                amount=Decimal(amount),
            )
        self.items[code] = item
        return item

    def account(self, on: date, client=None) -> Account:
        client = client or make.ClientFactory()
        contact = Contact(full_name="Морозова Ольга Игоревна", email="buh@client.example")
        with clock.override(on=on):
            return account_create(client_id=client.pk, name=client.name, contact=contact, by=self.by, on=on)

    def choose(self, account: Account, code: str, on: date, *, quantity=1, months=12, starts_on=None) -> License:
        payer = account.members.get(is_main=True).client_id
        with clock.override(on=on):
            return licenses_choose(
                account_id=account.pk, payer_id=payer, choices=[Choice(self.items[code].pk, quantity)], months=months,
                starts_on=starts_on or on, by=self.by, on=on,
            )[0]  # fmt: skip

    def issue(self, account: Account, on: date, **options) -> Invoice:
        with clock.override(on=on):
            return invoice_issue(account_id=account.pk, by=self.by, on=on, **options)

    def pay(self, invoice: Invoice, on: date, amount=None):
        if invoice.total == 0:
            return None
        with clock.override(on=on):
            payment = HandPayment(amount=amount or invoice.total, date=on, number=f"{invoice.pk}")
            return payment_register(invoice_id=invoice.pk, payment=payment, by=self.by, on=on)

    def deliver(self, invoice: Invoice, on: date):
        """Pay, ship, activate."""
        self.pay(invoice, on)
        with clock.override(on=on):
            invoice_ship(invoice_id=invoice.pk, by=self.by, on=on)
            return invoice_activate(invoice_id=invoice.pk, by=self.by, on=on)

    def sell(self, account: Account, code: str, on: date, **options) -> License:
        """An active licence from the day `on`."""
        chosen = self.choose(account, code, on, **options)
        promo = options.get("promo_code", "")
        self.deliver(self.issue(account, on, license_ids=[chosen.pk], promo_code=promo), on)
        return License.objects.get(pk=chosen.pk)

    def change(self, license: License, code: str, on: date, *, by: Employee | None = None, **options) -> License:
        """A planned change."""
        with clock.override(on=on):
            return tariff_change(license_id=license.pk, item_id=self.items[code].pk, by=by or self.by, on=on, **options)

    def change_done(self, license: License, code: str, on: date, **options) -> License:
        planned = self.change(license, code, on, **options)
        self.deliver(self.issue(planned.account, on, license_ids=[planned.pk]), on)
        return License.objects.get(pk=planned.pk)


def open_market(by: Employee) -> Market:
    """Direction «Отчетность» with the lines ЭО and УБ, direction «ЭДО»; every change is allowed, УБ by its own policy."""
    product = Product.objects.create(code="p", title="Продукт")
    reporting = Direction.objects.create(code="reporting", title="Отчетность")
    documents = Direction.objects.create(code="edo", title="ЭДО", order=1)
    lines = {
        "eo": ProductLine.objects.create(code="eo", title="ЭО", direction=reporting, product=product),
        "ub": ProductLine.objects.create(code="ub", title="УБ", direction=reporting, product=product, order=1),
        "edo": ProductLine.objects.create(code="edo", title="ЭДО", direction=documents, product=product),
    }
    for code, line in lines.items():
        ChangePolicy.objects.create(
            line=line, **({"end_rule": "new_term", "new_price": "full", "credit": "none"} if code == "ub" else {})
        )
    price_list = PriceList.objects.create(
        title="Прайс", state="published", created_at=clock.now(), published_at=clock.now()
    )
    return Market(by, price_list, lines)
