"""Every page of accounts and licences: open for the manager, 404 for a stranger, 403 without the right."""

import re

import pytest
from django.urls import reverse

from licenses.models import License
from licenses.views.lists import AllAccounts, PaidAccounts, PromoAccounts, TrialAccounts

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold(shop):
    return shop.sold("eo-basic")


@pytest.mark.rows("R2.61", "R2.64")
def test_trial_accounts_tell_when_they_began_and_who_works_there(shop, signed_in, manager):
    account = shop.account()
    html = signed_in(manager).get("/accounts/trial/").content.decode()
    heads = re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?([А-Я][^<]+)', html)
    assert [head.strip() for head in heads[:5]] == ["Аккаунт", "Создан", "Активность", "Организаций", "Ответственный"]
    assert f'data-id="{account.number}"' in html and f"{account.created_at:%d.%m.%Y}" in html


@pytest.mark.parametrize("page", [AllAccounts, PaidAccounts, TrialAccounts, PromoAccounts])
def test_lists_show_one_point_and_not_the_other(shop, sold, signed_in, manager, stranger, page):
    url = {
        "accounts": "/accounts/",
        "accounts-paid": "/accounts/paid/",
        "accounts-trial": "/accounts/trial/",
        "accounts-promo": "/accounts/promo/",
    }[page.section]
    account, _ = sold
    expected = page in (AllAccounts, PaidAccounts)
    seen = signed_in(manager).get(url)
    assert seen.status_code == 200
    assert (f'data-id="{account.number}"' in seen.content.decode()) is expected
    assert f'data-id="{account.number}"' not in signed_in(stranger).get(url).content.decode()


@pytest.mark.rows("R2.62", "R2.63")
@pytest.mark.parametrize(
    ("query", "found"),
    [("status=not_activated", True), ("status=activated", False), ("state=cloud", False), ("state=idle", True)],
)
def test_trial_accounts_are_filtered_by_status_and_state(shop, signed_in, manager, query, found):
    account = shop.account()
    page = signed_in(manager).get(f"/accounts/trial/?resp=point&{query}")
    assert (f'data-id="{account.number}"' in page.content.decode()) is found


@pytest.mark.rows("R2.65")
def test_the_stage_of_a_sale_follows_its_steps(shop, signed_in, manager):
    """Chosen → invoiced → shipped → active: the card says it, the list is filtered by it."""
    account, page = shop.account(), signed_in(manager)

    def stages() -> list[str]:
        found = [stage for stage in ("chosen", "invoiced", "shipped") if f'data-id="{account.number}"' in listed(stage)]
        assert f'data-id="{account.number}"' in listed("") and f'data-id="{account.number}"' not in listed("x' --")
        return found

    def listed(stage: str) -> str:
        return page.get(
            "/accounts/", {"resp": "point", "stage": stage} if stage else {"resp": "point"}
        ).content.decode()

    def card() -> str:
        return page.get(account.get_absolute_url()).content.decode()

    assert stages() == []
    shop.choose(account, "eo-basic")
    assert stages() == ["chosen"] and "Тарифы выбраны, счет не выставлен" in card()
    invoice = shop.issue(account)
    assert stages() == ["invoiced"] and "ожидает оплаты" in card()
    shop.pay(invoice)
    assert "Отгрузить и активировать" in card()
    shop.ship(invoice)
    assert stages() == ["shipped"] and "Счет отгружен, лицензия не активирована" in card()
    shop.activate(invoice)
    assert stages() == [] and "Действует" in card() and "не распределено" in card()


@pytest.mark.rows("R2.81")
@pytest.mark.parametrize("section", ["", "members/", "licenses/", "payments/", "history/"])
def test_the_card_opens_in_scope_only(sold, signed_in, manager, stranger, section):
    account, _ = sold
    url = f"/accounts/{account.number}/{section}"
    assert signed_in(manager).get(url).status_code == 200
    assert signed_in(stranger).get(url).status_code == 404


def forms_of(account, invoice) -> list[str]:
    member = account.members.get()
    license = License.objects.get(account=account)
    at = {"number": account.number}
    return [
        reverse("account-rename", kwargs=at),
        reverse("account-contact-add", kwargs=at),
        reverse("member-add", kwargs=at),
        reverse("member-kpp", kwargs=at | {"member": member.pk}),
        reverse("member-move", kwargs=at | {"member": member.pk}),
        reverse("member-remove", kwargs=at | {"member": member.pk}),
        reverse("licenses-add", kwargs=at),
        reverse("invoice-issue", kwargs=at),
        reverse("license-change", kwargs=at | {"license": license.pk}),
        reverse("license-distribute", kwargs=at | {"license": license.pk}),
        *[reverse(f"invoice-{step}", kwargs={"pk": invoice.pk}) for step in ("pay", "ship", "cancel", "visit")],
        invoice.get_absolute_url(),
    ]


@pytest.mark.rows("R2.82", "R2.83", "R2.151", "R2.155", "R2.158")
def test_every_form_opens_for_the_manager_and_for_nobody_outside(sold, signed_in, manager, stranger):
    inside, outside = signed_in(manager), signed_in(stranger)
    for url in forms_of(*sold):
        assert inside.get(url).status_code == 200, url
        assert outside.get(url).status_code == 404, url


def test_support_reads_the_invoice_and_may_not_pay_it(sold, signed_in, support):
    _, invoice = sold
    reader = signed_in(support)
    assert reader.get(invoice.get_absolute_url()).status_code == 200
    assert reader.get(f"/invoices/{invoice.pk}/pay/").status_code == 403
    assert reader.post(f"/invoices/{invoice.pk}/activate/").status_code == 403


@pytest.mark.rows("R2.73", "R2.74", "R2.75", "R2.76")
@pytest.mark.parametrize(
    ("inn", "answer"),
    [
        ("7718159471", "контрольная сумма"),
        ("0000000000", "Ошибка в ИНН"),
        ("7718159470", "не зарегистрирована"),
        ("", "Введите ИНН"),
    ],
)
def test_connecting_answers_a_bad_inn_in_words(shop, signed_in, manager, inn, answer):
    assert answer in signed_in(manager).get("/accounts/connect/", {"inn": inn}).content.decode()


@pytest.mark.rows("R2.122", "R2.127", "R2.130")
def test_a_change_of_tariff_explains_itself_and_costs_what_it_showed(sold, signed_in, manager, shop):
    account, _ = sold
    license = License.objects.get(account=account)
    url = reverse("license-change", kwargs={"number": account.number, "license": license.pk})
    target = shop.items["eo-corporate"]
    shown = signed_in(manager).get(url, {"item": target.pk, "quantity": 1})
    text = shown.content.decode()
    assert shown.status_code == 200 and "К оплате" in text and "365 / 365" in text
    signed_in(manager).post(url, {"item": target.pk, "quantity": 1, "due": "9100.00"})
    new = License.objects.get(replaces=license)
    assert (new.state, new.ends_on) == ("selected", license.ends_on)
