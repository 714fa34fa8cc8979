"""Figures 1-2…1-4 in a browser: hire, set rights, block."""

import re

import pytest
from playwright.sync_api import expect

from partners.models import Employee
from partners.rights import Right
from partners.selectors import effective_rights
from tests.factories import DirectoryPersonFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("javascript", [True, False], ids=["mouse", "no-js"])
@pytest.mark.rows("R1.16", "R1.18", "R1.19", "R1.20", "R1.21", "R1.22", "R1.24", "R1.26", "R1.28", "R1.29", "R1.31")
def test_hired_given_rights_and_blocked(browser_page, head, point, javascript):
    person = DirectoryPersonFactory(last_name="Журавлева", first_name="Ольга")
    page = browser_page(user=head, javascript=javascript)
    page.goto("/partners/?all=1")
    page.get_by_role("link", name=re.compile("Открыть карточку: 7699")).click()
    page.get_by_role("link", name=re.compile("^Сотрудники")).first.click()
    page.wait_for_url(re.compile("/employees/"))
    page.get_by_role("link", name="Сотрудник", exact=True).first.click()
    search = page.locator("#person-q")
    search.fill("журавл")
    if not javascript:
        search.press("Enter")
    page.get_by_role("button", name="Добавить").click()
    page.wait_for_url(re.compile("/access/"))
    hired = Employee.objects.get(external_id=person.external_id)

    page.get_by_role("link", name="Изменить", exact=True).last.click()
    page.wait_for_url(re.compile("edit=1"))
    expect(page.locator(f"select[name='right:{Right.PRICE_CHANGE}']")).to_be_disabled()
    page.locator("input[name=role][value=manager]").check()
    page.locator(f"select[name='right:{Right.EXPORT}']").select_option("own")
    page.get_by_role("button", name="Сохранить").click()
    expect(page.locator("body")).to_contain_text("Права сохранены")
    assert {Right.EXPORT, Right.CLIENT_VIEW} <= set(effective_rights(hired.pk))

    page.goto(f"/employees/{hired.pk}/access/?edit=1")
    page.get_by_label("Запрещен").check()
    page.get_by_role("button", name="Сохранить").click()
    page.wait_for_url(re.compile("/block/"))
    page.locator("textarea[name=reason]").fill("Уволена")
    page.get_by_role("button", name="Запретить доступ").click()
    expect(page.locator("body")).to_contain_text("доступ запрещен")
    hired.refresh_from_db()
    assert not hired.is_active
    page.goto(f"/partners/{point.pk}/employees/?access=blocked")
    expect(page.locator(f"#row-{hired.pk}")).to_contain_text("Заблокирован")
