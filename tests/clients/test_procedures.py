"""The three procedures of manual ch. 2.1 as they are written, with a mouse, with the keyboard alone, and without JavaScript."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, expect

from accounts.models import Account
from clients.models import Client, Invitation
from core import clock
from tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WAYS = ["mouse", "keyboard", "no-js"]
MANY = 200


class Hands:
    """Does what a person would: clicks, or walks with Tab and presses Enter."""

    def __init__(self, page, way: str) -> None:
        self.page, self.way = page, way

    def press(self, what: Locator) -> None:
        if self.way != "keyboard":
            what.click()
            return
        self.walk_to(what)
        self.page.keyboard.press("Enter")

    def tick(self, what: Locator) -> None:
        if self.way != "keyboard":
            what.check()
            return
        self.walk_to(what)
        self.page.keyboard.press("Space")

    def choose(self, select: Locator, title: str) -> None:
        if self.way != "keyboard":
            select.select_option(label=title)
            return
        self.walk_to(select)
        for _ in range(20):
            if select.locator("option:checked").inner_text() == title:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrow never came to «{title}»")

    def walk_to(self, what: Locator) -> None:
        element = what.element_handle()
        for _ in range(MANY):
            if self.page.evaluate("e => e === document.activeElement", element):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never came to {what}")


@pytest.fixture(params=WAYS)
def hands(request, browser_page, manager):
    return Hands(browser_page(user=manager, javascript=request.param != "no-js"), request.param)


def owner(card: Client):
    card.refresh_from_db()
    return card.manager


@pytest.mark.rows("R2.8", "R2.9", "R2.10", "R2.11", "R2.12", "R2.15", "R2.18", "R2.20", "R2.22", "R2.40", "R2.42")
def test_new_organisations(hands, manager, colleague):
    """«Новые организации»: distribution, filter, «Без привязки к менеджеру», the card's duplicates, «Закрепить → За мной»."""
    page, new = hands.page, clock.today() - timedelta(days=20)
    card = make.ClientFactory(name="Новая, ООО", registered_on=new, phone="+74012123451")
    old = make.ClientFactory(name="Старая, ООО", phone="+74012123452")
    mute = make.ClientFactory(name="Без телефона, ООО", registered_on=new)
    theirs = make.ClientFactory(name="Чужая, ООО", registered_on=new, phone="+74012123453")
    for each in (card, old, mute):
        make.bound(each, point=manager.salespoint)
    make.bound(theirs, colleague)
    page.goto("/clients/")
    hands.press(page.get_by_role("link", name="Распределение"))
    page.wait_for_url(re.compile("distribution"))
    hands.choose(page.locator("select[name=reg]"), "Новые организации")
    hands.choose(page.locator("select[name=phone]"), "С телефоном")
    hands.press(page.get_by_role("button", name="Отобразить"))
    page.wait_for_url(re.compile("reg=new"))
    expect(page.locator("tr.sum")).to_contain_text("2")
    hands.press(page.get_by_role("link", name="Без привязки к менеджеру").first)
    page.wait_for_url(re.compile(r"/clients/\?"))
    expect(page.locator("tr[data-id]")).to_have_count(1)
    hands.press(page.get_by_role("link", name="Новая, ООО", exact=True))
    page.wait_for_url(re.compile(rf"/clients/{card.pk}/"))
    hands.press(page.get_by_role("link", name="Дубли и связанные"))
    expect(page.locator("body")).to_contain_text("Дублей и связанных организаций не найдено")
    page.go_back()
    page.go_back()
    row = page.locator(f"#row-{card.pk}")
    hands.press(row.locator("summary"))
    hands.press(row.get_by_role("button", name="За мной"))
    expect(page.locator("body")).to_contain_text("закреплен за вами")
    assert [owner(each) for each in (card, old, mute, theirs)] == [manager, None, None, colleague]


