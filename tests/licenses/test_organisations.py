"""The organisation's menu in an account: signatures, branches and workplaces, exchange, history, its own tariff (R2.151–R2.158)."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from clients.models import ClientBranch
from core.errors import Conflict, DomainError, Forbidden
from licenses.models import Certificate, License, Workplace
from licenses.selectors.organisations import member_rows
from licenses.services import allocation_set
from licenses.services.daily import certificates_to_remind
from licenses.services.organisations import (
    CertificateFacts,
    certificate_add,
    certificate_revoke,
    workplace_add,
    workplace_remove,
)
from tests.selling import ON

pytestmark = pytest.mark.django_db

FACTS = CertificateFacts(
    "Лапин Денис Сергеевич", "00a1", ON, ON + timedelta(days=20), position="директор", issuer="УЦ «Образец»"
)


@pytest.fixture
def sold(shop):
    return shop.sold("eo-basic")[0]


@pytest.fixture
def at(sold):
    return {"number": sold.number, "member": sold.members.get().pk}


@pytest.mark.rows("R2.154")
def test_certificates_tell_when_they_end(shop, sold, at, signed_in, manager):
    client = shop.client.pk
    made = certificate_add(account_id=sold.pk, client_id=client, facts=FACTS, by=manager)
    (row,) = member_rows(sold, on=ON)
    assert row.signature == (f"до {made.valid_to:%d.%m.%Y}", "warn")
    assert member_rows(sold, on=ON + timedelta(days=21))[0].signature == ("закончилась", "bad")
    with pytest.raises(Conflict):
        certificate_add(account_id=sold.pk, client_id=client, facts=FACTS, by=manager)
    page = signed_in(manager)
    assert "00A1" in page.get(reverse("member-signature", kwargs=at)).content.decode()
    assert page.post(reverse("certificate-revoke", kwargs=at | {"pk": made.pk})).status_code == 302
    assert certificate_revoke(certificate_id=made.pk, by=manager, on=ON + timedelta(days=3)).revoked_on == ON
    assert member_rows(sold, on=ON)[0].signature == ("отозвана", "bad")


def test_a_certificate_is_typed(at, signed_in, manager):
    form = {"owner": "Лапин", "serial": "77", "valid_from": "01.11.2026", "valid_to": "31.10.2026"}
    page, url = signed_in(manager), reverse("certificate-add", kwargs=at)
    assert page.post(url, form).status_code == 422
    assert page.post(url, form | {"valid_to": "31.10.2027"}).status_code == 302
    assert Certificate.objects.get().valid_to == date(2027, 10, 31)


@pytest.mark.rows("R2.156")
def test_branches_of_the_register_and_workplaces_by_hand(shop, sold, at, signed_in, manager):
    ClientBranch.objects.create(client=shop.client, kind="branch", name="Филиал в Черняховске", kpp="391401001")
    page = signed_in(manager)
    assert (
        page.post(reverse("workplace-add", kwargs=at), {"title": "Бухгалтерия", "crypto": "КриптоПро 5"}).status_code
        == 302
    )
    text = page.get(reverse("member-branches", kwargs=at)).content.decode()
    assert "391401001" in text and "Бухгалтерия" in text
    with pytest.raises(Conflict):
        workplace_add(account_id=sold.pk, client_id=shop.client.pk, title="Бухгалтерия", by=manager, on=ON)
    place = Workplace.objects.get()
    assert page.post(reverse("workplace-remove", kwargs=at | {"pk": place.pk})).status_code == 302
    assert not Workplace.objects.exists()


def test_who_only_looks_changes_nothing(shop, sold, at, signed_in, support, stranger):
    with pytest.raises(Forbidden):
        workplace_add(account_id=sold.pk, client_id=shop.client.pk, title="Касса", by=support, on=ON)
    made = Workplace.objects.create(account=sold, client=shop.client, title="Касса", set_up_on=ON)
    with pytest.raises(Forbidden):
        workplace_remove(workplace_id=made.pk, by=support)
    for name in ("member-signature", "member-branches", "member-exchange", "member-history"):
        assert signed_in(support).get(reverse(name, kwargs=at)).status_code == 200
        assert signed_in(stranger).get(reverse(name, kwargs=at)).status_code == 404


@pytest.mark.rows("R2.152", "R2.153")
def test_exchange_and_history_of_one_organisation(shop, sold, at, signed_in, manager):
    license = License.objects.get(account=sold)
    allocation_set(license_id=license.pk, shares={shop.client.pk: 1}, by=manager, on=ON)
    page = signed_in(manager)
    assert "ЭО «Базовый»" in page.get(reverse("member-exchange", kwargs=at)).content.decode()
    assert "Создан аккаунт" in page.get(reverse("member-history", kwargs=at)).content.decode()


@pytest.mark.rows("R2.127", "R2.128", "R2.157")
def test_the_menu_changes_the_tariff_that_the_organisation_holds(shop, sold, at, signed_in, manager):
    page, url = signed_in(manager), reverse("member-change", kwargs=at)
    assert page.get(url).status_code == 422
    assert member_rows(sold, on=ON)[0].tariff is None
    license = License.objects.get(account=sold)
    allocation_set(license_id=license.pk, shares={shop.client.pk: 1}, by=manager, on=ON)
    response = page.get(url)
    assert response.status_code == 302 and f"/licenses/{license.pk}/change/?client={shop.client.pk}" in response.url
    shown = page.get(response.url, {"client": shop.client.pk, "item": shop.items["eo-corporate"].pk})
    assert shown.context["plan"].client_id == shop.client.pk


def test_a_certificate_of_a_foreign_organisation_is_refused(sold, manager):
    with pytest.raises(Conflict):
        certificate_add(account_id=sold.pk, client_id=0, facts=FACTS, by=manager)


def test_dates_of_a_certificate_are_checked(shop, sold, manager):
    wrong = CertificateFacts("Лапин", "1", ON, ON - timedelta(days=1))
    with pytest.raises(DomainError, match="проверьте даты"):
        certificate_add(account_id=sold.pk, client_id=shop.client.pk, facts=wrong, by=manager)


@pytest.mark.rows("R0.13", "R2.154")
def test_a_certificate_is_renewed_in_time_and_asks_no_more(shop, sold, at, signed_in, manager, stranger):
    old = certificate_add(account_id=sold.pk, client_id=shop.client.pk, facts=FACTS, by=manager)
    assert certificates_to_remind(on=ON) == [old.pk]
    page, url = signed_in(manager), reverse("certificate-renew", kwargs=at | {"pk": old.pk})
    assert url in page.get(reverse("member-signature", kwargs=at)).content.decode()
    assert signed_in(stranger).get(url).status_code == 404
    first = page.get(url).context["form"].initial
    assert (first["owner"], first["valid_from"], first["valid_to"]) == (
        old.owner,
        date(2026, 12, 14),
        date(2027, 12, 13),
    )
    form = {
        "owner": old.owner,
        "serial": "00B2",
        "issuer": old.issuer,
        "valid_from": "14.12.2026",
        "valid_to": "13.12.2027",
    }
    assert page.post(url, form | {"valid_to": "12.12.2026"}).status_code == 422
    assert page.post(url, form | {"serial": "00A1"}).status_code == 409
    assert page.post(url, form).status_code == 302
    assert certificates_to_remind(on=ON) == []
    assert member_rows(sold, on=ON)[0].signature == ("до 13.12.2027", "ok")
    assert "Продлен сертификат подписи до 13.12.2027" in page.get(reverse("member-history", kwargs=at)).content.decode()
    assert page.post(reverse("certificate-revoke", kwargs=at | {"pk": old.pk})).status_code == 302
    assert page.get(url).status_code == 404


@pytest.mark.rows("R2.151", "R2.155", "R2.158", "R2.80")
@pytest.mark.parametrize(
    ("step", "form", "words"),
    [
        ("member-kpp", {"kpp": "12"}, "9 знаков"),
        ("member-kpp", {"kpp": ""}, "9 знаков"),
        ("member-move", {"number": "99"}, "Аккаунта с таким номером нет"),
        ("member-move", {"number": "9" * 40}, "не более"),
        ("member-remove", {"reason": " "}, "причину"),
    ],
)
def test_what_the_menu_refuses_it_explains_and_keeps_what_was_typed(sold, at, signed_in, manager, step, form, words):
    refused = signed_in(manager).post(reverse(step, kwargs=at), form)
    text = refused.content.decode()
    assert refused.status_code == 422 and words in text
    assert all(value.strip() in text for value in form.values())
    assert sold.members.present().count() == 1


@pytest.mark.rows("R2.151", "R2.152")
def test_the_history_of_an_organisation_tells_what_was_changed_by_whom(sold, at, signed_in, manager):
    page = signed_in(manager)
    assert page.post(reverse("member-kpp", kwargs=at), {"kpp": "390645001"}).status_code == 302
    text = page.get(reverse("member-history", kwargs=at)).content.decode()
    assert "→ 390645001" in text and manager.short_name in text
    for code in ("invoice.", "license.", "licenses.", "member.", "payment.", "shipment."):
        assert code not in text  # words, not codes
