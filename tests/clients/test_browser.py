"""The procedures of manual ch. 2.1 in a browser: with a mouse, with the keyboard alone, without JavaScript."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from clients.models import Client, Invitation
from core import clock
from tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def organisations(manager):
    """Three new organisations of the point's pool with a phone, one without, one old."""
    new = clock.today() - timedelta(days=20)
    cards = [
        make.ClientFactory(name=f"Новая {n}, ООО", registered_on=new - timedelta(days=n), phone=f"+7401212345{n}")
        for n in (1, 2, 3)
    ]
    cards += [
        make.ClientFactory(name="Без телефона, ООО", registered_on=new),
        make.ClientFactory(name="Старая, ООО", phone="+74012999999"),
    ]
    for card in cards:
        make.bound(card, point=manager.salespoint)
    return cards


def owner(card: Client):
    card.refresh_from_db()
    return card.manager


def find_new_organisations(page):
    """Figure 2-1: «Распределение», the filter, «Без привязки к менеджеру»."""
    page.goto("/clients/")
    page.get_by_role("link", name="Распределение").click()
    page.wait_for_url(re.compile("distribution"))
    page.locator("select[name=reg]").select_option("new")
    page.locator("select[name=phone]").select_option("1")
    page.get_by_role("button", name="Отобразить").click()
    page.wait_for_url(re.compile("reg=new"))
    page.get_by_role("link", name="Без привязки к менеджеру").first.click()
    page.wait_for_url(re.compile("/clients/\\?"))
    expect(page.locator("tr[data-id]")).to_have_count(3)


@pytest.mark.parametrize("javascript", [True, False], ids=["mouse", "no-js"])
@pytest.mark.rows("R2.8", "R2.9", "R2.10", "R2.11", "R2.12", "R2.15", "R2.18", "R2.22", "R2.40")
def test_new_organisations_are_found_and_bound(browser_page, manager, organisations, javascript):
    page = browser_page(user=manager, javascript=javascript)
    find_new_organisations(page)
    row = page.locator(f"#row-{organisations[0].pk}")
    row.locator("summary").click()
    row.get_by_role("button", name="За мной").click()
    if javascript:
        expect(page.locator("tr[data-id]")).to_have_count(2)  # the list shows those without a manager
        expect(page.locator("#toasts")).to_contain_text("закреплен за вами")
    else:
        expect(page.locator("body")).to_contain_text("закреплен за вами")
    assert owner(organisations[0]) == manager


@pytest.mark.rows("R2.16", "R2.17", "R2.30")
def test_several_are_bound_to_a_colleague_at_once(browser_page, manager, colleague, organisations):
    page = browser_page(user=manager)
    page.goto("/clients/?reg=new&phone=1&resp=free")
    for card in organisations[:2]:
        page.locator(f"#row-{card.pk} input[name=pk]").check()
    page.get_by_role("button", name="Закрепить за…").click()
    dialog = page.locator("#dlg")
    expect(dialog).to_contain_text("2 клиента")
    page.locator("#dlg .ts-control").first.click()
    page.locator("#dlg .ts-dropdown .option", has_text=colleague.last_name).click()
    dialog.locator("[data-submit]").click()
    expect(page.locator("tr[data-id]")).to_have_count(1)
    assert [owner(card) for card in organisations[:3]] == [colleague, colleague, None]


@pytest.mark.rows("R2.15")
def test_a_row_is_bound_with_the_keyboard_alone(browser_page, manager, organisations):
    page = browser_page(user=manager)
    page.goto("/clients/?reg=new&phone=1&resp=free")
    page.keyboard.press("j")
    expect(page.locator("tr.is-cur")).to_have_count(1)
    bound = int(page.locator("tr.is-cur").get_attribute("data-id"))
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-id]")).to_have_count(2)
    assert owner(Client.objects.get(pk=bound)) == manager


@pytest.mark.rows("R2.13", "R2.14", "R2.29")
def test_the_responsible_is_reset_alone_and_shows_the_pool_of_the_region(browser_page, manager):
    """The rest of the filter stays: «Все» stands among the options."""
    facts = {"prospect_state": "invited", "invite_state": "invited", "invited_on": clock.today()}
    make.ClientFactory(name="Ничья с телефоном, ООО", phone="+74012123451", **facts)
    make.ClientFactory(name="Ничья без телефона, ООО", **facts)
    make.bound(make.ClientFactory(name="Своя, ООО", phone="+74012123452", **facts), manager)
    page = browser_page(user=manager)
    page.goto("/clients/potential/invited/distribution/")
    expect(page.get_by_role("link", name="Без привязки к партнеру")).to_have_count(0)
    page.locator("select[name=phone]").select_option("1")
    page.locator("#filters .ts-control").first.click()
    page.locator("#filters .ts-dropdown .option", has_text="Все").first.click()
    page.get_by_role("button", name="Отобразить").click()
    page.get_by_role("link", name="Без привязки к партнеру").first.click()
    page.wait_for_url(re.compile("phone=1.*resp=none"))
    expect(page.locator("tr[data-id]")).to_have_count(1)
    expect(page.locator("tr[data-id]")).to_contain_text("Ничья с телефоном, ООО")


@pytest.mark.parametrize("javascript", [True, False], ids=["mouse", "no-js"])
@pytest.mark.rows("R2.19", "R2.28", "R2.41", "R2.42", "R2.44", "R2.45", "R2.47", "R2.51", "R2.52")
def test_a_client_with_an_invitation_is_called_and_worked_with(browser_page, manager, javascript):
    client = make.ClientFactory(
        name="Ресурс, ООО",
        prospect_state="invited",
        invite_state="invited",
        invited_on=clock.today(),
        phone="+74957123456",
    )
    make.details(client, full_name="Общество «Ресурс»")
    make.bound(client, manager)
    sender = make.ClientFactory(name="Поставщик, АО")
    Invitation.objects.create(
        client=client,
        sender=sender,
        topic="edo",
        state="invited",
        documents=3,
        sent_at=clock.now(),
        expires_on=clock.today(),
    )
    page = browser_page(user=manager, javascript=javascript)
    page.goto("/clients/potential/invited/?phone=1&resp=point")
    page.get_by_role("link", name="Ресурс, ООО", exact=True).click()
    page.wait_for_url(re.compile(f"/clients/{client.pk}/"))
    expect(page.locator("a[href='tel:+74957123456']")).to_be_visible()
    expect(page.locator("body")).to_contain_text("отправил документы в электронном виде")
    page.get_by_role("link", name="Записать звонок").click()
    page.get_by_text("Согласие получено").click()
    page.locator("textarea[name=comment]").fill("ждут ссылку")
    page.locator("[data-submit]").click()
    expect(page.locator("body")).to_contain_text("Звонок записан")
    client.refresh_from_db()
    assert client.work_state == "agreed"
    page.goto(f"/clients/{client.pk}/history/")
    expect(page.locator("body")).to_contain_text("ждут ссылку")
