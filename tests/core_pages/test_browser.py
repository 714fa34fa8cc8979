"""Pages in Chromium: accessibility, keys of the Russian layout, dialogs, no JavaScript, narrow windows."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from partners.models import Employee
from tests.plugins.browser import signed_in_cookie

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
AXE = Path(__file__).parent.parent / "assets" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def site(sample_urls, people):
    return people


def violations(page, scheme: str) -> list[str]:
    """What axe finds; the dark theme differs from the light one in its colours alone."""
    # Evaluated by the driver: the page's own policy forbids scripts that are not its own.
    page.evaluate(AXE.read_text())
    only = {"type": "tag", "values": RULES} if scheme == "light" else {"type": "rule", "values": ["color-contrast"]}
    found = page.evaluate("only => axe.run(document, {runOnly: only})", only)
    return [
        f"{v['id']}: {v['nodes'][0]['html'][:200]} {v['nodes'][0]['failureSummary'][:200]}" for v in found["violations"]
    ]


@pytest.mark.rows("R1.1", "R1.5")
@pytest.mark.parametrize(
    "width, height, scheme", [(1440, 900, "light"), (1440, 900, "dark"), (1024, 768, "light"), (390, 844, "dark")]
)
def test_everybody_can_use_it(browser_page, live_server, site, viewer, scheme, width, height):
    page = browser_page(user=viewer, width=width, height=height)
    page.context.add_cookies([{"name": "theme", "value": scheme, "url": live_server.url}])
    card, found = f"/sample/{site[3].pk}/", []
    for url in ("/sample/?position=менеджер&phone=1", "/sample/?amount_from=x", card, f"{card}edit/", "/"):
        page.goto(url)
        found += [f"{url}: {violation}" for violation in violations(page, scheme)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{url}: scrolls sideways")
    page.goto(card)
    page.click("[data-key=renew]")
    expect(page.locator("#dlg.show .modal-title")).to_have_text("Изменить должность")
    page.wait_for_timeout(350)  # contrast is measured after the dialog has faded in
    assert found + violations(page, scheme) == []


@pytest.mark.rows("R1.1", "R1.5")
@pytest.mark.parametrize("width", [1350, 768, 320])
def test_narrow_windows_do_not_scroll_sideways(browser_page, site, viewer, width):
    page = browser_page(user=viewer, width=width, height=768)
    for url in ("/sample/", f"/sample/{site[3].pk}/", f"/sample/{site[3].pk}/edit/", "/"):
        page.goto(url)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), url


@pytest.mark.rows("R2.108")
def test_secondary_columns_below_1350(browser_page, site, viewer):
    page = browser_page(user=viewer, width=1350, height=768)
    page.goto("/sample/")
    head = page.locator("th", has_text="Был в системе")
    expect(head).to_be_visible()
    page.set_viewport_size({"width": 1349, "height": 768})
    expect(head).to_be_hidden()


@pytest.mark.rows("R2.40")
def test_the_filter_is_applied_on_the_button(browser_page, site, viewer):
    page = browser_page(user=viewer)
    page.goto("/sample/")
    page.select_option("[name=phone]", "1")
    expect(page.locator(".stale")).to_be_visible()
    expect(page.locator(".flt-f button")).to_have_text("Отобразить 80")  # recounted while it is not applied yet
    expect(page.locator("#list-wrap")).to_have_attribute("data-total", "121")
    page.click(".flt-f button")
    expect(page.locator("#list-wrap")).to_have_attribute("data-total", "80")
    assert page.url.endswith("/sample/?phone=1"), "no empty parameters"
    expect(page.locator(".stale")).to_be_hidden()
    expect(page.locator(".flt-f button")).to_be_focused()
    page.click("[aria-label='Снять фильтр «Телефон»']") if page.locator(".chips").is_visible() else page.goto(
        "/sample/?all=1"
    )
    expect(page.locator("#list-wrap")).to_have_attribute("data-total", "121")
    page.go_back()
    expect(page.locator("#list-wrap")).to_have_attribute("data-total", "80")
    page.fill("#filters [name=q]", "Фамилия005")
    page.press("#filters [name=q]", "Enter")
    expect(page.locator("tr[data-id]")).to_have_count(1)


def test_a_select_with_search_survives_the_filter(browser_page, site, viewer):
    page = browser_page(user=viewer)
    page.goto("/sample/")
    for word in ("Инженер", "Менеджер"):
        page.click(".ts-control")
        page.click(f".ts-dropdown .option:has-text('{word}')")
        page.click(".flt-f button")
        expect(page.locator("#list-wrap")).to_have_attribute("data-total", {"Инженер": "61", "Менеджер": "60"}[word])
        expect(page.locator(".ts-wrapper")).to_have_count(1)
        expect(page.locator(".ts-control .item")).to_have_text(word)


@pytest.mark.rows("R2.42")
def test_keys_of_the_russian_layout(browser_page, site, viewer):
    page = browser_page(user=viewer)
    page.goto("/sample/")

    def press(key: str, code: str) -> None:
        page.evaluate(
            "([key, code]) => (document.activeElement || document.body).dispatchEvent(new KeyboardEvent('keydown', {key, code, bubbles: true, cancelable: true}))",
            [key, code],
        )

    press("о", "KeyJ"), press("о", "KeyJ"), press("л", "KeyK"), press("о", "KeyJ")
    second = page.locator("tr[data-id]").nth(1)
    expect(second).to_have_class("is-cur")
    press("ч", "KeyX")
    expect(page.locator("[data-n]")).to_contain_text("Выбран 1 сотрудник")
    press(".", "Slash")
    expect(page.locator("#gsearch")).to_be_focused()
    page.keyboard.press("Escape")
    press("а", "KeyF")
    expect(page.locator("#filters")).to_be_hidden()
    press("а", "KeyF")
    expect(page.locator("#filters")).to_be_visible()
    page.locator("#list").focus()
    number = second.get_attribute("data-id")
    second.locator("a.acc-n").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/sample/{number}/")
    expect(page.locator(".ph-act .num").first).to_have_text("2 из 121")
    press("о", "KeyJ")
    page.wait_for_url(lambda url: not url.endswith(f"/{number}/"))
    expect(page.locator(".ph-act .num").first).to_have_text("3 из 121")


def test_bulk_in_a_dialog(browser_page, site, viewer):
    page = browser_page(user=viewer)
    page.goto("/sample/?size=25")
    boxes = page.locator("input[name=pk]")
    boxes.nth(1).check()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(page.locator("[data-n]")).to_contain_text("Выбрано 4 сотрудника")
    page.click("#bulk button[value=rename]")
    expect(page.locator("#dlg.show")).to_contain_text("4 сотрудника.")
    page.fill("#dlg [name=position]", "архитектор")
    page.click("#dlg [data-submit]")
    expect(page.locator("#toasts")).to_contain_text("Изменено: 4")
    expect(page.locator("tr[data-id] td", has_text="архитектор")).to_have_count(4)
    expect(page.locator("#dlg")).to_be_hidden()
    page.check("#bulk-all", force=True) if page.locator("#bulk").is_visible() else boxes.nth(0).check()
    page.check("#bulk-all")
    expect(page.locator("[data-n]")).to_contain_text("Выбран 121 сотрудник")
    page.click("#bulk button[value=rename]")
    expect(page.locator("#dlg.show")).to_contain_text("Все по фильтру: 121 сотрудник.")
    expect(page.locator("#dlg [name=position]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#dlg")).to_be_hidden()


def test_rows_that_leave_the_filter_stay_pale_until_the_page_is_read_anew(browser_page, site, viewer):
    page = browser_page(user=viewer)
    page.goto("/sample/?position=инженер&size=25")
    for n in (1, 2):
        page.locator("input[name=pk]").nth(n).check()
    page.click("#bulk button[value=rename]")
    page.fill("#dlg [name=position]", "архитектор")
    page.click("#dlg [data-submit]")
    expect(page.locator("tr.is-gone")).to_have_count(2)
    expect(page.locator("tr.is-gone").first).to_contain_text("архитектор")
    expect(page.locator(".gone-note")).to_contain_text("Больше не подходит под фильтр")
    expect(page.locator("#list-wrap")).to_have_attribute("data-total", "59")
    page.locator("input[name=pk]").nth(0).check()
    page.click("#bulk button[value=rename]")
    page.fill("#dlg [name=position]", "архитектор")
    page.click("#dlg [data-submit]")
    expect(page.locator("tr.is-gone")).to_have_count(3)
    page.locator(".gone-note a").first.click()
    expect(page.locator("tr.is-gone")).to_have_count(0)


def test_a_dialog_keeps_what_was_typed_and_gives_focus_back(browser_page, site, viewer):
    page = browser_page(user=viewer)
    page.goto(f"/sample/{site[3].pk}/")
    page.click("[data-key=renew]")
    field = page.locator("#dlg [name=position]")
    expect(field).to_be_focused()
    field.fill("занято")
    page.fill("#dlg [name=amount]", "1000")
    page.check("#dlg [name=why] >> nth=0")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#dlg .err")).to_contain_text("Выберите другую.")
    expect(field).to_have_value("занято")
    expect(field).to_be_focused()
    field.fill("директор")
    page.click("#dlg [data-submit]")
    expect(page.locator("#toasts")).to_contain_text("Должность изменена")
    expect(page.locator("dd", has_text="директор")).to_be_visible()
    expect(page.locator("[data-key=renew]")).to_be_focused()


def test_the_server_is_gone_and_nothing_is_lost(browser, live_server, settings, site, viewer):
    context = browser.new_context(base_url=live_server.url)  # of its own: here the console is to show errors
    context.add_cookies([signed_in_cookie(viewer, live_server.url, settings)])
    page = context.new_page()
    page.goto("/sample/")
    context.set_offline(True)
    page.fill("#filters [name=q]", "Фамилия005")
    page.click(".flt-f button")
    expect(page.locator("#toasts")).to_contain_text("Нет связи с сервером")
    expect(page.locator("#filters [name=q]")).to_have_value("Фамилия005")
    expect(page.locator("tr[data-id]")).to_have_count(50)
    context.close()


@pytest.mark.rows("R1.3")
def test_without_javascript(browser_page, site, viewer):
    page = browser_page(user=viewer, javascript=False)
    page.goto("/sample/")
    page.select_option("[name=position]", "менеджер")
    page.click(".flt-f button")
    assert "position=" in page.url and "q=" not in page.url
    page.click("th a:has-text('Должность')")
    page.click("[aria-label='Следующая страница']")
    page.click("summary:has-text('Колонки')")
    page.uncheck("form:has(input[value=columns]) [value=seen]")
    page.click("form:has(input[value=columns]) .btn-primary")
    expect(page.locator("th", has_text="Был в системе")).to_have_count(0)
    page.locator("input[name=pk]").nth(0).check()
    page.click("#bulk button[value=rename]")
    page.fill("[name=position]", "архитектор")
    page.click("[data-submit]")
    expect(page.locator(".msgs")).to_contain_text("Изменено: 1")
    assert Employee.objects.filter(position="архитектор").count() == 1
    page.locator("a.acc-n").nth(0).click()
    page.click("[data-key=renew]")
    expect(page.locator("h1")).to_have_text("Изменить должность")
    page.goto("/")
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.locator(".nav-l a", has_text="Требуют продления")).to_be_visible()


def test_the_theme_without_a_flash(browser_page, site, viewer):
    page = browser_page(user=viewer)
    page.goto("/sample/")
    page.click("[data-theme]")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    response = page.goto("/sample/")
    assert 'data-bs-theme="dark"' in response.text()
