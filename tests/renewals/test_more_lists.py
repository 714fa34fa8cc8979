"""«Возврат», «Подписи», «История заметок» (R3.37, R0.13, R3.42)."""

import re
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from accounts.models import CallLog, Note
from clients.models import Binding
from licenses.models import Certificate
from renewals.models import RenewalRow
from renewals.services import Evidence, outcome_set, outcome_withdraw
from renewals.views.more_lists import Certificates, Winback
from tests import factories as make
from tests.renewals.conftest import TODAY, account_of, noon, sold

pytestmark = pytest.mark.django_db
WHY = "Перешли на другую систему, дешевле на треть"
WINBACK, CERTIFICATES = "/accounts/renewals/winback/", "/accounts/renewals/certificates/"


def names(response) -> list[str]:
    return re.findall(r"(Лист \d+)", re.sub(r"<[^>]+title=[^>]+>", "", response.content.decode()))


@pytest.fixture
def centre(manager, today):
    return make.employee("renewals", point=manager.salespoint, login="centre")


@pytest.fixture
def lost(manager, stranger, today, eo):
    """Left for a competitor; not renewed; refused at another point; still running; won back."""
    rows = {}
    for n, (by, days) in enumerate([(manager, 5), (manager, -20), (stranger, -100), (manager, 30)], 1):
        rows[n] = sold(account_of(by, f"Лист {n}, ООО"), eo, TODAY + timedelta(days=days))
    outcome_set(
        term_id=rows[1].pk,
        kind="left_us",
        comment=WHY,
        evidence=Evidence("Оператор-Образец", "Цена"),
        by=manager,
        on=TODAY,
    )
    outcome_set(term_id=rows[3].pk, kind="wrong_contacts", comment="Телефон молчит две недели", by=stranger, on=TODAY)
    return rows


@pytest.mark.rows("R3.37")
def test_the_centre_sees_refusals_of_every_point_with_reasons_and_competitors(signed_in, centre, manager, lost):
    page = signed_in(centre)
    body = page.get(WINBACK).content.decode()
    assert Winback.section == "winback" and {"Лист 1", "Лист 2", "Лист 3"} <= set(names(page.get(WINBACK)))
    assert "Оператор-Образец" in body and "Цена. Перешли" in body and "Телефон молчит" in body and "Лист 4" not in body
    competitor = re.search(r'<option value="(\d+)"[^>]*>Оператор-Образец', body)[1]
    for query, found in (
        (f"competitor={competitor}", {"Лист 1"}), ("outcome=none", {"Лист 2"}), ("why=молчит", {"Лист 3"}),
        ("outcome=left_us", {"Лист 1"}), ("seg=late", {"Лист 3"}), ("ends=period&ends_to=01.09.2026", {"Лист 3"}), ("work=back", set()),
    ):  # fmt: skip
        assert set(names(page.get(f"{WINBACK}?{query}"))) == found, query
    assert set(names(signed_in(manager).get(WINBACK))) == {"Лист 1", "Лист 2"}, "a manager sees his own sales point"
    assert page.get(f"{WINBACK}?competitor=999999").status_code == 422


@pytest.mark.rows("R3.37")
def test_the_centre_takes_clients_into_work_and_the_manager_stays(signed_in, centre, manager, lost):
    page = signed_in(centre)
    done = page.post(WINBACK, {"do": "take", "pk": [lost[1].pk, lost[3].pk], "confirmed": "1"})
    assert done.status_code == 302
    taken = Binding.objects.open().filter(topic__code="return", manager=centre)
    assert {b.client.name for b in taken} == {"Лист 1, ООО", "Лист 3, ООО"}
    row = RenewalRow.objects.get(term=lost[1])
    assert row.manager == manager and row.account.members.get().client.manager == manager
    assert set(names(page.get(f"{WINBACK}?work=me"))) == {"Лист 1", "Лист 3"}
    assert set(names(page.get(f"{WINBACK}?work=free"))) == {"Лист 2"}
    other = make.employee("renewals", point=manager.salespoint, login="centre2")
    refused = signed_in(other).post(WINBACK, {"do": "take", "pk": [lost[1].pk], "confirmed": "1"})
    assert centre.last_name in refused.content.decode() or refused.status_code == 302
    assert Binding.objects.open().get(client__name="Лист 1, ООО", topic__code="return").manager == centre


