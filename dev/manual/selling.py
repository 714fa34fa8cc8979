"""Chapters 2.2 and 2.4 of the manual: from the client card to an activated licence and a change of tariff."""

import re

from playwright.sync_api import expect

from .scribe import Chapter, Scribe

CHAPTER = Chapter("2.2", "Подключить клиента и продать")


@CHAPTER.procedure
def connect(scribe: Scribe) -> None:
    """Создать аккаунт."""
    page = scribe.page("manager")
    with scribe.step("Найдите клиента и откройте карточку. Нажмите «Подключить»."):
        page.goto("/clients/?resp=free&reg=new")
        page.locator("tr[data-id] a").first.click()
        page.wait_for_url(re.compile(r"/clients/\d+/"))
        page.get_by_role("link", name="Подключить", exact=True).click()
        dialog = page.locator("#dlg-body")
        expect(dialog.get_by_label("Название аккаунта")).to_be_visible()
    scribe.figure("2-6", "Создание аккаунта из карточки клиента", page)
    with scribe.step("Укажите контактное лицо и нажмите «Создать»."):
        dialog.get_by_label("ФИО контактного лица").fill("Морозова Ольга Игоревна")
        dialog.get_by_label("Email").fill("buh@client.example")
        dialog.get_by_label("Телефон").fill("8 900 123-45-67")
        dialog.get_by_role("button", name="Создать").click()
        page.wait_for_url(re.compile(r"/accounts/\d{7}/$"))
    scribe.figure("2-8", "Карточка аккаунта", page)
    scribe.say("Клиента без карточки под рукой подключает кнопка «Подключить клиента» в шапке: достаточно ИНН.")
    page.goto("/accounts/connect/")
    scribe.figure("2-7", "Создание аккаунта из раздела", page)
    page.go_back()


@CHAPTER.procedure
def sell(scribe: Scribe) -> None:
    """Выбрать лицензии и выставить счет."""
    page = scribe.page("manager")
    with scribe.step("В карточке аккаунта нажмите «Добавить тариф», выберите период и отметьте позиции прайса."):
        page.get_by_role("link", name="Добавить тариф").first.click()
        page.locator("label.chk", has_text="Базовый").first.click()
        page.get_by_role("button", name="Пересчитать").click()
        expect(page.locator("#price-total")).to_contain_text("К оплате")
    scribe.figure("2-10", "Добавление тарифа", page)
    with scribe.step("Сохраните выбор и нажмите «Выставить счет»."):
        page.get_by_role("button", name="Сохранить").click()
        page.wait_for_url(re.compile(r"/accounts/\d{7}/$"))
        scribe.figure("2-11", "Параметры лицензии", page)
        page.locator("section", has_text="Лицензии").get_by_role("link", name="Выставить счет").first.click()
        page.locator("#dlg-body").get_by_role("button", name="Выставить").click()
        page.wait_for_url(re.compile(r"/invoices/\d+/"))
    scribe.figure("2-11а", "Счет", page)


@CHAPTER.procedure
def activate(scribe: Scribe) -> None:
    """Оплатить, отгрузить, активировать."""
    page = scribe.page("manager")
    with scribe.step("Когда клиент заплатил, примите оплату: из выписки банка она разносится сама."):
        page.get_by_role("link", name="Принять оплату").click()
        page.locator("#dlg-body").get_by_role("button", name="Принять").click()
        expect(page.locator(".facts")).to_contain_text("Оплачен")
    with scribe.step("Нажмите «Отгрузить», затем «Активировать»."):
        page.get_by_role("link", name="Отгрузить").click()
        page.locator("#dlg-body").get_by_role("button", name="Отгрузить").click()
        expect(page.locator(".facts")).to_contain_text("Отгружен")
        page.get_by_role("button", name="Активировать").click()
        page.wait_for_url(re.compile(r"/accounts/\d{7}/$"))
    scribe.figure("2-13", "Активация лицензии", page)


@CHAPTER.procedure
def change(scribe: Scribe) -> None:
    """Сменить тариф."""
    page = scribe.page("manager")
    with scribe.step("В блоке лицензии или в меню организации выберите «Сменить тариф»."):
        page.get_by_label("Действия: ЭО «Базовый»").click()
        page.get_by_role("link", name="Сменить тариф").first.click()
        page.wait_for_url(re.compile("change"))
    scribe.figure("2-18", "Смена тарифа", page)
    scribe.say("Каждое число доплаты объяснено рядом: сколько дней осталось и сколько они стоят.")
