"""«Требуют продления»: the list, its filter, «Распределение», dialogs, Excel."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from accounts.models import Account, CallLog
from clients.models import BindingTopic
from clients.services.binding import client_bind
from clients.services.transfer import client_transfer
from core import clock
from core.errors import DomainError
from licenses.models import Invoice, Item, License, Price
from renewals.models import Outcome, RenewalRow
from renewals.selectors.counters import due_count
from tests import factories as make
from tests.renewals.conftest import TODAY, account_of, noon, sold, tariff

pytestmark = pytest.mark.django_db
URL = "/accounts/renewals/"
SOON = f"{URL}?resp=point&state=requires"
WHY = "Закрываются, отчетность сдает бухгалтер"


def numbers(response) -> list[int]:
    return [int(n) for n in re.findall(r'<tr id="row-\d+" data-id="(\d+)"', response.content.decode())]


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode().replace("\u00a0", " "))


@pytest.fixture
def page(signed_in, manager, today):
    return signed_in(manager)


@pytest.fixture
def ends(manager, today, eo):
    """ends(5) is an account whose licence ends in five days."""

    def make(days: int, **more) -> Account:
        account = account_of(more.pop("by", manager), f"Через {days}, ООО")
        sold(account, eo, TODAY + timedelta(days=days), **more)
        return account

    return make


@pytest.mark.rows("R3.2")
def test_the_default_shows_what_is_not_renewed_a_managers_own_a_heads_point_everybodys(
    signed_in, ends, manager, head, operator, colleague, stranger
):
    mine, theirs, soon = ends(-3), ends(-1, by=colleague), ends(5)
    foreign = account_of(stranger, "Чужой, ООО")
    sold(foreign, tariff("eo", "ЭО"), TODAY - timedelta(days=2))
    assert numbers(signed_in(manager).get(URL)) == [mine.number]
    assert numbers(signed_in(head).get(URL)) == [mine.number, theirs.number]
    assert numbers(signed_in(operator).get(URL)) == [mine.number, foreign.number, theirs.number]
    assert soon.number in numbers(signed_in(manager).get(SOON))
    assert [due_count(person) for person in (manager, head, operator)] == [1, 2, 3]


@pytest.mark.rows("R3.6", "R3.7")
def test_numbers_stand_beside_the_values_and_regions_are_several(page, ends, colleague):
    ends(5), ends(9), ends(-3), ends(3, by=colleague)
    page.post(
        f"/accounts/{Account.objects.order_by('pk')[1].number}/outcome/",
        {"term": RenewalRow.objects.order_by("pk")[1].pk, "kind": "wrong_contacts", "comment": WHY},
    )
    Account.objects.filter(pk=RenewalRow.objects.order_by("pk")[0].account_id).update(region_code="77")

    def beside(query: str) -> dict[str, str]:
        got = page.get(f"{URL}?{query}&numbers=1").content.decode()
        return dict(re.findall(r'id="n-([\w-]+)"[^>]*>(\d+)<', got))

    found = beside("resp=me&state=requires")
    assert (found["state-requires"], found["state-not_renewed"], found["state-terminated"]) == ("1", "1", "1")
    assert (found["outcome-none"], found["outcome-wrong_contacts"]) == ("1", "0")
    assert beside("resp=point&state=requires")["state-requires"] == "2"
    assert 'id="n-state-requires"' in page.get(SOON).content.decode()
    assert len(numbers(page.get(f"{SOON}&region=77"))) == 1
    both = page.get(f"{SOON}&region=77&region=39")
    assert len(numbers(both)) == 2 and "Снять фильтр «Регион»" in text(both)
    for bad in ("state=nonsense", "region=' or 1=1", "ends_from=99.99.9999&ends=period", "amount_from=abc"):
        assert page.get(f"{URL}?{bad}").status_code == 422
        assert page.get(f"{URL}?{bad}&numbers=1").status_code == 200


@pytest.mark.rows("R3.1", "R3.5", "R3.6", "R3.7", "R3.8")
def test_sixty_days_of_ones_point_the_soonest_first(page, ends, colleague, stranger):
    gone, later, soon, today_, far = ends(-3), ends(60), ends(4, by=colleague), ends(0), ends(61)
    foreign = account_of(stranger, "Чужой, ООО")
    response = page.get(SOON)
    assert numbers(response) == [today_.number, soon.number, later.number]
    body = text(response)
    assert "через 4 дня" in body and "сегодня" in body and "5 400,00" in body and "16 200,00" in body
    assert f"№ {soon.number:,}".replace(",", " ") in body and "Без итога" in body
    assert numbers(page.get(f"{URL}?resp=me&state=requires")) == [today_.number, later.number]
    assert numbers(page.get(f"{URL}?all=1")) == [gone.number, today_.number, soon.number, later.number]
    assert far.number not in numbers(page.get(f"{URL}?all=1")) and foreign.number not in numbers(
        page.get(f"{URL}?all=1")
    )
    assert "resp=point" in response.content.decode() and 'name="region"' in response.content.decode()


@pytest.mark.rows("R3.4", "R3.10", "R3.11", "R3.12", "R3.15", "R3.16")
def test_not_renewed_of_a_month_are_found_by_period_and_states(page, ends, manager):
    october, september = ends(-30), ends(-70)
    refused = ends(-40)
    Outcome.objects.create(
        term=RenewalRow.objects.get(account=refused).term,
        kind_id="wrong_contacts",
        comment=WHY,
        at=clock.now(),
        by=manager,
    )
    sweep(refused)
    asked = "resp=point&state=not_renewed&state=terminated"
    both = [refused.number, october.number]
    assert numbers(page.get(f"{URL}?{asked}&ends=period&ends_from=01.10.2026&ends_to=31.10.2026")) == both
    assert numbers(page.get(f"{URL}?{asked}&ends=last_month")) == both
    assert numbers(page.get(f"{URL}?resp=point&state=terminated")) == [refused.number]
    assert september.number in numbers(page.get(f"{URL}?{asked}"))


def sweep(account):
    from renewals.services import renewals_refresh

    renewals_refresh([account.pk], on=TODAY)


@pytest.mark.rows("R3.13", "R3.14")
def test_a_topic_shows_its_directions_and_their_managers(page, manager, colleague, eo, head, signed_in, tmp_path):
    topic, _ = BindingTopic.objects.get_or_create(code="tenders", defaults={"title": "Торги"})
    tenders = tariff("tenders", "Торги", "9800.00", topic=topic)
    account = account_of(manager)
    sold(account, eo, TODAY + timedelta(days=3))
    sold(account, tenders, TODAY + timedelta(days=30), amount="9800.00")
    whole = text(page.get(SOON))
    assert "15 200,00" in whole and "+ Торги «Базовый»" in whole
    alone = text(page.get(f"{URL}?topic=tenders&state=requires"))
    assert "9 800,00" in alone and "15 200,00" not in alone and "через 30 дней" in alone
    assert numbers(page.get(f"{URL}?topic=main&state=requires")) == [account.number]
    # The topic's own manager answers for it; without a binding of the topic the account's does.
    asked = f"{URL}?topic=tenders&state=requires&resp="
    assert numbers(page.get(f"{asked}me")) == [account.number]
    make.bound(account.members.get().client, colleague, topic="tenders")
    assert numbers(page.get(f"{asked}me")) == []
    theirs = page.get(f"{asked}e{colleague.pk}")
    assert numbers(theirs) == [account.number] and colleague.short_name.replace("\u00a0", " ") in text(theirs)
    # «Распределение» and Excel name the topic's manager too, and a number leads to its rows.
    lines = re.search(
        r"<table.*</table>", page.get(f"{URL}distribution/?topic=tenders&resp=point").content.decode(), re.S
    )[0]
    links = [u.replace("&amp;", "&") for u in re.findall(r'<td class="r num"><a href="([^"]+)">1</a>', lines)]
    assert colleague.short_name in lines.replace("&nbsp;", "\u00a0") and manager.short_name not in lines
    assert any(f"e{colleague.pk}" in url for url in links)
    assert all(numbers(page.get(url)) == [account.number] for url in links)
    book = tmp_path / "topic.xlsx"
    book.write_bytes(b"".join(signed_in(head).get(f"{asked}point&format=xlsx").streaming_content))
    cells = [str(cell) for row in load_workbook(book).active.iter_rows(values_only=True) for cell in row]
    assert colleague.short_name in cells and manager.short_name not in cells


@pytest.mark.rows("R3.14")
def test_a_topic_is_claimed_once_and_transferred_by_itself(manager, colleague, head, today):
    client = make.ClientFactory()
    for title, code in (("Торги", "tenders"), ("Контрагенты", "counterparties")):
        BindingTopic.objects.get_or_create(code=code, defaults={"title": title})
    assert client_bind(client_id=client.pk, by=manager).won
    assert client_bind(client_id=client.pk, topic="tenders", by=colleague).won
    with pytest.raises(DomainError):
        client_bind(client_id=client.pk, topic="tenders", by=manager)
    client_transfer(client_id=client.pk, manager=manager, topic="tenders", by=head, reason="Ведет один человек")
    open_ = {b.topic.code: b.manager for b in client.bindings.filter(closed_at=None).select_related("topic")}
    assert open_ == {"main": manager, "tenders": manager}


@pytest.mark.rows("R3.3")
def test_segments_count_the_call_window_and_calls_take_the_mark_away(page, ends, manager):
    rows = {days: ends(days) for days in (0, 7, 8, 14, 15, 39, 40, 60)}
    body = page.get(SOON).content.decode()
    counts = dict(re.findall(r'href="\?[^"]*seg=(\w+)[^"]*"[^>]*>[^<]*<b>(\d+)</b>', body))
    assert counts == {"d7": "2", "d14": "2", "d39": "2", "d60": "2", "none": "8", "invoice": "0"}
    assert numbers(page.get(f"{URL}?state=requires&seg=d60")) == [rows[40].number, rows[60].number]
    assert len(numbers(page.get(f"{URL}?state=requires&call=now"))) == 2
    assert len(numbers(page.get(f"{URL}?state=requires&call=late"))) == 6
    CallLog.objects.create(client=rows[40].members.get().client, result="talked", at=noon(TODAY), by=manager)
    assert numbers(page.get(f"{URL}?state=requires&call=now")) == [rows[60].number]
    assert text(page.get(f"{URL}?state=requires&seg=d60")).count('title="пора звонить"') == 1


@pytest.mark.rows("R3.17")
def test_the_list_goes_to_excel_with_its_filter(signed_in, head, ends, tmp_path):
    account, _other = ends(5), ends(-5)
    response = signed_in(head).get(f"{URL}?resp=point&state=requires&format=xlsx")
    book = tmp_path / "renewals.xlsx"
    book.write_bytes(b"".join(response.streaming_content))
    sheet = load_workbook(book).active
    cells = [[str(c) for c in row] for row in sheet.iter_rows(values_only=True)]
    assert any(account.name in row for row in cells) and not any("Через -5, ООО" in row for row in cells)


@pytest.mark.rows("R3.21")
def test_distribution_counts_by_manager_and_leads_to_the_rows(page, ends, colleague):
    ends(5), ends(-5), ends(9, by=colleague)
    response = page.get(f"{URL}distribution/?resp=point")
    body = response.content.decode()
    assert "Без итога" in body, "every row has to end with an outcome: who has how many without one"
    assert colleague.short_name in body.replace("&nbsp;", "\u00a0")
    links = [u.replace("&amp;", "&") for u in re.findall(r'<td class="r num"><a href="([^"]+)">', body)]
    found = re.findall(r'<td class="r num"><a href="[^"]+">(\d+)</a>', body)
    assert len(links) == len(found) > 5
    for url, number in zip(links, found, strict=True):
        assert len(numbers(page.get(url))) == int(number), url


@pytest.mark.rows("R3.23", "R3.24", "R3.38", "R3.41")
def test_an_outcome_is_set_in_the_dialog_and_undone(page, ends):
    account = ends(5)
    url = f"/accounts/{account.number}/outcome/"
    assert url in page.get(SOON).content.decode()
    body = text(page.get(url, headers={"HX-Request": "true", "HX-Target": "dlg-body"}))
    assert (
        "Ушли от нас" in body
        and "Готовы вернуться" not in body
        and "Использу" not in body
        and "Сейчас по реестру" in body
    )
    term = RenewalRow.objects.get().pk
    bad = page.post(url, {"term": term, "kind": "wrong_contacts", "comment": "мало"})
    assert bad.status_code == 422 and "не меньше 10" in text(bad) and "мало" in text(bad)
    good = page.post(
        url,
        {"term": term, "kind": "wrong_contacts", "comment": WHY},
        headers={"HX-Request": "true", "HX-Target": "dlg-body"},
    )
    assert good.status_code == 204
    undo = re.search(r"/accounts/\d+/outcome/\d+/withdraw/", good["HX-Trigger"])[0]
    assert numbers(page.get(SOON)) == [] and numbers(page.get(f"{URL}?state=terminated")) == [account.number]
    assert page.post(undo).status_code == 302
    assert numbers(page.get(SOON)) == [account.number]
    assert WHY in text(page.get(url))


@pytest.mark.rows("R3.18", "R3.19", "R3.39")
def test_renew_from_the_row_issues_the_invoice_and_the_row_stays(page, ends):
    account = ends(5)
    term = RenewalRow.objects.get().pk
    assert f"/accounts/{account.number}/renew/" in page.get(SOON).content.decode()
    url = f"/accounts/{account.number}/renew/"
    assert "5 400,00" in text(page.get(url))
    assert page.post(url, {"terms": [term]}).status_code == 302
    invoice = Invoice.objects.get()
    body = text(page.get(SOON))
    assert f"№ {invoice.number}" in body and "Выставлен счет" in body and numbers(page.get(SOON)) == [account.number]
    assert "уже выставлен" in text(page.get(url))


@pytest.mark.rows("R3.18", "R3.19")
def test_the_dialog_counts_anew_for_another_tariff_length_and_quantity(page, ends, eo, manager):
    account = ends(5)
    corporate = Item.objects.create(code="eo-corporate", line=eo.line, kind="tariff", title="Корпоративный")
    desks = tariff("ofd", "ОФД", "3000.00")
    Item.objects.filter(pk=desks.pk).update(is_countable=True, max_quantity=9)
    other = sold(account, desks, TODAY + timedelta(days=9))
    base = Price.objects.filter(item=eo).get()
    for months, amount in ((12, "14500.00"), (24, "26000.00")):
        Price.objects.create(
            price_list=base.price_list, state="published", item=corporate, months=months, valid_from=base.valid_from,
            valid_to=base.valid_to, amount=amount,
        )  # fmt: skip
    url, term = f"/accounts/{account.number}/renew/", RenewalRow.objects.exclude(term=other).get().pk
    asked = {"terms": [term, other.pk], f"tariff_{term}": corporate.pk, f"quantity_{other.pk}_{desks.pk}": 3}
    htmx = {"HX-Request": "true", "HX-Target": "renew"}

    def total(**more) -> str:
        body = page.post(url, {**asked, "recount": "1", **more}, headers=htmx).content.decode()
        return re.search(r'name="total" value="([\d.]+)"', body)[1]

    assert total() == "23500.00"
    assert total(terms=[term]) == "14500.00"
    assert total(terms=[term], months="24") == "26000.00"
    assert "нет цены на 24" in text(page.post(url, {**asked, "recount": "1", "months": "24"}, headers=htmx))
    wrong = page.post(url, {**asked, "recount": "1", f"quantity_{other.pk}_{desks.pk}": "-3"}, headers=htmx)
    assert wrong.status_code == 200 and "больше либо равно" in text(wrong)
    stale = page.post(url, {**asked, "total": "8400.00"})
    assert stale.status_code == 422 and "Сумма изменилась, теперь 23 500,00" in text(stale)
    assert page.post(url, {**asked, "total": "23500.00"}).status_code == 302
    assert Invoice.objects.get().total == Decimal("23500.00")
    assert License.objects.filter(state="invoiced", item=desks).get().quantity == 3


@pytest.mark.rows("R3.18", "R3.25")
def test_the_dialogs_ask_when_an_ended_licence_starts_and_lead_to_the_invoice(page, ends):
    soon, gone = ends(5), ends(-5)
    assert 'name="start"' not in text(page.get(f"/accounts/{soon.number}/renew/"))
    body = text(page.get(f"/accounts/{gone.number}/renew/"))
    assert 'name="start"' in body and "без перерыва" in body and "23.11.2026 – " in body
    term = RenewalRow.objects.get(account=gone).pk
    htmx = {"HX-Request": "true", "HX-Target": "renew"}
    asked = {"terms": [term], "start": "gapless", "recount": "1"}
    assert "19.11.2026 – 18.11.2027" in text(page.post(f"/accounts/{gone.number}/renew/", asked, headers=htmx))
    outcome = text(page.get(f"/accounts/{soon.number}/outcome/"))
    assert f"/accounts/{soon.number}/renew/?term=" in outcome and "Счета на продление еще нет" in outcome
    called = text(page.get(SOON))
    assert "Последний звонок" in called


def test_outcomes_and_invoices_in_bulk_report_each_row(page, ends):
    ends(5), ends(6)
    rows = list(RenewalRow.objects.values_list("pk", flat=True))
    done = page.post(URL, {"do": "renew", "pk": rows, "confirmed": "1"})
    assert done.status_code == 302 and Invoice.objects.count() == 2
    again = page.post(URL, {"do": "renew", "pk": rows, "confirmed": "1"})
    assert text(again).count("уже выставлен") == 2
    page.post(URL, {"do": "outcome", "pk": rows, "confirmed": "1", "kind": "wrong_contacts", "comment": WHY})
    assert RenewalRow.objects.filter(category="terminated").count() == 2


def test_outside_the_scope_nothing_exists_and_without_the_right_it_is_refused(signed_in, stranger, support, ends):
    account = ends(5)
    for path in ("outcome", "renew"):
        assert signed_in(stranger).get(f"/accounts/{account.number}/{path}/").status_code == 404
        assert signed_in(support).get(f"/accounts/{account.number}/{path}/").status_code == 403
    assert signed_in(stranger).post(f"/accounts/{account.number}/outcome/1/withdraw/").status_code == 404


def test_a_colleagues_account_is_refused_before_anything_is_typed(signed_in, colleague, head, ends):
    account = ends(5)
    for path in ("outcome", "renew"):
        assert signed_in(colleague).get(f"/accounts/{account.number}/{path}/").status_code == 403
        assert signed_in(head).get(f"/accounts/{account.number}/{path}/").status_code == 200


@pytest.mark.rows("R3.18", "R3.22", "R3.42")
def test_the_card_renews_sets_the_outcome_and_tells_the_notes(page, ends, manager):
    account = ends(5)
    base = f"/accounts/{account.number}/"
    card = text(page.get(base))
    assert f"{base}renew/" in card and "через 5 дней" in card
    assert "Нет итога" in text(page.get(f"{base}renewal/"))
    page.post(f"{base}outcome/", {"term": RenewalRow.objects.get().pk, "kind": "wrong_contacts", "comment": WHY})
    assert "Неверные контактные данные" in text(page.get(f"{base}renewal/"))
    assert WHY in text(page.get(f"{base}notes/"))


def test_a_trial_account_has_nothing_to_renew(manager, signed_in):
    trial = account_of(manager)
    assert f"/accounts/{trial.number}/renew/" not in signed_in(manager).get(trial.get_absolute_url()).content.decode()
    sold(trial, tariff("eo", "ЭО"), clock.today() + timedelta(days=10))
    assert f"/accounts/{trial.number}/renew/" in signed_in(manager).get(trial.get_absolute_url()).content.decode()
