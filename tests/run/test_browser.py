"""The browser fixtures themselves; tests/run/test_testing.py runs this file without Chromium."""

import pytest


def test_without_a_browser():
    """Stays when the others are left out."""


@pytest.mark.browser
def test_page_of_the_live_server(browser_page):
    page = browser_page(scheme="dark", width=1024, height=768)
    page.goto("/health/live")
    assert page.inner_text("body").strip() == "live"
    assert page.evaluate("[innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]") == [1024, True]


@pytest.mark.browser
def test_signed_in_page(browser_page, manager):
    page = browser_page(user=manager)
    page.goto("/")
    assert not page.url.endswith("/login/")


@pytest.mark.browser
def test_page_without_javascript(browser_page):
    page = browser_page(javascript=False)
    page.goto("/login/")
    assert page.locator("form").count()
