"""The main job in a browser, on an organisation that came from register files: sign in, find, connect, sell, activate."""

import os
import re
from datetime import date
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import expect

from accounts.models import Account
from clients.importers.run import import_paths
from clients.models import Client
from core import clock
from sbilling.demo import catalog
from sbilling.demo.clients import moment
from tests.importers import registry_files as files

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REAL = Path(os.environ.get("SBILLING_REAL_DATA", "/nonexistent")) / "egrul"


@pytest.fixture
def price_list(manager, operator):
    today = clock.today()
    items = catalog.load_items()
    catalog.load_prices(items, [manager.salespoint] * 3, operator, today, moment(date(today.year, 1, 1)))


def sell(page, client: Client) -> None:
    """Manual ch. 2.2, figures 2-6 … 2-13, as a manager does it."""
    page.goto("/login/")
    page.get_by_label("Логин").fill("manager")
    page.get_by_label("Пароль").fill("demo")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)

    page.get_by_label("Поиск по системе").fill(client.inn)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/clients/{client.pk}/"))
    page.get_by_role("link", name="Подключить", exact=True).click()
    dialog = page.locator("#dlg-body")
    expect(dialog.get_by_label("Название аккаунта")).to_have_value(client.name)
    dialog.get_by_label("ФИО контактного лица").fill("Морозова Ольга Игоревна")
    dialog.get_by_label("Email").fill("buh@client.example")
    dialog.get_by_label("Телефон").fill("8 900 123-45-67")
    dialog.get_by_role("button", name="Создать").click()
    page.wait_for_url(re.compile(r"/accounts/\d{7}/$"))
    expect(page.locator(".facts")).to_contain_text("Триальный")

    page.get_by_role("link", name="Добавить тариф").first.click()
    page.locator("label.chk", has_text="Базовый").first.click()
    page.get_by_role("button", name="Пересчитать").click()
    expect(page.locator("#price-total")).to_contain_text("К оплате")
    page.get_by_role("button", name="Сохранить").click()
    page.wait_for_url(re.compile(r"/accounts/\d{7}/$"))
    page.locator("section", has_text="Лицензии").get_by_role("link", name="Выставить счет").first.click()
    page.locator("#dlg-body").get_by_role("button", name="Выставить").click()
    page.wait_for_url(re.compile(r"/invoices/\d+/"))

    page.get_by_role("link", name="Принять оплату").click()
    page.locator("#dlg-body").get_by_role("button", name="Принять").click()
    expect(page.locator(".facts")).to_contain_text("Оплачен")
    page.get_by_role("link", name="Отгрузить").click()
    page.locator("#dlg-body").get_by_role("button", name="Отгрузить").click()
    expect(page.locator(".facts")).to_contain_text("Отгружен")
    page.get_by_role("button", name="Активировать").click()
    page.wait_for_url(re.compile(r"/accounts/\d{7}/$"))
    expect(page.locator(".facts")).to_contain_text("Платный")
    expect(page.locator("section", has_text="Лицензии").first).to_contain_text("Действует")


@pytest.mark.rows(
    "R1.10", "R1.11", "R2.69", "R2.70", "R2.71", "R2.72", "R2.81", "R2.84", "R2.85", "R2.86", "R2.89", "R2.95", "R2.102"
)
def test_an_organisation_of_the_register_becomes_a_paid_account(browser_page, manager, price_list, tmp_path):
    subject = files.legal(
        Random(7),
        region="39",
        name='ОБЩЕСТВО С ОГРАНИЧЕННОЙ ОТВЕТСТВЕННОСТЬЮ "ЯНТАРНЫЙ ПРИЧАЛ"',
        short='ООО "ЯНТАРНЫЙ ПРИЧАЛ"',
    )
    files.write(tmp_path, {"ul.xml": files.file_of([subject])})
    import_paths([tmp_path])
    client = Client.objects.get(ogrn=subject.ogrn)
    sell(browser_page(), client)
    account = Account.objects.get(members__client=client)
    assert account.paid_until > clock.today()
    assert account.manager == manager


@pytest.mark.parametrize("folder", [REAL] if REAL.is_dir() else [])
def test_the_same_on_the_real_register(browser_page, manager, price_list, folder):
    import_paths([folder])
    client = (
        Client.objects.filter(kind="legal", ceased_on=None, is_flagged=False).exclude(inn="").order_by("inn").first()
    )
    sell(browser_page(), client)
    assert Account.objects.get(members__client=client).paid_until > clock.today()
