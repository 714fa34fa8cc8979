"""Django admin: reference data only, behind the door; money, owners, people and journals cannot be written there (A19, T17)."""

from urllib.parse import unquote

import pytest
from django.apps import apps
from django.urls import reverse

from clients.models import ProductToken
from clients.services.products import product_of, product_token_create
from core.admin import Reference, site
from core.models import JournalEntry
from partners.models import Employee, Region
from tests import factories as make
from tests.architecture.code import PACKAGES

pytestmark = pytest.mark.django_db

EDITED = {
    "partners.region", "partners.legalentity", "partners.partner", "partners.department", "partners.directoryperson",
    "clients.bindingtopic", "licenses.product", "licenses.direction", "licenses.productline", "licenses.item",
    "licenses.entitlement", "licenses.changepolicy", "licenses.vatrate", "renewals.competitor", "renewals.outcomeoption",
    "tickets.workcalendar",
    "tickets.calendarday", "tickets.servicecontract", "tickets.servicemembership", "tickets.problemkind",
}  # fmt: skip
LOOKED_AT = {
    "core.journalentry", "core.viewentry", "core.exportrecord", "core.jobrun", "partners.salespoint", "partners.employee",
    "partners.role", "partners.roleassignment", "partners.grant", "partners.partnerapplication", "partners.erasure",
    "clients.binding", "clients.producttoken", "accounts.account", "licenses.pricelist", "licenses.price", "licenses.promo", "licenses.invoice",
    "licenses.shipment", "licenses.payment", "licenses.paymentallocation", "licenses.balanceentry", "licenses.term",
    "licenses.license",
}  # fmt: skip


def pages(model) -> dict[str, str]:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    return {"list": reverse(f"{name}_changelist"), "add": reverse(f"{name}_add")}


def test_what_is_edited_and_what_is_looked_at():
    found = {model._meta.label_lower: isinstance(admin, Reference) for model, admin in site._registry.items()}
    assert {name for name, edited in found.items() if edited} == EDITED
    assert {name for name, edited in found.items() if not edited} == LOOKED_AT
    secrets = {m for m in apps.get_models() if m._meta.app_label in ("otp_totp", "otp_static", "sessions", "axes")}
    assert secrets and not secrets & set(site._registry)
    assert {m._meta.app_label for m in site._registry} <= set(PACKAGES)


@pytest.mark.parametrize("role", ["engineer", "support", "renewals", "manager", "head"])
def test_only_the_right_opens_it(signed_in, role):
    person = make.employee(role)
    browser = signed_in(person)
    for path in (
        "/admin/",
        "/admin/login/",
        "/admin/partners/region/",
        "/admin/partners/region/add/",
        "/admin/jsi18n/",
    ):
        answer = browser.get(path, follow=True)
        assert answer.status_code == 403, path


def test_strangers_go_to_the_programs_door(client, operator, signed_in):
    answer = client.get("/admin/partners/region/", follow=True)
    assert unquote(answer.redirect_chain[-1][0]) == "/login/?next=/admin/partners/region/"
    blocked = signed_in(operator)
    Employee.objects.filter(pk=operator.pk).update(access="forbidden", blocked_at="2026-01-01T00:00:00Z")
    assert blocked.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/login/")


def test_it_stands_behind_the_second_factor(signed_in, operator, settings):
    settings.DEMO = False
    for path in ("/admin/", "/admin/partners/region/39/change/"):
        assert "/profile/second-factor/" in signed_in(operator).get(path).headers["Location"]


def test_every_page_opens_for_the_operator(signed_in, operator):
    browser = signed_in(operator)
    assert browser.get("/admin/").status_code == 200
    for model, admin in site._registry.items():
        answers = {name: browser.get(path).status_code for name, path in pages(model).items()}
        assert answers == {"list": 200, "add": 200 if isinstance(admin, Reference) else 403}, model
        if admin.search_fields:
            assert browser.get(f"{pages(model)['list']}?q=39").status_code == 200


def test_money_owners_people_and_journals_take_no_post(signed_in, operator, point):
    browser, before = signed_in(operator), JournalEntry.objects.count()
    for model in site._registry:
        if model._meta.label_lower not in LOOKED_AT:
            continue
        row = model._default_manager.first()
        for path in [pages(model)["add"]] + (
            [f"{pages(model)['list']}{row.pk}/{do}/" for do in ("change", "delete")] if row else []
        ):
            assert browser.post(path, {"state": "x", "_save": "1"}).status_code == 403, path
        chosen = browser.post(
            pages(model)["list"], {"action": "delete_selected", "_selected_action": "1", "post": "yes"}
        )
        assert chosen.status_code in (200, 302, 403) and (
            row is None or model._default_manager.filter(pk=row.pk).exists()
        )
    assert JournalEntry.objects.count() == before


def test_a_change_of_reference_data_stands_in_the_journal(signed_in, operator, point):
    browser, path = signed_in(operator), "/admin/partners/region/39/"
    row = Region.objects.get(pk="39")
    form = {"code": "39", "name": "Янтарный край", "zone": row.zone}
    assert browser.post(f"{path}change/", form).status_code == 302
    entry = JournalEntry.objects.get(code="reference.changed")
    assert (entry.by, entry.source, entry.subject_id) == (operator, "admin", 39)
    assert "Изменен в справочнике" in browser.get(f"{path}history/").content.decode()
    assert browser.post(f"{path}delete/", {"post": "yes"}).status_code == 403


def test_no_secret_is_shown_or_asked_for(signed_in, operator):
    browser = signed_in(operator)
    shown = browser.get(f"/admin/partners/employee/{operator.pk}/change/").content.decode()
    assert operator.login in shown and operator.password not in shown
    for lookup in ("password__startswith=a", "key_epoch__gte=0", "salespoint__code=7699"):
        assert browser.get(f"/admin/partners/employee/?{lookup}").status_code == 400, lookup


@pytest.mark.parametrize(
    ("week", "told"),
    [('{"0": [["18:00", "09:00"]]}', "Не читается"), ('{"0": []}', "нет рабочего времени"), ("[1]", "Не читается")],
)
def test_a_calendar_without_working_time_is_refused(signed_in, operator, week, told):
    form = {"title": "Пустой", "zone": "Europe/Kaliningrad", "week": week}
    answer = signed_in(operator).post("/admin/tickets/workcalendar/add/", form)
    assert answer.status_code == 200 and told in answer.content.decode()


def test_every_model_has_a_russian_name_here():
    names = {str(model._meta.verbose_name_plural) for model in site._registry}
    assert not {name for name in names if name.isascii()}


def test_its_sign_out_is_the_programs(signed_in, operator):
    browser = signed_in(operator)
    assert browser.get("/admin/logout/").headers["Location"] == "/login/"
    assert browser.get("/admin/").status_code == 200, "a link signs nobody out"
    assert browser.post("/admin/logout/").headers["Location"] == "/login/"
    assert browser.get("/clients/").headers["Location"].startswith("/login/")
    assert signed_in(operator).get("/admin/password_change/").headers["Location"] == "/profile/password/"


def test_a_leaked_key_of_the_api_is_revoked(operator, manager, signed_in):
    token, key = product_token_create(title="ЭДО", by=operator)
    url, act = pages(ProductToken)["list"], {"action": "revoke", "_selected_action": [token.pk]}
    signed_in(manager).post(url, act)
    assert product_of(key) == token, "not his business"
    html = signed_in(operator).get(url).content.decode()
    assert "ЭДО" in html and key not in html and token.token_hash not in html
    assert signed_in(operator).post(url, act).status_code == 302
    assert product_of(key) is None
