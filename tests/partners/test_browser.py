"""Figures 1-2…1-4 in a browser: hire, set rights, block."""

import re

import pytest
from playwright.sync_api import expect

from core.jobs import running
from core.models import JobRun
from partners.models import Employee
from partners.rights import Right
from partners.selectors import effective_rights
from tests.factories import ClientFactory, DirectoryPersonFactory, bound, inn10, region

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


@pytest.mark.parametrize("javascript", [True, False], ids=["mouse", "no-js"])
@pytest.mark.rows("R1.10", "R1.11")
def test_signing_in(browser_page, manager, javascript):
    """Figure 1-1: a wrong password keeps the login; the right one goes where one wanted to."""
    page = browser_page(javascript=javascript)
    page.goto("/clients/?all=1")
    page.wait_for_url(re.compile("/login/"))
    expect(page.get_by_role("link", name="Как стать партнером")).to_be_visible()
    page.get_by_label("Логин").fill("manager")
    page.get_by_label("Пароль", exact=False).first.fill("не тот")
    page.get_by_role("button", name="Войти", exact=True).click()
    expect(page.locator("body")).to_contain_text("Логин или пароль не подходят")
    expect(page.get_by_label("Логин")).to_have_value("manager")
    password = page.locator("input[name=password]")
    password.fill("demo")
    if javascript:
        page.get_by_role("button", name="Показать пароль").click()
        expect(password).to_have_attribute("type", "text")
    password.press("Enter")
    page.wait_for_url(re.compile("/clients/"))


@pytest.mark.rows("R1.12")
def test_becoming_a_partner(browser_page):
    """The public form from the login page; a mistake keeps what was typed."""
    region("39")
    page = browser_page()
    page.goto("/login/")
    page.get_by_role("link", name="Как стать партнером").click()
    for name, value in (("inn", "123"), ("name", "Новый партнер, ООО"), ("person", "Иванова Анна"),
                        ("phone", "+7 401 212-34-56"), ("email", "anna@example.org")):  # fmt: skip
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=region]").select_option("39")
    page.get_by_label("Согласен на обработку").check()
    page.get_by_role("button", name="Отправить заявку").click()
    expect(page.locator("[name=person]")).to_have_value("Иванова Анна")
    page.locator("[name=inn]").fill(inn10(601))
    page.get_by_role("button", name="Отправить заявку").click()
    expect(page.locator("body")).to_contain_text("Заявка отправлена")


@pytest.mark.rows("R1.26", "R1.28")
def test_a_block_hands_the_desk_over(browser_page, head, manager, colleague):
    """Figure 1-4: what hangs on the person is named, one field hands it over, the job tells what it moved."""
    bound(ClientFactory(), manager)
    page = browser_page(user=head)
    page.goto(f"/employees/{manager.pk}/block/")
    expect(page.locator("body")).to_contain_text("клиенты — 1")
    page.locator("select[name=to]").select_option(str(colleague.pk), force=True)
    page.get_by_role("button", name="Запретить доступ").click()
    expect(page.locator("body")).to_contain_text("доступ запрещен")
    run = running.execute(JobRun.objects.get(job="partners.hand_over").pk)
    page.goto(f"/jobs/{run.pk}/")
    expect(page.locator("body")).to_contain_text("Передано: 1. Принимает Коллегина")
