"""Chapter 2.1 of the manual: prospects, binding, invitations, trials."""

import re

from playwright.sync_api import expect

from .scribe import Chapter, Scribe

CHAPTER = Chapter("2.1", "Найти клиента")


@CHAPTER.procedure
def new_organisations(scribe: Scribe) -> None:
    """Новые организации."""
    page = scribe.page("manager")
    with scribe.step("Откройте «Все клиенты» и выберите в отборе новые организации с телефоном."):
        page.goto("/clients/")
        page.locator("select[name=reg]").select_option("new")
        page.locator("select[name=phone]").select_option("1")
    with scribe.step("Нажмите «Отобразить»."):
        page.get_by_role("button", name="Отобразить").click()
        page.wait_for_url(re.compile("reg=new"))
    scribe.figure("2-1", "Список новых организаций", page)
    with scribe.step("В строке организации нажмите «Закрепить» и выберите «За мной»."):
        page.goto("/clients/?reg=new&phone=1&resp=free")
        page.locator("tr[data-id]").first.locator("summary").click()
    scribe.figure("2-2", "Закрепление карточки клиента", page)
    with scribe.step("Карточка закреплена за вами, строка ушла из списка свободных."):
        page.get_by_role("button", name="За мной").first.click()
        expect(page.locator("body")).to_contain_text("закреплен за вами")


@CHAPTER.procedure
def invited(scribe: Scribe) -> None:
    """Контрагенты с приглашением."""
    page = scribe.page("manager")
    with scribe.step("Откройте «Потенциальные клиенты / Приглашены»."):
        page.goto("/clients/potential/invited/")
        expect(page.locator("tr[data-id]").first).to_be_visible()
    scribe.figure("2-3", "Список организаций с приглашениями", page)
    with scribe.step("Откройте карточку: телефоны, местное время клиента и подсказка, с чего начать разговор."):
        page.locator("tr[data-id] a").first.click()
        page.wait_for_url(re.compile(r"/clients/\d+/"))
    scribe.figure("2-3а", "Карточка приглашенного клиента", page)


@CHAPTER.procedure
def trials(scribe: Scribe) -> None:
    """Триальные аккаунты."""
    page = scribe.page("manager")
    with scribe.step("Откройте «Аккаунты / Триальные»."):
        page.goto("/accounts/trial/")
        expect(page.locator("h1")).to_be_visible()
    scribe.figure("2-4", "Список триальных аккаунтов", page)
