"""Chapter 3 in a browser: figures 3-1…3-6, the clicks of the screens' design, keys, the walk through time."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Account, AccountMember
from core import clock
from core.jobs.scheduling import run_queued
from licenses.models import Invoice, License
from renewals.models import Outcome, RenewalRow
from tests.renewals.conftest import account_of, sold, tariff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WHY = "Ушли к «Оператору-Образцу»: предложили цену ниже на треть"
SOON = "/accounts/renewals/?resp=point&state=requires"


def sell(manager, days: int, name: str = "Гарант-Сервис, ООО", **more) -> Account:
    account = account_of(manager, name)
    sold(account, tariff("eo", "ЭО"), clock.today() + timedelta(days=days), **more)
    return account


def row(page: Page, account: Account):
    return page.locator(f"#row-{account.number}")


class Clicks:
    """Counts presses of the mouse, as section (d) of the screens' design does: typing is none."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self, locator) -> None:
        locator.click()
        self.n += 1


@pytest.mark.rows("R3.2", "R3.6", "R3.8")
def test_figure_3_1_sixty_days_take_two_clicks_from_home(browser_page, manager):
    soon, gone = sell(manager, 20, "Скоро, ООО"), sell(manager, -4, "Не продлена, ООО")
    page, click = browser_page(user=manager), Clicks()
    page.goto("/accounts/")
    click(page.get_by_role("link", name=re.compile("^Требуют продления")).first)
    expect(row(page, gone)).to_be_visible()
    expect(row(page, soon)).to_have_count(0)
    click(page.get_by_role("link", name="Ближайшие 60 дней"))
    expect(row(page, soon)).to_be_visible()
    expect(row(page, gone)).to_have_count(0)
    assert click.n <= 2
    expect(page.locator("#n-state-requires")).to_have_text("1")
    expect(page.locator("#n-state-not_renewed")).to_have_text("1")


@pytest.mark.rows("R3.10", "R3.15", "R3.16", "R3.17")
def test_figure_3_2_not_renewed_of_last_month_in_excel_take_three_clicks(browser_page, head, manager):
    first = clock.today().replace(day=1)
    gone = sell(manager, (first - timedelta(days=3) - clock.today()).days, "Прошлый месяц, ООО")
    recent = sell(manager, 0, "Сегодня, ООО")
    page, click = browser_page(user=head), Clicks()
    page.goto("/accounts/")
    click(page.get_by_role("link", name=re.compile("^Требуют продления")).first)
    click(page.get_by_role("link", name="Прошлый месяц", exact=True))
    expect(row(page, gone)).to_be_visible()
    expect(row(page, recent)).to_have_count(0)
    with page.expect_download() as download:
        click(page.get_by_role("link", name="Выгрузить в Excel"))
    assert download.value.suggested_filename.endswith(".xlsx") and click.n <= 3


@pytest.mark.rows("R3.18", "R3.19", "R3.20", "R3.39")
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1024, "dark")])
def test_figure_3_3_renew_from_the_list_takes_three_clicks_and_goes_on_as_a_sale(browser_page, manager, width, scheme):
    account = sell(manager, 20)
    page, click = browser_page(user=manager, width=width, height=768, scheme=scheme), Clicks()
    page.goto(SOON)
    row(page, account).hover()
    click(row(page, account).get_by_role("link", name="Продлить"))
    dialog = page.locator("#dlg")
    expect(dialog.locator("#renew-total")).to_contain_text("5")
    click(dialog.locator("[data-submit]"))
    expect(row(page, account)).to_contain_text("Выставлен счет")
    assert click.n <= 3
    invoice = Invoice.objects.get()
    page.goto(f"/invoices/{invoice.pk}/")
    page.get_by_role("link", name="Принять оплату").click()
    page.locator("#dlg-body").get_by_role("button", name="Принять").click()
    expect(page.locator(".facts")).to_contain_text("Оплачен")
    page.get_by_role("link", name="Отгрузить").click()
    page.locator("#dlg-body").get_by_role("button", name="Отгрузить").click()
    expect(page.locator(".facts")).to_contain_text("Отгружен")
    page.goto(SOON)
    expect(row(page, account)).to_have_count(0)
    old, new = License.objects.order_by("starts_on")
    assert new.starts_on == old.ends_on + timedelta(days=1), "without a gap"
    assert RenewalRow.objects.get(term=old.term).category == "renewed"


