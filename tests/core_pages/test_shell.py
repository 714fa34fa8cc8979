"""The shell: tree, header, error pages, theme, middleware."""

import json
import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from django.utils.html import escape

from core import formats, navigation
from core.errors import Conflict, DomainError, Forbidden
from core.navigation import Entry
from core.pages import EMPLOYEE, Page
from core.templatetags import sb
from partners.rights import Right
from sbilling import navigation as tree
from tests.core_pages import sample
from tests.core_pages.conftest import NOW

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return response.content.decode()


class Broken(Page):
    """Raises what the address names."""

    right = EMPLOYEE

    def get(self, request, what):
        raise {
            "refused": DomainError("Счет уже отгружен. Откройте его."),
            "conflict": Conflict("Клиент уже закреплен.", who="Травина А. Е.", when=NOW),
            "forbidden": Forbidden(),
            "defect": RuntimeError("x"),
        }[what]

    def post(self, request, what):
        return HttpResponse(what)


urlpatterns = [path("broken/<str:what>/", Broken.as_view()), *sample.urlpatterns]
handler500 = "sbilling.views.server_error"


@pytest.fixture
def broken(page, settings):
    settings.ROOT_URLCONF = "tests.core_pages.test_shell"
    page.raise_request_exception = False
    return page


@pytest.mark.rows("RX.1")
def test_the_main_menu_of_the_manual(page, viewer):
    html = text(page.get("/"))
    for title in (
        "Все клиенты",
        "Аккаунты",
        "Пользователи",
        "Обращения",
        "Мы и партнеры",
        "Требуют продления",
        "Приглашены",
        "На отделе",
    ):
        assert title in html
    for hidden in ("Доп. начисления", "Администрирование", "Подключить клиента"):
        assert hidden not in html, "no right, no entry"
    viewer.grants.create(right=Right.ACCOUNT_ADD, scope="salespoint", granted_at=NOW)
    assert "Подключить клиента" in text(page.get("/"))


def request_of(viewer, url: str):
    request = RequestFactory().get(url)
    request.user = viewer
    return request


def test_the_longest_fitting_entry_is_the_current_one(viewer):
    nodes = navigation.tree(request_of(viewer, "/accounts/paid/inactive/"), tree.TREE)
    accounts = next(node for node in nodes if node.entry.url == "/accounts/")
    paid = accounts.children[0]
    assert accounts.is_open and paid.is_open and paid.children[0].is_current and not accounts.is_current


def test_counters_are_counted_after_the_page_and_kept(viewer):
    asked = []
    entries = (Entry("А", "/a/", counter=lambda employee: asked.append(employee) or 7),)
    assert navigation.tree(request_of(viewer, "/"), entries)[0].number is None and asked == []
    assert navigation.count(request_of(viewer, "/"), entries)[0].number == 7
    assert navigation.tree(request_of(viewer, "/"), entries)[0].number == 7 and asked == [viewer]
    cache.clear()
    assert navigation.count(request_of(viewer, "/"), entries)[0].number == 7 and len(asked) == 2


def test_numbers_come_out_of_band(page, monkeypatch):
    monkeypatch.setattr(tree, "TREE", (Entry("А", "/a/", counter=lambda employee: 12345, hot=True),))
    monkeypatch.setattr(tree, "badges", lambda employee: {"on_me": 5})
    assert 'id="nav-a"></span>' in text(page.get("/profile/")), "a place for the number"
    html = text(page.get("/navigation/counters/", headers={"HX-Request": "true"}))
    assert 'id="nav-a" hx-swap-oob="true">12\u00a0345' in html and "На мне</span><b>5</b>" in html
    assert 'id="nav-a">12\u00a0345' in text(page.get("/"))


@pytest.mark.parametrize(
    "what, status, words",
    [
        ("refused", 422, "Счет уже отгружен. Откройте его."),
        ("conflict", 409, "Клиент уже закреплен. (Травина А. Е., 23.11.2026 11:00)"),
        ("forbidden", 403, "Недостаточно прав"),
        ("defect", 500, "Данные не изменены"),
    ],
)
def test_refusals_as_pages_and_as_toasts(broken, what, status, words):
    response = broken.get(f"/broken/{what}/", headers={"X-Request-ID": "abc-12345678"})
    assert response.status_code == status and words in text(response)
    assert response["X-Request-ID"] == "abc-12345678"
    if status == 500:
        assert "abc-12345678" in text(response)
        return
    fragment = broken.get(f"/broken/{what}/", headers={"HX-Request": "true"})
    assert fragment.status_code == status and fragment["HX-Reswap"] == "none"
    assert words.split(".")[0] in json.loads(fragment["HX-Trigger"])["toast"]["text"]


