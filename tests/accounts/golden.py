"""The account of the manual's figures (fixture T6): № 2 979 032, «Золотое дно», 8 May 2020."""

from __future__ import annotations

from datetime import UTC, date, datetime

from accounts.models import Account
from charges.models import Charge
from core import clock
from licenses.models import Product
from licenses.selectors.plans import Choice
from licenses.services import invoice_activate, licenses_choose
from partners.models import Employee
from sbilling.demo import catalog
from sbilling.demo.clients import moment
from tests import factories as make
from tests.selling import Shop
from tickets.models import Ticket
from usage.models import AccountProduct, LimitUsed

TODAY, BOUGHT = date(2020, 5, 8), date(2020, 1, 9)
NUMBER = 2_979_032
POSITIONS = {"account-full": 1, "account-user": 116, "signature-employee": 6, "signature-token": 6, "ofd-desk": 1}
USED = {"users": 11, "signatures": 0, "tokens": 0, "cash_desks": 1}
PRODUCTS = [  # code, last day, sent | received or users
    ("reporting", date(2020, 1, 30), (4, 2)), ("edo", date(2020, 3, 31), (13, 16)), ("crm", date(2020, 2, 14), (1,)),
    ("calendar", date(2020, 4, 6), (1,)), ("companies", date(2020, 3, 13), (3,)), ("staff", date(2020, 4, 14), (1,)),
    ("retail", date(2020, 4, 9), (3,)), ("ub", date(2020, 2, 19), (1,)), ("tenders", date(2020, 4, 26), (2,)), ("account", date(2020, 5, 7), (11,)),
]  # fmt: skip


def golden_account(manager: Employee, operator: Employee) -> Account:
    """Sold, paid, shipped and activated through the services on 9 January 2020; used until 7 May."""
    with clock.override(on=BOUGHT):
        items = catalog.load_items()
        catalog.load_prices(items, [manager.salespoint] * 3, operator, BOUGHT, moment(date(2020, 1, 1)))
        make.region("76")
        shop = Shop(manager, items, make.ClientFactory(name='"Золотое дно", ООО', region_code="76"), BOUGHT)
        account = shop.account()
        Account.objects.filter(pk=account.pk).update(number=NUMBER, activated_at=clock.now(), region_code="76")
        account.refresh_from_db()
        choices = [Choice(items[code].pk, quantity) for code, quantity in POSITIONS.items()]
        licenses_choose(
            account_id=account.pk, payer_id=shop.client.pk, choices=choices, months=12, starts_on=BOUGHT, payer_kind="usn", by=manager, on=BOUGHT
        )  # fmt: skip
        invoice = shop.issue(account)
        shop.pay(invoice)
        shop.ship(invoice)
        invoice_activate(invoice_id=invoice.pk, by=manager, on=BOUGHT)
    _used(account)
    _debt(account)
    _tickets(account, shop.client)
    account.refresh_from_db()
    return account


def _used(account: Account) -> None:
    for limit, used in USED.items():
        LimitUsed.objects.create(account=account, limit=limit, used=used, as_of=TODAY)
    products = {product.code: product for product in Product.objects.all()}
    for code, day, counters in PRODUCTS:
        two = products[code].is_two_sided
        AccountProduct.objects.create(
            account=account, product=products[code], last_day=day, month=day.replace(day=1), users_30=0 if two else counters[0],
            sent_month=counters[0] if two else 0, received_month=counters[1] if two else 0,
        )  # fmt: skip


def _debt(account: Account) -> None:
    """150 ₽ are owed; a refused charge counts no more."""
    product = Product.objects.get(code="edo")
    common = {
        "account": account, "product": product, "kind": "documents", "title": "Документы", "unit_price": 10, "formed_on": date(2020, 5, 2),
        "month": date(2020, 4, 1), "salespoint": account.salespoint,
    }  # fmt: skip
    Charge.objects.create(**common, quantity=15, amount=150)
    Charge.objects.create(
        **common, sequence=2, quantity=9, amount=90, refused_on=date(2020, 5, 4), refusal_reason="Не нужны"
    )


def _tickets(account: Account, client) -> None:
    for number in range(5):
        at = datetime(2019, 6, 13 - number, 9, tzinfo=UTC)
        text = "Не удается распечатать документы в формате PDF из карточки" if number == 0 else "Вопрос"
        Ticket.objects.create(
            number=10_000_000 + number, state="queued", client=client, account=account, salespoint=account.salespoint, unit_salespoint=account.salespoint,
            description=text, created_at=at, registered_at=at,
        )  # fmt: skip