@pytest.mark.rows("R3.18", "R3.22", "R3.42")
def test_the_card_renews_a_licence_under_the_pointer_and_says_no_outcome(browser_page, manager):
    account = sell(manager, 20)
    page = browser_page(user=manager)
    page.goto(account.get_absolute_url())
    licence = page.locator("tr[data-license]").first
    licence.hover()
    licence.get_by_role("link", name="Продлить").click()
    dialog = page.locator("#dlg")
    expect(dialog.locator("#renew-total")).to_contain_text("5")
    dialog.get_by_role("button", name="Отмена").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("link", name="Нет итога").first.click()
    expect(dialog.get_by_text("Сейчас по реестру")).to_be_visible()
    dialog.get_by_role("button", name="Отмена").click()
    expect(dialog).to_be_hidden()
    page.get_by_label("Дополнительное меню").click()
    page.get_by_role("link", name="История заметок").first.click()
    expect(page.get_by_role("heading", name="История заметок")).to_be_visible()


@pytest.mark.rows("R3.9", "R3.23", "R3.24", "R3.32", "R3.36", "R3.38", "R3.41")
@pytest.mark.parametrize("width", [1440, 1024])
def test_figures_3_4_to_3_6_an_outcome_takes_three_clicks_and_can_be_undone(browser_page, manager, width):
    account = sell(manager, 10)
    page, click = browser_page(user=manager, width=width, height=768), Clicks()
    page.goto(SOON)
    click(row(page, account).get_by_role("link", name="Без итога"))
    dialog = page.locator("#dlg")
    for offered in (
        "Выставлен счет",
        "Неверные контактные данные",
        "Не используют",
        "Не существует",
        "Ликвидируются",
        "Сменили аккаунт",
        "Нулевка",
    ):
        expect(dialog.get_by_role("radio", name=re.compile(f"^{offered}"))).to_be_visible()
    expect(dialog.get_by_text("Готовы вернуться")).to_have_count(0)
    expect(dialog.get_by_label("К кому ушли")).to_be_hidden()
    click(dialog.locator("input[value=left_us]"))
    dialog.get_by_label("К кому ушли").fill("Оператор-Образец")
    dialog.get_by_label("Причина ухода").fill("Цена")
    dialog.locator("textarea[name=comment]").fill(WHY)
    click(dialog.locator("[data-submit]"))
    assert click.n <= 3
    expect(page.locator("#toasts")).to_contain_text("Расторгнутые")
    assert RenewalRow.objects.get().category == "terminated"
    page.locator("#toasts").get_by_role("button", name="Отменить").click()
    expect(page.locator("#toasts")).to_contain_text("Итог отменен")
    expect(row(page, account).get_by_role("link", name="Без итога")).to_be_visible()
    assert Outcome.objects.get().withdrawn_at is not None and RenewalRow.objects.get().category == "requires"


@pytest.mark.rows("R3.30", "R3.31")
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1024, "dark")])
def test_a_client_that_joined_a_group_is_shown_at_both_accounts(browser_page, manager, width, scheme):
    account, group = sell(manager, 10), account_of(manager, "Холдинг «Восток»")
    AccountMember.objects.create(account=group, client=account.members.get().client, joined_at=clock.now())
    Account.objects.filter(pk=group.pk).update(members_count=2)
    page = browser_page(user=manager, width=width, height=768, scheme=scheme)
    page.goto(SOON)
    row(page, account).get_by_role("link", name="Без итога").click()
    dialog = page.locator("#dlg")
    expect(dialog.get_by_label("Новый аккаунт, №")).to_be_hidden()
    dialog.locator("input[value=moved_account]").click()
    expect(dialog.get_by_label("К кому ушли")).to_be_hidden()
    dialog.get_by_label("Новый аккаунт, №").fill(str(group.number))
    dialog.locator("[data-submit]").click()
    expect(dialog.get_by_text("Укажите, как сменили аккаунт")).to_be_visible()
    expect(dialog.get_by_label("Новый аккаунт, №")).to_have_value(str(group.number))
    dialog.get_by_role("radio", name=re.compile("^Вошли в группу компаний")).check()
    dialog.locator("[data-submit]").click()
    expect(page.locator("#toasts")).to_contain_text("Итог сохранен")
    page.goto("/accounts/renewals/?resp=me&state=moved")
    expect(row(page, account)).to_contain_text("вошли в ГК")
    page.goto(f"/accounts/{group.number}/renewal/")
    expect(page.locator(".facts")).to_contain_text("ГК: 2")
    expect(
        page.locator("section", has=page.get_by_role("heading", name="Продлеваются в этом аккаунте"))
    ).to_contain_text(account.name)