@pytest.mark.rows("R3.37", "R3.17")
def test_the_list_to_win_back_goes_to_excel(signed_in, head, lost, tmp_path):
    response = signed_in(head).get(f"{WINBACK}?outcome=left_us&format=xlsx")
    (tmp_path / "w.xlsx").write_bytes(b"".join(response.streaming_content))
    rows = [list(row) for row in load_workbook(tmp_path / "w.xlsx").active.iter_rows(values_only=True)]
    assert "К кому ушли" in rows[0] and "Оператор-Образец" in rows[1] and any("Цена. " in str(c) for c in rows[1])


def test_certificates_that_end_stand_with_who_has_to_call(signed_in, manager, stranger, eo, today):
    account, foreign = account_of(manager, "Наша, ООО"), account_of(stranger, "Чужая, ООО")
    for n, (acc, owner, days, revoked) in enumerate([
        (account, "Директор Первый", 5, None), (account, "Бухгалтер Вторая", 25, None), (account, "Давний Третий", -3, None),
        (account, "Отозванный Четвертый", 4, TODAY), (account, "Нескоро Пятый", 200, None), (foreign, "Чужой Шестой", 5, None),
        (account, "Сменил Седьмой", 6, None), (account, "Сменил Седьмой", 300, None),
    ]):  # fmt: skip
        Certificate.objects.create(
            client=acc.members.get().client, account=acc, owner=owner, serial=f"00{n}", issuer="УЦ", valid_from=TODAY - timedelta(days=300),
            valid_to=TODAY + timedelta(days=days), revoked_on=revoked, on_token=n % 2 == 0,
        )  # fmt: skip
    page = signed_in(manager)
    body = page.get(CERTIFICATES).content.decode()
    assert Certificates.section == "certificates"
    assert "Директор Первый" in body and "Бухгалтер Вторая" in body and "через 5\u00a0дней" in body
    for absent in ("Давний", "Отозванный", "Нескоро", "Чужой", "Сменил"):
        assert absent not in body, absent
    assert "Давний Третий" in page.get(f"{CERTIFICATES}?ends=last_30").content.decode()
    token = page.get(f"{CERTIFICATES}?token=1&ends=next_60").content.decode()
    assert "Директор Первый" in token and "Бухгалтер" not in token
    assert "Директор" in page.get(f"{CERTIFICATES}?resp=me&ends=next_7").content.decode()


@pytest.mark.rows("R3.42")
def test_the_history_of_notes_has_every_comment_by_kind_and_author_and_goes_to_excel(
    signed_in, manager, head, eo, today, tmp_path
):
    account = account_of(manager)
    client = account.members.get().client
    term = sold(account, eo, TODAY + timedelta(days=5))
    Note.objects.create(client=client, account=account, text="Просили перезвонить", at=noon(TODAY), by=manager)
    CallLog.objects.create(
        client=client, account=account, result="talked", comment="Решает главбух", at=noon(TODAY), by=head
    )
    refused = outcome_set(term_id=term.pk, kind="wrong_contacts", comment=WHY, by=manager, on=TODAY)
    outcome_withdraw(outcome_id=refused.pk, by=manager, on=TODAY)
    page, url = signed_in(head), f"/accounts/{account.number}/notes/"
    assert url in signed_in(manager).get(f"/accounts/{account.number}/").content.decode(), (
        "the menu of the card leads here"
    )
    body = page.get(url).content.decode()
    assert all(text in body for text in ("Просили перезвонить", "Решает главбух", WHY, "(отменен)", "ЭО по 28.11.2026"))
    only = page.get(f"{url}?kind=outcomes").content.decode()
    assert WHY in only and "Просили перезвонить" not in only
    assert "Решает главбух" not in page.get(f"{url}?by={manager.pk}").content.decode()
    assert page.get(f"{url}?kind=nonsense&by=x").status_code == 200
    response = page.get(f"{url}excel/?kind=outcomes")
    (tmp_path / "n.xlsx").write_bytes(b"".join(response.streaming_content))
    rows = [list(row) for row in load_workbook(tmp_path / "n.xlsx").active.iter_rows(values_only=True)]
    assert rows[0] == ["Когда", "Вид", "О чем", "Текст", "Кто"] and [row[3] for row in rows[1:]] == [WHY]
    assert signed_in(manager).get(f"{url}excel/").status_code == 403