def test_a_page_that_is_not_there(page):
    response = page.get("/nothing/here/")
    assert response.status_code == 404 and "Страница не найдена" in text(response) and "Аккаунты" in text(response)


def test_an_expired_session_says_so_instead_of_a_login_page_in_the_table(sample_urls):
    client = Client()
    assert client.get("/sample/").status_code == 302
    response = client.get("/sample/", headers={"HX-Request": "true"})
    assert response.status_code == 401 and "session-expired" in response["HX-Trigger"]


def test_request_numbers_are_ours_or_plain(page):
    given = page.get("/", headers={"X-Request-ID": "x\r\nSet-Cookie: a=b"})["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{12}", given)


def test_no_page_is_stored_and_statements_are_bounded(page):
    response = page.get("/sample/")
    assert response["Cache-Control"] == "no-store" and "HX-Request" in response["Vary"]
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("2s",)
        page.get("/")
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("15s",)


def test_the_theme_is_a_cookie_that_the_server_writes_into_the_page(page):
    assert 'data-bs-theme="light"' in text(page.get("/"))
    response = page.post("/theme/", {"theme": "dark"}, headers={"referer": "http://testserver/sample/"})
    assert response["Location"] == "http://testserver/sample/"
    assert 'data-bs-theme="dark"' in text(page.get("/"))
    assert page.post("/theme/", {"theme": '"><script>'}, headers={"referer": "http://evil.example/"})["Location"] == "/"
    page.cookies["theme"] = '"><script>'
    assert "<script>alert" not in text(page.get("/")) and 'data-bs-theme="light"' in text(page.get("/"))


def test_hot_keys(page):
    assert "<!doctype" in text(page.get("/help/keys/"))
    assert "modal-header" in text(page.get("/help/keys/", headers={"HX-Request": "true", "HX-Target": "dlg-body"}))


def test_how_the_page_looks_is_a_setting(page, viewer):
    response = page.post("/profile/", {"density": "compact", "keys": ""})
    assert response.status_code == 302
    html = text(page.get("/"))
    assert 'data-density="compact"' in html and "data-no-keys" in html
    page.post("/profile/", {"density": "", "keys": "on"})
    html = text(page.get("/"))
    assert "data-density" not in html and "data-no-keys" not in html


def test_a_view_declares_its_right():
    with pytest.raises(TypeError, match="declares its right"):
        type("NoRight", (Page,), {})


class TestComponents:
    def test_money_dates_people(self):
        assert formats.money(-3412600) == "\u22123\u00a0412\u00a0600,00" and formats.money(None) == ""
        assert formats.roubles(formats.Decimal("0.50")) == "1\u00a0₽"
        assert (
            formats.moment(NOW) == "23.11.2026 11:00" and formats.moment(NOW, "Asia/Vladivostok") == "23.11.2026 19:00"
        )
        assert formats.long_day(NOW.date()) == "23\u00a0ноября 2026\u00a0г."
        assert formats.initials("Травина", "Анна", "Евгеньевна") == "Травина\u00a0А.\u00a0Е."
        assert formats.phone("+74852001452") == "+7\u00a0(485)\u00a0200-14-52" and formats.phone("8") == "8"
        assert formats.percent(formats.Decimal("12.50")) == "12,5\u00a0%"

    def test_days_left(self):
        assert "сегодня" in sb.left(0) and "d-bad" in sb.left(7) and "d-warn" in sb.left(8)
        assert "через 1\u00a0день" in sb.left(1) and "закончилась 22\u00a0дня назад" in sb.left(-22)

    def test_everything_is_escaped(self):
        bad = '<script>"'
        for html in (
            sb.badge(bad, title=bad),
            sb.copy(bad, bad),
            sb.phone(bad),
            sb.email(bad),
            sb.meter(bad, 1, 2),
            sb.spark([1], bad),
        ):
            assert "<script>" not in html and escape(bad) in html

    def test_meters_warn(self):
        assert (
            "p-warn" in sb.meter("ЭП", 9, 10)
            and "p-bad" in sb.meter("ЭП", 11, 10)
            and 'class=""' in sb.meter("ЭП", 8, 10)
        )
        assert "0 из 0" in sb.meter("ЭП", 0, 0)

    def test_bars_need_no_style_attribute(self):
        svg = sb.spark([0, 3, 6], "За три недели")
        assert "style=" not in svg and svg.count("<rect") == 3 and "За три недели: 0, 3, 6" in svg
        assert "<svg" in sb.spark([], "Пусто")
