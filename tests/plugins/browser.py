"""Chromium through Playwright: which tests run where there is none, and pages to drive.

    @pytest.mark.browser
    def test_sale(browser_page, operator):
        page = browser_page(user=operator, scheme="dark", width=1024, height=768)
        page.goto("/accounts/")

A page that throws, breaks the content security policy or writes an error to the console fails its test.
"""

import os

import pytest

from dev import chromium

# Playwright keeps an event loop in this thread, at which Django would refuse every query of the test.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

TIMEOUT_MS = 15_000


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--require-browser", action="store_true", help="fail where there is no Chromium")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(BrowserTests(config), "browser-tests")


class BrowserTests:
    """Deselects browser tests where there is no Chromium, counts them (over all xdist workers), and says so."""

    def __init__(self, config: pytest.Config) -> None:
        self.config, self.deselected = config, 0
        self.is_required = config.getoption("--require-browser")

    @pytest.hookimpl(trylast=True)  # after -k and -m: only what would have run counts
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        ours = [item for item in items if item.get_closest_marker("browser")]
        if ours and not chromium.find():
            self.deselected = len(ours)
            items[:] = [item for item in items if not item.get_closest_marker("browser")]
            self.config.hook.pytest_deselected(items=ours)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node) -> None:
        """A worker ended: all of them have collected the same tests."""
        self.deselected = max(self.deselected, getattr(node, "workeroutput", {}).get("browser_deselected", 0))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput["browser_deselected"] = self.deselected
        elif self.deselected and self.is_required and session.exitstatus in (0, 5):
            session.exitstatus = 1
        elif self.deselected and session.exitstatus == 5:  # nothing but browser tests was asked for
            session.exitstatus = 0

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter) -> None:
        if self.deselected:
            terminalreporter.write_line(
                f"{self.deselected} browser tests were not run, there is no Chromium. To mend it: "
                f"{chromium.mending_command()}"
            )


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests of this process."""
    from playwright.sync_api import sync_playwright

    arguments = ["--disable-dev-shm-usage", "--disable-gpu"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium.find(), args=arguments)
        yield running
        running.close()


@pytest.fixture
def browser_page(browser, live_server, settings):
    """Open a page: browser_page(user=None, scheme="light"|"dark", width=1440, height=900, javascript=True)."""
    contexts, problems = [], []

    def open_page(*, user=None, scheme: str = "light", width: int = 1440, height: int = 900, javascript: bool = True):
        context = browser.new_context(
            base_url=live_server.url,
            color_scheme=scheme,
            java_script_enabled=javascript,
            locale="ru-RU",
            timezone_id="Europe/Kaliningrad",
            viewport={"width": width, "height": height},
            accept_downloads=True,
        )
        contexts.append(context)
        context.set_default_timeout(TIMEOUT_MS)
        if user is not None:
            context.add_cookies([signed_in_cookie(user, live_server.url, settings)])
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
        page.on("console", lambda message: _note_console(message, problems))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


def signed_in_cookie(user, url: str, settings) -> dict[str, str]:
    """The session cookie of somebody signed in, for tests that are not about the door."""
    from django.test import Client

    client = Client()
    client.force_login(user)
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": url,
    }


def _note_console(message, problems: list[str]) -> None:
    """A refusal (403, 409, 422) is an error to Chromium's console and not to us."""
    if message.type == "error" and not message.text.startswith("Failed to load resource"):
        problems.append(message.text)
