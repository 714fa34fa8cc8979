"""Money in a browser: a statement from upload to placing by hand, and what may be done with an invoice (R2.96, R2.97)."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from core import clock
from licenses.models import Invoice, OutboxMessage, Payment, Price
from licenses.services.payments import balance_of, paid_of
from sbilling.demo import catalog
from sbilling.demo.clients import moment
from tests import factories as make
from tests.payments.test_statement_import import OWN, file, order
from tests.selling import Shop

expect.set_options(timeout=15_000)
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(manager, operator):
    """Today: the live server has the clock of the machine."""
    today = clock.today(manager.business_zone)
    items = catalog.load_items()
    catalog.load_prices(items, [manager.salespoint] * 3, operator, today, moment(date(today.year, 1, 1)))
    entity = manager.salespoint.legal_entity
    entity.bank_account = OWN
    entity.save(update_fields=["bank_account"])
    return Shop(manager, items, make.ClientFactory(name="Золотое дно, ООО", region_code="39"), today)


@pytest.fixture
def invoice(shop):
    account = shop.account()
    shop.choose(account, "eo-basic")
    return shop.issue(account)


@pytest.mark.rows("R2.97")
@pytest.mark.parametrize("javascript", [True, False])
def test_a_statement_from_the_file_to_the_balance(browser_page, manager, invoice, tmp_path, javascript):
    day = f"{invoice.issued_on:%d.%m.%Y}"
    text = file(
        order(f"Оплата по счету № {invoice.number}", amount=invoice.total + 1000, inn="7707083893", received=day)
    )
    (tmp_path / "kl_to_1c.txt").write_bytes(text.replace(b"23.11.2026", day.encode()))
    page = browser_page(user=manager, javascript=javascript)
    page.goto("/payments/")
    page.get_by_role("link", name="Загрузить выписку").first.click()
    page.get_by_label("Файлы выписок").set_input_files(tmp_path / "kl_to_1c.txt")
    page.get_by_role("button", name="Показать платежи").click()
    page.wait_for_url(re.compile("/payments/statements/waiting/"))
    expect(page.locator("#main")).to_contain_text("Счет не найден")
    page.get_by_role("button", name=re.compile("Загрузить 1.платеж")).click()
    page.wait_for_url(re.compile(r"/payments/statements/\d+/"))
    page.get_by_role("link", name=re.compile("^№.7$")).click()
    expect(page.locator("#main")).to_contain_text("номер в назначении")
    page.get_by_label("Остаток платежа").select_option(str(invoice.account.number))
    page.get_by_role("button", name="Разнести", exact=True).click()
    expect(page.locator("#main")).to_contain_text("Куда ушли деньги")
    expect(page.locator(".facts")).to_contain_text("С переплатой")
    assert (paid_of(invoice), balance_of(invoice.account)) == (invoice.total, Decimal(1000))
    page.get_by_role("button", name="Отменить разнесение").click()
    expect(page.locator(".facts")).to_contain_text("Новый")
    assert (paid_of(invoice), balance_of(invoice.account)) == (0, 0)
    assert Payment.objects.count() == 1


@pytest.mark.rows("R2.96")
def test_an_invoice_is_sent_repriced_replaced_and_annulled(browser_page, manager, invoice):
    page = browser_page(user=manager, width=1024, height=768)
    page.goto(invoice.get_absolute_url())
    page.get_by_role("link", name="На email").click()
    dialog = page.locator("#dlg-body")
    expect(dialog).to_contain_text("Морозова Ольга Игоревна")
    dialog.get_by_role("button", name="Отправить", exact=True).click()
    expect(page.locator("#main")).to_contain_text("Отправляется")
    assert OutboxMessage.objects.get().payload["address"] == "buh@client.example"
    # The offer ran out and the price went up: one click.
    today = clock.today()
    rows = Price.objects.filter(item__code="eo-basic", state="published", valid_from__lt=today, valid_to__gte=today)
    rows = list(rows.select_related("price_list", "item"))
    Price.objects.filter(pk__in=[row.pk for row in rows]).update(valid_to=today - timedelta(days=1))
    Price.objects.bulk_create(
        Price(price_list=row.price_list, state="published", item=row.item, scope=row.scope, scope_id=row.scope_id, payer_kind=row.payer_kind,
              months=row.months, valid_from=today, valid_to=today, amount=row.amount + 100)
        for row in rows
    )  # fmt: skip
    _menu(page, "Пересчитать по ценам дня")
    page.wait_for_url(lambda url: invoice.get_absolute_url() not in url)
    expect(page.locator("#main")).to_contain_text(f"Заменяет счет № {invoice.number}")
    second = Invoice.objects.latest("pk")
    assert (second.total, second.state) == (invoice.total + 100, "issued")
    _menu(page, "Заменить новым")
    page.wait_for_url(lambda url: second.get_absolute_url() not in url)
    third = Invoice.objects.latest("pk")
    assert (third.total, third.replaces_id) == (second.total, second.pk)
    _menu(page, "Аннулировать")
    dialog.get_by_label("Причина").fill("Клиент передумал")
    dialog.get_by_role("button", name="Аннулировать", exact=True).click()
    expect(page.locator(".facts")).to_contain_text("Аннулирован")
    page.goto(second.get_absolute_url())
    expect(page.locator("#main")).to_contain_text(f"Заменен счетом № {third.number}")
    assert list(Invoice.objects.order_by("pk").values_list("state", flat=True)) == ["cancelled"] * 3


def _menu(page, name: str) -> None:
    page.get_by_label("Дополнительное меню").click()
    page.locator(".dropdown-item", has_text=name).click()