@pytest.mark.rows("R3.34")
def test_an_outcome_that_the_operator_adds_is_offered_with_what_it_asks_for(browser_page, manager, operator):
    account, other = sell(manager, 10), sell(manager, 12, "Вторая, ООО")
    guide, page = browser_page(user=operator), browser_page(user=manager)
    guide.goto("/admin/renewals/outcomeoption/add/")
    guide.get_by_label("Название:").fill("Закрылись на сезон")
    guide.get_by_label("Порядок:").fill("15")
    guide.get_by_label("Что делает:").select_option("negative")
    guide.get_by_label("Нужна причина").check()
    guide.locator("input[name=_save]").click()
    expect(guide.locator("#result_list")).to_contain_text("Закрылись на сезон")
    page.goto(SOON)
    row(page, account).get_by_role("link", name="Без итога").click()
    dialog = page.locator("#dlg")
    own = dialog.get_by_role("radio", name=re.compile("^Закрылись на сезон"))
    expect(dialog.get_by_label("Причина ухода")).to_be_hidden()
    own.check()
    expect(dialog.get_by_label("Причина ухода")).to_be_visible()
    expect(dialog.get_by_label("К кому ушли")).to_be_hidden()
    dialog.get_by_label("Причина ухода").fill("До весны не работают")
    dialog.locator("textarea[name=comment]").fill("Откроются в апреле, тогда и вернутся")
    dialog.locator("[data-submit]").click()
    expect(page.locator("#toasts")).to_contain_text("Расторгнутые")
    page.goto("/accounts/renewals/?resp=me&state=terminated")
    expect(row(page, account)).to_contain_text("Закрылись на сезон")
    # The bulk dialog asks as little: the fields of the chosen outcome only.
    page.goto(SOON)
    row(page, other).locator("input[name=pk]").check()
    page.locator("#bulk").get_by_role("button", name="Указать итог").click()
    expect(dialog.locator("input[value=liquidating]")).to_be_visible()
    expect(dialog.get_by_role("radio", name=re.compile("^Сменили аккаунт"))).to_have_count(0)
    expect(dialog.get_by_label("К кому ушли")).to_be_hidden()
    dialog.locator("input[value=left_us]").check()
    expect(dialog.get_by_label("К кому ушли")).to_be_visible()
    dialog.get_by_role("radio", name=re.compile("^Закрылись на сезон")).check()
    expect(dialog.get_by_label("К кому ушли")).to_be_hidden()
    expect(dialog.get_by_label("Причина ухода")).to_be_visible()


@pytest.mark.rows("R3.41", "R3.42")
def test_a_refusal_comes_back_from_the_history_on_the_card(browser_page, manager):
    account = sell(manager, 10)
    page = browser_page(user=manager)
    page.goto(f"/accounts/{account.number}/outcome/")
    page.get_by_label("Неверные контактные данные").check()
    page.locator("textarea[name=comment]").fill("Телефон не отвечает вторую неделю")
    page.get_by_role("button", name="Сохранить итог").click()
    expect(page).not_to_have_url(re.compile("outcome"))
    page.goto(f"/accounts/{account.number}/renewal/")
    expect(page.get_by_text("Расторгнутые")).to_be_visible()
    page.get_by_role("button", name="Вернуть").click()
    expect(page).to_have_url(re.compile(rf"/accounts/{account.number}/$"))
    assert RenewalRow.objects.get().category == "requires"


@pytest.mark.rows("R3.24")
def test_twenty_outcomes_take_four_clicks(browser_page, manager):
    accounts = [sell(manager, 5 + n, f"Лист {n}, ООО") for n in range(20)]
    page, click = browser_page(user=manager), Clicks()
    page.goto(SOON)
    click(page.locator("#sel-all"))
    click(page.locator("#bulk").get_by_role("button", name="Указать итог"))
    dialog = page.locator("#dlg")
    click(dialog.locator("input[value=liquidating]"))
    dialog.locator("textarea[name=comment]").fill("Ликвидация холдинга, решение от ноября")
    click(dialog.locator("[data-submit]"))
    expect(page.locator("#toasts")).to_contain_text("20")
    assert Outcome.objects.filter(kind="liquidating").count() == len(accounts) and click.n <= 4


