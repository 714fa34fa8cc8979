"""Figures 3-1, 3-4 … 3-6 in a browser: from the list to the outcome and back."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from core import clock
from renewals.models import Outcome
from tests.renewals.conftest import account_of, sold, tariff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.rows("R3.8", "R3.9", "R3.24", "R3.34", "R3.38", "R3.41")
def test_an_outcome_is_set_from_the_list_and_undone(browser_page, manager):
    account = account_of(manager)
    sold(account, tariff("eo", "ЭО"), clock.today() + timedelta(days=10))
    page = browser_page(user=manager)
    page.goto("/accounts/renewals/")
    row = page.locator(f"#row-{account.number}")
    row.get_by_role("link", name="Без итога").click()
    dialog = page.locator("#dlg")
    dialog.get_by_text("Неверные контактные данные").click()
    dialog.locator("textarea[name=comment]").fill("Телефон не отвечает, почта вернулась")
    dialog.locator("[data-submit]").click()
    expect(row).to_have_count(0)
    assert Outcome.objects.get().kind == "wrong_contacts"
    page.locator("#toasts").get_by_role("button", name="Отменить").click()
    expect(row).to_have_count(1)
    assert Outcome.objects.get().withdrawn_at is not None
