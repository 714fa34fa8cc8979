"""Procedures of the manual's chapters 2.2 and 2.4 in a browser: figures 2-5 … 2-13, 2-18; the keyboard too."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from accounts.models import Account, AccountMember
from core import clock
from licenses.models import License
from licenses.services import allocation_set
from sbilling.demo import catalog
from sbilling.demo.clients import moment
from tests import factories as make
from tests.selling import Shop

expect.set_options(timeout=15_000)
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def market(manager, operator):
    """A price list and one client, today: the live server has the clock of the machine."""
    today = clock.today(manager.business_zone)
    items = catalog.load_items()
    catalog.load_prices(items, [manager.salespoint] * 3, operator, today, moment(date(today.year, 1, 1)))
    return Shop(manager, items, make.ClientFactory(name="Золотое дно, ООО", region_code="39"), today)


def press(page, name: str, *, exact: bool = True) -> None:
    """A button of the open dialog."""
    page.locator("#dlg-body").get_by_role("button", name=name, exact=exact).click()


@pytest.mark.rows("R2.73", "R2.74", "R2.75", "R2.76", "R2.77", "R2.78", "R2.80", "R2.81")
def test_a_client_is_connected_from_any_section_by_inn(browser_page, manager, market):
    """Figure 2-7 with all its answers: a wrong INN, one that nobody has, the organisation."""
    page = browser_page(user=manager)
    page.goto("/tasks/")
    page.keyboard.press("n")
    inn = page.locator("#dlg-body").get_by_label("ИНН")
    for text, answer in (("7718159471", "контрольная сумма"), ("7751160508", "не зарегистрирована")):
        inn.fill(text)
        inn.press("Enter")
        expect(page.locator("#dlg-body")).to_contain_text(answer)
        inn = page.locator("#dlg-body").get_by_label("ИНН")
    inn.fill(market.client.inn)
    inn.press("Enter")
    page.locator("#dlg-body").get_by_role("link", name=re.compile("Выбрать: Золотое дно, ООО")).click()
    dialog = page.locator("#dlg-body")
    expect(dialog.get_by_label("Название аккаунта")).to_have_value(market.client.name)
    dialog.get_by_label("ФИО контактного лица").fill("Морозова Ольга Игоревна")
    dialog.get_by_label("Email").fill("buh@client.example")
    dialog.get_by_label("Телефон").fill("8 900 123-45-67")
    press(page, "Создать")
    page.wait_for_url(re.compile(r"/accounts/\d{7}/$"))
    expect(page.locator(".facts")).to_contain_text("Триальный")
    expect(page.locator("[data-member]")).to_contain_text("основная")
    account = Account.objects.get()
    assert (account.manager, account.members_count) == (manager, 1)
    market.client.refresh_from_db()
    assert market.client.manager == manager


@pytest.mark.rows("R2.84", "R2.86", "R2.87", "R2.89", "R2.90", "R2.92", "R2.93", "R2.94", "R2.95")
def test_positions_are_chosen_with_the_keyboard_and_the_total_follows(browser_page, manager, market):
    """Figures 2-10 … 2-12: payer, quantities, the live total of the server; a second press takes a position back."""
    account = market.account()
    page = browser_page(user=manager)
    page.goto(account.get_absolute_url())
    page.get_by_role("link", name="Добавить тариф").first.click()
    expect(page.get_by_label("Плательщик", exact=True)).to_contain_text(market.client.name)
    total = page.locator("#price-total")

    tariff = page.locator("tr", has_text="Полный").first.get_by_role("checkbox")
    tariff.focus()
    page.keyboard.press("Space")
    expect(total).to_contain_text("К оплате: 1\u00a0800,00")
    users = page.locator("tr", has_text="Пользователь").first
    users.get_by_role("checkbox").check()
    expect(total).to_contain_text("К оплате: 2\u00a0400,00")
    users.get_by_role("spinbutton").fill("116")
    users.get_by_role("spinbutton").press("Tab")
    expect(total).to_contain_text("К оплате: 71\u00a0400,00")
    page.locator("tr", has_text="Полный").first.get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    expect(total).to_contain_text("К оплате: 69\u00a0600,00")
    page.keyboard.press("Space")
    expect(total).to_contain_text("К оплате: 71\u00a0400,00")
    page.get_by_role("button", name="Сохранить").click()
    page.wait_for_url(re.compile(r"/accounts/\d{7}/$"))
    block = page.locator("section", has=page.locator("#h-lic"))
    expect(block).to_contain_text("Не активированы")
    expect(block).to_contain_text("× 116")
    block.get_by_role("button", name=re.compile("Убрать: .*Пользователь")).click()
    expect(block).not_to_contain_text("× 116")
    assert License.objects.filter(account=account, state="selected").count() == 1


@pytest.mark.rows("R2.65", "R2.91", "R2.95", "R2.96", "R2.101", "R2.102")
def test_from_the_invoice_to_an_active_and_distributed_licence(browser_page, manager, market):
    """Figure 2-5 in the card of the account: chosen, invoiced, paid, shipped and activated, distributed."""
    account = market.account()
    market.choose(account, "account-full")
    page = browser_page(user=manager)
    page.goto(account.get_absolute_url())
    block = page.locator("section", has=page.locator("#h-lic"))
    block.get_by_role("link", name="Выставить счет").click()
    press(page, "Выставить")
    page.wait_for_url(re.compile(r"/invoices/\d+/"))
    page.get_by_role("link", name="Принять оплату").click()
    press(page, "Принять")
    expect(page.locator(".facts")).to_contain_text("Оплачен")
    page.goto(account.get_absolute_url())
    page.get_by_role("button", name="Отгрузить и активировать").click()
    expect(page.locator(".facts")).to_contain_text("Платный")
    expect(page.locator('.note[role="note"]')).to_contain_text("не распределено")
    page.locator('.note[role="note"]').get_by_role("link", name="Распределить").click()
    expect(page.locator("#dlg-body").get_by_label(market.client.name)).to_have_value("1")
    page.locator("#dlg-body").get_by_label(market.client.name).fill("2")
    press(page, "Сохранить")
    expect(page.locator("#dlg-body")).to_contain_text("Куплено 1, а распределяется 2")
    page.locator("#dlg-body").get_by_label(market.client.name).fill("1")
    press(page, "Сохранить")
    expect(page.locator("[data-member]")).to_contain_text("Аккаунт «Полный»")


@pytest.mark.rows("R2.123", "R2.124", "R2.127", "R2.129", "R2.130", "R2.157")
def test_the_tariff_is_changed_from_the_menu_of_the_organisation(browser_page, manager, market):
    """Figure 2-18: the sum is counted by itself and explained; the invoice asks for just this sum."""
    account, _ = market.sold("eo-basic")
    license = License.objects.get(account=account)
    allocation_set(license_id=license.pk, shares={market.client.pk: 1}, by=manager, on=market.on)
    page = browser_page(user=manager)
    page.goto(account.get_absolute_url())
    row = page.locator("[data-member]")
    row.get_by_label(re.compile("Действия")).click()
    row.get_by_role("link", name="Сменить тариф").click()
    page.wait_for_url(re.compile(r"/change/\?client="))
    page.get_by_role("radio", name="ЭО «Корпоративный»").check()
    sums = page.locator("#change-sum")
    expect(sums).to_contain_text("14\u00a0500,00 × 365 / 365 = 14\u00a0500,00")
    expect(sums).to_contain_text("5\u00a0400,00 × 365 / 365 = 5\u00a0400,00")
    expect(sums).to_contain_text("К оплате: 9\u00a0100,00")
    assert "csrf" not in page.url
    sums.get_by_text("Сколько стоит смена в другой день").click()
    expect(sums.locator("svg.chart")).to_be_visible()
    expect(sums.locator("tbody tr")).to_have_count(365)
    page.get_by_role("button", name="Сохранить").click()
    page.wait_for_url(re.compile(r"/accounts/\d{7}/$"))
    block = page.locator("section", has=page.locator("#h-lic"))
    block.get_by_role("link", name="Выставить счет").click()
    press(page, "Выставить")
    page.wait_for_url(re.compile(r"/invoices/\d+/"))
    expect(page.locator("main")).to_contain_text("9\u00a0100,00")


class Menu:
    """The menu «⋯» of an organisation of an account."""

    def __init__(self, page, account: Account, name: str) -> None:
        self.page, self.account, self.name = page, account, name
        self.dialog, self.main = page.locator("#dlg-body"), page.locator("main")

    @property
    def row(self):
        return self.page.locator("[data-member]", has_text=self.name)

    def choose(self, entry: str) -> None:
        self.page.goto(self.account.get_absolute_url())
        self.row.get_by_label(re.compile("Действия")).click()
        self.row.get_by_role("link", name=entry, exact=True).click()

    def fill(self, button: str, **fields: str) -> None:
        for label, text in fields.items():
            self.dialog.get_by_label(re.compile(f"{label.replace('_', ' ')}")).fill(text)
        press(self.page, button)


@pytest.fixture
def menu(browser_page, manager, market):
    """Of «Дно-Трейд», added to the account by its INN as figure 2-9 has it."""
    account = market.account()
    sister = make.ClientFactory(name="Дно-Трейд, ООО", region_code="39")
    menu = Menu(browser_page(user=manager), account, sister.name)
    menu.page.goto(account.get_absolute_url())
    menu.page.locator("section", has=menu.page.locator("#h-members")).get_by_role("link", name="Добавить").click()
    menu.fill("Добавить", ИНН=sister.inn)
    expect(menu.row).to_be_visible()
    return menu


@pytest.mark.rows("R2.82", "R2.83", "R2.151", "R2.152", "R2.153", "R2.154", "R2.156")
def test_the_menu_of_an_organisation_keeps_its_facts(menu, market):
    """Figure 2-18: Изменить КПП, История, ЭДО/ЭО, Подпись, Филиалы/Рабочие места."""
    menu.choose("Изменить КПП")
    menu.fill("Сохранить", КПП="39")
    expect(menu.dialog).to_contain_text("9 знаков")
    menu.fill("Сохранить", КПП="390645001")
    expect(menu.row).to_contain_text("390645001")
    menu.choose("История")
    expect(menu.main).to_contain_text("→ 390645001")
    menu.choose("ЭДО/ЭО")
    expect(menu.main).to_contain_text("На организацию лицензии не распределены")
    menu.choose("Подпись")
    menu.page.get_by_role("link", name="Добавить сертификат").click()
    first, last = f"{market.on:%d.%m.%Y}", f"{market.on + timedelta(days=20):%d.%m.%Y}"
    menu.fill("Добавить", Владелец="Лапин Денис", Серийный_номер="00A1", Действует_с=first, Действует_по=last)
    expect(menu.main).to_contain_text(f"до {last}")
    menu.page.get_by_role("link", name="Продлить").click()
    expect(menu.dialog.get_by_label("Владелец")).to_have_value("Лапин Денис")
    menu.fill("Продлить", Серийный_номер="00B2")
    expect(menu.main.locator("tbody tr")).to_have_count(2)
    menu.choose("Филиалы/Рабочие места")
    menu.page.get_by_role("link", name="Добавить рабочее место").click()
    menu.fill("Добавить", Название="Бухгалтерия")
    expect(menu.main).to_contain_text("Бухгалтерия")


@pytest.mark.rows("R2.155", "R2.158")
def test_an_organisation_is_moved_to_another_account_and_removed(menu, market):
    """Figure 2-18: Переместить в аккаунт, Удалить; each refusal keeps the dialog open and says why."""
    member = AccountMember.objects.get(client__name=menu.name)
    market.client = make.ClientFactory(region_code="39")
    other = market.account()
    menu.choose("Переместить в аккаунт")
    menu.fill("Переместить", Номер="9999999")
    expect(menu.dialog).to_contain_text("Аккаунта с таким номером нет")
    menu.fill("Переместить", Номер=str(other.number))
    expect(menu.row).to_have_count(0)
    menu.account = other
    menu.choose("Удалить")
    menu.fill("Удалить")
    expect(menu.dialog).to_contain_text("Укажите причину")
    menu.fill("Удалить", Причина="Клиент закрыл обособленное подразделение")
    expect(menu.row).to_have_count(0)
    member.refresh_from_db()
    assert member.left_at is not None
    assert not AccountMember.objects.present().filter(client__name=menu.name).exists()


@pytest.mark.rows("R2.97", "R2.98")
def test_a_visit_is_booked_moved_and_marked_in_the_calendar(browser_page, manager, market, point):
    engineer = make.employee("engineer", point=point, login="engineer", last_name="Инженеров")
    account = market.account()
    market.choose(account, "signature-visit")
    invoice = market.issue(account)
    page = browser_page(user=manager, scheme="dark", width=1024, height=768)
    page.goto("/visits/")
    expect(page.locator("main")).to_contain_text("Ждут визита")
    page.goto("/visits/?view=day")
    page.get_by_label("Назначить визит: Инженеров А. Е., 10:00").click()
    dialog = page.locator("#dlg-body")
    expect(dialog.get_by_label("Время")).to_have_value("10:00")
    dialog.get_by_label("Счет").select_option(str(invoice.pk))
    press(page, "Назначить")
    expect(page.locator(".cal-v")).to_contain_text("10:00")
    page.locator(".cal-v").get_by_role("link", name="Перенести").click()
    dialog.get_by_label("Время").fill("11:30")
    press(page, "Перенести")
    expect(page.locator(".cal-v")).to_contain_text("11:30")
    page.locator(".cal-v").get_by_role("button", name="Состоялся").click()
    expect(page.locator(".cal-v")).to_contain_text("Состоялся")
    assert invoice.appointments.get(state="done").engineer == engineer