@pytest.mark.rows("R3.23")
def test_keys_alone_set_an_outcome_and_the_page_without_scripts_does_too(browser_page, manager):
    account = sell(manager, 10)
    page = browser_page(user=manager)
    page.goto(SOON)
    page.keyboard.press("j")
    page.keyboard.press("i")
    dialog = page.locator("#dlg")
    expect(dialog.locator("input[value=wrong_contacts]")).to_be_visible()
    page.keyboard.press("Escape")
    plain = browser_page(user=manager, javascript=False)
    plain.goto(SOON)
    plain.locator(f"#row-{account.number}").get_by_role("link", name="Без итога").click()
    plain.get_by_label("Неверные контактные данные").check()
    plain.locator("textarea[name=comment]").fill("мало")
    plain.get_by_role("button", name="Сохранить итог").click()
    expect(plain.locator("textarea[name=comment]")).to_have_value("мало")
    plain.locator("textarea[name=comment]").fill("Телефон не отвечает вторую неделю")
    plain.get_by_role("button", name="Сохранить итог").click()
    assert Outcome.objects.get().kind_id == "wrong_contacts"
    plain.goto(f"/accounts/{account.number}/renew/")
    plain.get_by_role("button", name="Выставить счет").click()
    assert Invoice.objects.count() == 1


@pytest.fixture
def _clock_back():
    yield
    clock.set_offset(timedelta())


@pytest.mark.rows("R3.3", "R3.39", "R3.40")
def test_the_time_machine_walks_a_sale_to_renewal_to_not_renewed_to_won_back(
    browser_page, manager, operator, _clock_back
):
    soon = sell(manager, 61, "Войдет в окно, ООО")
    ends = sell(manager, 5, "Закончится, ООО")
    lost = sell(manager, -86, "Ушел давно, ООО")
    guide, page = browser_page(user=operator), browser_page(user=manager)

    def move(button: str) -> None:
        guide.goto("/demo/time/")
        guide.get_by_role("button", name=button).click()
        guide.wait_for_url(re.compile(r"/jobs/\d+/"))
        run_queued()
        expect(guide.get_by_role("link", name="Открыть результат")).to_be_visible()

    page.goto(SOON)
    expect(row(page, soon)).to_have_count(0)
    move("На день")
    page.goto(SOON)
    expect(row(page, soon)).to_contain_text("через 60")
    page.goto("/tasks/")
    expect(page.locator("#list")).to_contain_text("Позвонить о продлении")
    # The invoice is out and the row waits for its shipment; the other one passes its end.
    page.goto(SOON)
    row(page, ends).hover()
    row(page, ends).get_by_role("link", name="Продлить").click()
    page.locator("#dlg [data-submit]").click()
    expect(row(page, ends)).to_contain_text("Выставлен счет")
    move("На неделю")
    page.goto("/accounts/renewals/?resp=me&state=not_renewed")
    expect(row(page, ends)).to_contain_text("Выставлен счет")
    expect(row(page, lost)).to_be_visible()
    # More than a quarter after the end: a renewal is a client won back.
    page.goto(f"/accounts/{lost.number}/renew/")
    page.get_by_role("button", name="Выставить счет").click()
    expect(page).to_have_url(re.compile(rf"/accounts/{lost.number}/$"))
    invoice = Invoice.objects.get(account=lost)
    page.goto(f"/invoices/{invoice.pk}/")
    page.get_by_role("link", name="Принять оплату").click()
    page.locator("#dlg-body").get_by_role("button", name="Принять").click()
    expect(page.locator(".facts")).to_contain_text("Оплачен")
    page.get_by_role("link", name="Отгрузить").click()
    page.locator("#dlg-body").get_by_role("button", name="Отгрузить").click()
    expect(page.locator(".facts")).to_contain_text("Отгружен")
    page.goto("/accounts/renewals/?state=won_back")
    expect(row(page, lost)).to_be_visible()