@pytest.mark.rows("R2.16", "R2.19", "R2.27", "R2.28", "R2.30", "R2.37", "R2.41", "R2.43", "R2.44", "R2.47", "R2.48")
def test_counterparties_with_an_invitation(hands, manager):
    """«Контрагенты с приглашением»: distribution, bulk «Закрепить за мной», the filter, the card, the topic and what to say."""
    page, sender = hands.page, make.ClientFactory(name="РН-КАРТ, ООО")
    cards = [
        make.ClientFactory(
            name=name, prospect_state="invited", invite_state="not_worked", invited_on=date(2026, 11, 20), **more
        )
        for name, more in (("Ресурс, ООО", {"phone": "+74957123456"}), ("Антанта, ООО", {}))
    ]
    for card in cards:
        make.bound(card, point=manager.salespoint)
        Invitation.objects.create(
            client=card,
            sender=sender,
            topic="edo",
            documents=3,
            amount="1500.50",
            sent_at=clock.now(),
            expires_on=clock.today(),
        )
    page.goto("/clients/potential/invited/distribution/")
    hands.press(page.get_by_role("link", name="Без привязки к менеджеру").first)
    page.wait_for_url(re.compile(r"/invited/\?"))
    for card in cards:
        hands.tick(page.locator(f"#row-{card.pk} input[name=pk]"))
    hands.press(page.get_by_role("button", name="Закрепить за мной"))
    # A question first, in a dialog or on a page.
    hands.press(page.locator("[data-submit]"))
    expect(page.locator("body")).to_contain_text("Закреплено: 2")
    assert [owner(card) for card in cards] == [manager, manager]
    page.goto("/clients/potential/invited/?resp=me")
    hands.choose(page.locator("select[name=phone]"), "С телефоном")
    hands.press(page.get_by_role("button", name="Отобразить"))
    page.wait_for_url(re.compile("phone=1"))
    row = page.locator("tr[data-id]")
    expect(row).to_have_count(1)
    for text in ("Ресурс, ООО", "РН-КАРТ, ООО", "20.11.2026", "Не работал"):
        expect(row).to_contain_text(text)
    hands.press(page.get_by_role("link", name="Ресурс, ООО", exact=True))
    page.wait_for_url(re.compile(rf"/clients/{cards[0].pk}/"))
    expect(page.locator("a[href='tel:+74957123456']")).to_be_visible()
    hands.press(page.get_by_role("link", name="Приглашения").last)
    page.wait_for_url(re.compile("invitations"))
    for text in ("ЭДО", "РН-КАРТ, ООО", "отправил документы в электронном виде"):
        expect(page.locator("#main")).to_contain_text(text)


@pytest.mark.rows("R2.61", "R2.62", "R2.63", "R2.64")
def test_trial_accounts(hands, manager):
    """«Триальные аккаунты»: status «Активированные», state «Активные в облаке»."""
    page, today = hands.page, clock.today()
    for number, name, active, entered in (
        (2_979_032, "Активный, ООО", today, True), (2_979_033, "Вошел и бросил, ООО", date(1900, 1, 1), True), (2_979_034, "Не входил, ООО", date(1900, 1, 1), False),
    ):  # fmt: skip
        Account.objects.create(
            number=number, name=name, salespoint=manager.salespoint, manager=manager, created_at=clock.now(),
            activated_at=clock.now() if entered else None, last_active_on=active, last_cloud_on=active,
        )  # fmt: skip
    page.goto("/accounts/trial/")
    expect(page.locator("tr[data-id]")).to_have_count(3)
    hands.choose(page.get_by_label("Статус"), "Активированные")
    hands.choose(page.get_by_label("Состояние"), "Активные в облаке")
    hands.press(page.get_by_role("button", name="Отобразить"))
    expect(page.locator("tr[data-id]")).to_have_count(1)
    expect(page.locator("tr[data-id]")).to_contain_text("Активный, ООО")
