"""Chapter 1 of the manual: the door, employees, rights, blocking."""

import re

from playwright.sync_api import expect

from .scribe import PASSWORD, Chapter, Scribe

CHAPTER = Chapter("1", "Начало работы. Мы и партнеры")


@CHAPTER.procedure
def sign_in(scribe: Scribe) -> None:
    """Вход."""
    page = scribe.visitor()
    with scribe.step("Откройте адрес программы. Введите логин и пароль."):
        page.goto("/login/")
        page.get_by_label("Логин").fill("head")
        page.get_by_label("Пароль").fill(PASSWORD)
    scribe.figure("1-1", "Авторизация", page)
    with scribe.step("Нажмите «Войти». Руководитель и оператор подтверждают вход вторым фактором."):
        page.get_by_role("button", name="Войти").click()
        page.wait_for_url(lambda address: "/login/" not in address)
    scribe.say("Нет логина? «Как стать партнером» под формой открывает заявку: ответ придет на почту.")


@CHAPTER.procedure
def hire(scribe: Scribe) -> None:
    """Добавить сотрудника."""
    page = scribe.page("head")
    with scribe.step("Откройте раздел «Мы и партнеры» и точку продаж."):
        page.goto("/partners/")
        page.get_by_role("link", name=re.compile("Открыть карточку: 3901")).click()
    with scribe.step("Перейдите в «Сотрудники» и нажмите «Сотрудник +»."):
        page.get_by_role("link", name=re.compile("^Сотрудники")).first.click()
        page.wait_for_url(re.compile("/employees/"))
        page.get_by_role("link", name="Сотрудник", exact=True).first.click()
    with scribe.step("Найдите человека по ФИО в справочнике учетной системы."):
        page.locator("#person-q").press_sequentially("Берез")
        expect(page.get_by_role("button", name="Добавить").first).to_be_visible()
    scribe.figure("1-2", "Добавление сотрудника", page)
    with scribe.step("Нажмите «Добавить» и отметьте права: выдать можно не больше, чем есть у вас."):
        page.get_by_role("button", name="Добавить").first.click()
        page.wait_for_url(re.compile("/access/"))
        page.get_by_role("link", name="Изменить", exact=True).last.click()
        page.wait_for_url(re.compile("edit=1"))
        page.locator("input[name=role][value=manager]").check()
    scribe.figure("1-3", "Настройка прав сотрудника", page)
    with scribe.step("Сохраните."):
        page.get_by_role("button", name="Сохранить").click()
        expect(page.locator("body")).to_contain_text("Права сохранены")


@CHAPTER.procedure
def block(scribe: Scribe) -> None:
    """Закрыть доступ."""
    page = scribe.page("head")
    with scribe.step("В правах сотрудника отметьте «Запрещен» и нажмите «Сохранить»."):
        page.get_by_role("link", name="Изменить", exact=True).last.click()
        page.wait_for_url(re.compile("edit=1"))
        page.get_by_label("Запрещен").check()
        page.get_by_role("button", name="Сохранить").click()
        page.wait_for_url(re.compile("/block/"))
    scribe.figure("1-4", "Блокировка доступа", page)
    with scribe.step("Укажите причину, передайте клиентов и задачи другому сотруднику и подтвердите."):
        page.locator("textarea[name=reason]").fill("Уволен")
        page.get_by_role("button", name="Запретить доступ").click()
        expect(page.locator("body")).to_contain_text("доступ запрещен")
    scribe.say("Все сеансы человека завершаются сразу и навсегда: после снятия запрета нужен новый вход.")
