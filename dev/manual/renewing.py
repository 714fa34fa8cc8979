"""Chapter 3 of the manual: whom to call, the invoice of the next term, outcomes."""

import re

from playwright.sync_api import expect

from .scribe import Chapter, Scribe

CHAPTER = Chapter("3", "Продлить лицензии")
LIST = "/accounts/renewals/"


@CHAPTER.procedure
def whom_to_call(scribe: Scribe) -> None:
    """Кому звонить."""
    page = scribe.page("renewals")
    with scribe.step("Откройте «Аккаунты / Требуют продления»: лицензии, которые кончаются в ближайшие 60 дней."):
        page.goto(LIST)
        expect(page.locator("tr[data-id]").first).to_be_visible()
    scribe.figure("3-1", "Список аккаунтов на продление", page)
    with scribe.step("Отберите «Непродленные»: лицензия уже кончилась, итога нет."):
        page.goto(LIST + "?state=not_renewed")
        page.wait_for_load_state("networkidle")
    scribe.figure("3-2", "Список непродленных аккаунтов", page)


@CHAPTER.procedure
def renew(scribe: Scribe) -> None:
    """Выставить счет на продление."""
    page = scribe.page("renewals")
    with scribe.step("В строке аккаунта нажмите «Продлить»."):
        page.goto(LIST)
        row = page.locator("tr[data-id]").first
        row.hover()
        row.get_by_role("link", name="Продлить").click()
        expect(page.locator("#dlg [data-submit]")).to_be_visible()
    scribe.figure("3-3", "Формирование счета на продление", page)
    scribe.say("Цены — на сегодня. Тариф, срок и количество можно изменить, сумма пересчитается.")


@CHAPTER.procedure
def outcome(scribe: Scribe) -> None:
    """Указать итог."""
    page = scribe.page("renewals")
    with scribe.step("Если клиент не продлевает, нажмите «Указать итог» в строке."):
        page.goto(LIST)
        row = page.locator("tr[data-id]").first
        row.hover()
        row.get_by_role("link", name="Указать итог").click()
        dialog = page.locator("#dlg")
        expect(dialog.locator("[data-submit]")).to_be_visible()
    scribe.figure("3-4", "Итог продления", page)
    with scribe.step(
        "Выберите причину. Для «ушли от нас» нужен конкурент, для «не существует» рядом видно состояние в реестре."
    ):
        dialog.get_by_text("Неверные контактные данные").click()
    scribe.figure("3-5", "Варианты итога", page, of=dialog.locator(".modal-content"))
    with scribe.step("Напишите комментарий и сохраните. Ошиблись — «Отменить» рядом с сообщением или в истории."):
        dialog.locator("textarea[name=comment]").fill("Телефон не отвечает, почта вернулась")
        scribe.figure("3-6", "Комментарий к итогу", page)
        dialog.locator("[data-submit]").click()
        expect(page.locator("#toasts")).to_contain_text(re.compile("Итог|Расторгнутые"))
