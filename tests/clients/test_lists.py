"""The lists of clients and their «Распределение»."""

import random
import re
from datetime import date

import pytest
from openpyxl import load_workbook

from clients.choices import (
    CATEGORIES,
    DeclineReason,
    InvitationState,
    LostReason,
    ProspectState,
    TrialReason,
    WorkState,
)
from clients.models import Client, Invitation
from clients.services import distribution_clock_move
from tests import factories as make

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
STATES = [code for code, _title in CATEGORIES]


def total(response) -> int:
    return int(re.search(r'data-total="(\d+)"', response.content.decode())[1])


def ids(response) -> list[int]:
    return [int(n) for n in re.findall(r'<tr id="row-\d+" data-id="(\d+)"', response.content.decode())]


def spread(response) -> dict[str, list[tuple[int, str]]]:
    """{group title: [(number, link)]} of «Распределение»."""
    found = {}
    for row in re.findall(r'<tr class="lv.*?</tr>', response.content.decode(), re.S):
        title = re.sub(r"<[^>]+>", "", re.search(r"<th scope=\"row\">(.*?)</th>", row, re.S)[1]).strip()
        cells = re.findall(r'<td class="r num">(?:<a href="([^"]+)">)?(?:<span class="t3">)?([\d\u00a0]+)', row)
        found[title] = [(int(n.replace("\u00a0", "")), url.replace("&amp;", "&")) for url, n in cells]
    return found


def numbers(line) -> list[int]:
    return [n for n, _url in line]


@pytest.fixture(autouse=True)
def day(clock_at):
    clock_at(TODAY)
    distribution_clock_move(on=TODAY)


@pytest.fixture
def page(signed_in, manager):
    return signed_in(manager)


# --- what is in a list ---


@pytest.mark.rows("R2.1", "R2.12", "R2.13", "R2.14")
def test_a_manager_sees_his_points_cards_first_and_the_regions_free_ones_after_a_reset(page, manager, other_point):
    own, pool_a, pool_b, theirs, far = (make.ClientFactory() for _ in range(5))
    make.bound(own, manager)
    make.bound(pool_a, point=manager.salespoint)
    make.bound(theirs, point=other_point)
    Client.objects.filter(pk=far.pk).update(region_code="25")
    assert set(ids(page.get("/clients/"))) == {own.pk, pool_a.pk}
    assert set(ids(page.get("/clients/?all=1"))) == {own.pk, pool_a.pk, pool_b.pk}
    assert ids(page.get("/clients/?resp=free")) == [pool_a.pk]
    assert ids(page.get("/clients/?resp=none")) == [pool_b.pk]
    assert ids(page.get("/clients/?resp=me")) == [own.pk]


@pytest.mark.rows("R2.7", "R2.9", "R2.10", "R2.11", "R2.22")
def test_new_organisations_with_a_phone(page, manager):
    rows = {
        "new": make.ClientFactory(registered_on=date(2026, 5, 24), phone="+74012123456"),
        "half a year ago": make.ClientFactory(registered_on=date(2026, 5, 23), phone="+74012123457"),
        "no phone": make.ClientFactory(registered_on=date(2026, 11, 1)),
    }
    for client in rows.values():
        make.bound(client, point=manager.salespoint)
    response = page.get("/clients/?reg=new&phone=1&resp=point")
    assert ids(response) == [rows["new"].pk]
    assert "Новые организации" in response.content.decode() and "С телефоном" in response.content.decode()
    assert total(page.get("/clients/?phone=0&resp=point")) == 1


@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("invited", ProspectState.INVITED),
        ("declined", ProspectState.DECLINED),
        ("lost", ProspectState.LOST),
        ("trial", ProspectState.TRIAL),
    ],
)
@pytest.mark.rows("R2.2", "R2.3", "R2.4", "R2.5")
def test_every_category_has_its_list(page, path, state):
    cards = {s: make.ClientFactory(prospect_state=s, prospect_on=TODAY, last_active_on=TODAY) for s in STATES}
    Client.objects.filter(pk=cards["invited"].pk).update(invite_state="invited", invited_on=TODAY)
    assert ids(page.get(f"/clients/potential/{path}/?resp=none")) == [cards[state].pk]
    assert set(ids(page.get("/clients/potential/?resp=none"))) == {c.pk for s, c in cards.items() if s != "connected"}


@pytest.mark.rows("R2.5")
def test_trial_clients_are_told_apart_by_where_the_licence_is_missing(page):
    both = [
        make.ClientFactory(prospect_state="trial", last_active_on=TODAY, trial_reason=r) for r in ("account", "client")
    ]
    assert ids(page.get("/clients/potential/trial/?licence=client&resp=none")) == [both[1].pk]
    silent = make.ClientFactory(prospect_state="trial", last_active_on=date(2026, 10, 1), trial_reason="account")
    assert ids(page.get("/clients/potential/trial/?active=0&resp=none")) == [silent.pk]


@pytest.mark.rows("R2.34", "R2.35", "R2.36", "R2.37", "R2.38", "R2.41", "R2.19")
def test_the_invited_show_sender_date_status_and_where_to_bind(page):
    sender = make.ClientFactory(name="РН-КАРТ, ООО")
    client = make.ClientFactory(
        name="МПО «Ресурс», ООО", inn="7718159470", city="Москва", region_code="39", prospect_state="invited",
        invite_state="not_worked", invited_on=date(2020, 12, 26),
    )  # fmt: skip
    for topic, sent in (("edo", "2020-12-26T10:00Z"), ("vat", "2020-12-01T10:00Z")):
        Invitation.objects.create(client=client, sender=sender, topic=topic, sent_at=sent, expires_on=date(2021, 3, 1))
    html = page.get("/clients/potential/invited/?resp=none").content.decode()
    for text in (
        "МПО «Ресурс», ООО",
        "7718159470 · Москва",
        "РН-КАРТ, ООО",
        "+1",
        "26.12.2020",
        "Не работал",
        "Закрепить",
        "39 Калининградская",
        f'href="/clients/{sender.pk}/"',
    ):
        assert text in html, text
    for state in ("not_worked", "invited", "started"):
        listed = page.get(f"/clients/potential/invited/?resp=none&step={state}")
        assert ids(listed) == ([client.pk] if state == "not_worked" else [])


@pytest.mark.rows("R2.35")
def test_a_long_name_is_cut_by_the_page_and_said_in_full_on_hover(page):
    name = "СТРОИТЕЛЬНО-ТРАНСПОРТНАЯ КОМПАНИЯ ДАЛЬНИХ ПЕРЕВОЗОК, ООО"
    client = make.ClientFactory(name=name, inn="0274062111", city="Уфа")
    html = page.get("/clients/?resp=none").content.decode()
    assert f'title="{name}"' in html and "0274062111 · Уфа" in html and client.inn == "0274062111"


@pytest.mark.rows("R2.23", "R2.53")
def test_work_is_filtered_by_logged_contacts(page):
    new, talked = make.ClientFactory(), make.ClientFactory(work_state=WorkState.CONTACTED)
    assert ids(page.get("/clients/?work=no&resp=none")) == [new.pk]
    assert ids(page.get("/clients/?work=yes&resp=none")) == [talked.pk]


@pytest.mark.rows("R2.40")
def test_nothing_found_offers_a_reset_and_a_bad_filter_shows_nothing(page):
    make.ClientFactory()
    assert "Сбросить фильтр" in page.get("/clients/?resp=me").content.decode()
    bad = page.get("/clients/?resp=none&reg=period&reg_from=01.01.2026&reg_to=01.01.2020")
    assert bad.status_code == 422 and ids(bad) == []
    assert page.get("/clients/?resp=p1%20or%201").status_code == 422


def test_the_text_filter_finds_names_and_numbers(page):
    client = make.ClientFactory(name="Золотое дно, ООО", inn="7718159470")
    make.ClientFactory()
    for text in ("дно золотое", "7718", client.inn, client.ogrn):
        assert ids(page.get("/clients/", {"q": text, "resp": "none"})) == [client.pk], text


def test_another_topics_bindings_are_asked_by_the_same_filter(page, manager, colleague):
    a, b = make.ClientFactory(), make.ClientFactory()
    for client in (a, b):
        make.bound(client, manager)
    make.bound(a, colleague, topic="tenders")
    assert ids(page.get(f"/clients/?resp=e{colleague.pk}&topic=tenders")) == [a.pk]
    assert ids(page.get("/clients/?resp=none&topic=tenders")) == [b.pk]
    assert ids(page.get("/clients/?topic=tenders")) == [a.pk]


def test_a_blocked_managers_cards_stay_visible_until_moved(page, manager, colleague):
    client = make.ClientFactory()
    make.bound(client, colleague)
    type(colleague).objects.filter(pk=colleague.pk).update(access="forbidden", blocked_at="2026-11-20T09:00Z")
    assert ids(page.get("/clients/?resp=blocked")) == [client.pk]


# --- «Распределение» ---


def invited(number: int, state: str, **fields) -> None:
    prospect = {"connected": "trial", "declined": "declined"}.get(state, "invited")
    start = Client.objects.count()
    Client.objects.bulk_create(
        Client(
            kind="legal", name=f"К {start + n}", name_norm=f"к {start + n}", ogrn=make.ogrn13(5_000_000 + start + n), region_code="39",
            prospect_state=prospect, invite_state=state, invited_on=TODAY, **fields,
        )
        for n in range(number)
    )  # fmt: skip


@pytest.mark.rows("R2.8", "R2.27", "R2.28", "R2.31", "R2.32", "R2.33", "R2.39")
def test_the_numbers_of_figure_2_3(page, point, manager):
    invited(704, "invited")
    invited(8, "connected")
    invited(60, "invited", salespoint=point)
    invited(35, "not_worked", salespoint=point, manager=manager)
    invited(19, "connected", salespoint=point, manager=manager)
    response = page.get("/clients/potential/invited/distribution/?all=1")
    lines = spread(response)
    assert list(lines)[:2] == ["Итого", "Без привязки к партнеру"]
    assert numbers(lines["Итого"]) == [799, 27, 0, 826]
    assert numbers(lines["Без привязки к партнеру"]) == [704, 8, 0, 712]
    assert numbers(lines["Без привязки к менеджеру"]) == [60, 0, 0, 60]
    assert numbers(lines[manager.short_name]) == [35, 19, 0, 54]
    assert all(sum(numbers(line)[:-1]) == numbers(line)[-1] for line in lines.values())
    for line in lines.values():
        for number, url in line:
            assert (total(page.get(url)) if url else 0) == number
    html = response.content.decode()
    assert re.findall(r'<th scope="col"[^>]*>([^<]+)', html) == [
        "Партнеры",
        "Приглашены",
        "Подключились",
        "Отказались",
        "Всего",
    ]


@pytest.mark.rows("R2.27")
def test_the_columns_of_the_invited_are_no_filter_of_the_page(page, point):
    """The page counts its own columns as no filter, and «Список» opens the category, not all four states."""
    invited(3, "invited", salespoint=point)
    invited(2, "connected", salespoint=point)
    html = page.get("/clients/potential/invited/distribution/").content.decode()
    assert "Статус:</span> Все" not in html
    listed = re.search(r'<a href="([^"]+)">Список', html)[1].replace("&amp;", "&")
    assert "invite=" not in listed and total(page.get(listed)) == 3


@pytest.mark.rows("R2.4")
def test_why_a_client_is_lost_is_short_in_a_cell_and_full_in_excel(signed_in, head):
    for reason in LostReason.values[1:]:
        make.ClientFactory(prospect_state="lost", lost_reason=reason, prospect_on=TODAY)
    page = signed_in(head)
    html = page.get("/clients/potential/lost/?resp=none").content.decode()
    for words in ("отказались", "молчат больше квартала", "удалены из аккаунта"):
        assert f">{words}</td>" in html
    rows = load_workbook(_file(page.get("/clients/potential/lost/?resp=none&format=xlsx")))["Данные"].values
    assert "Более квартала без документов и отчетов" in {cell for row in rows for cell in row}


@pytest.mark.parametrize("section", ["/clients/", "/clients/potential/invited/", "/clients/potential/trial/"])
def test_the_filters_of_the_manual_stand_on_top(page, section):
    html = page.get(section).content.decode()
    names = list(
        dict.fromkeys(re.findall(r'<(?:select|input)[^>]* name="(reg|phone|resp|invite|licence|region)"', html))
    )
    assert names[:3] == ["reg", "phone", "resp"] and names[-1] == "region"


@pytest.mark.rows("R2.28", "R2.29", "RX.2")
def test_a_line_opens_the_list_with_the_filter_kept(page, point):
    invited(3, "invited", salespoint=point)
    response = page.get("/clients/potential/invited/distribution/?reg=period&reg_from=01.01.1900")
    line = re.search(r'<a href="([^"]+)">Без привязки к менеджеру', response.content.decode())[1].replace("&amp;", "&")
    assert "reg_from=01.01.1900" in line and total(page.get(line)) == 3
    assert "без привязки к менеджеру" in page.get(line).content.decode()  # the chip
    invited(2, "invited")  # the region's pool shows after the responsible person is reset
    assert "Без привязки к партнеру" not in spread(page.get("/clients/potential/invited/distribution/"))
    free = spread(page.get("/clients/potential/invited/distribution/?all=1"))["Без привязки к партнеру"]
    assert numbers(free) == [2, 0, 0, 2] and total(page.get(free[0][1])) == 2


def scatter(rng: random.Random, point, other, people, number: int) -> None:
    """Cards in every state, pool and shape."""
    states = STATES
    for n in range(number):
        state = rng.choice(states)
        where = rng.choice([None, point, point, other])
        manager = rng.choice([*people, None]) if where == point else None
        invite = {"invited": rng.choice(["not_worked", "invited", "started"]), "trial": rng.choice(["", "connected"]), "connected": rng.choice(["", "connected"]),
                  "declined": rng.choice(["", "declined"])}.get(state, rng.choice(["", "expired"]))  # fmt: skip
        Client.objects.create(
            kind=rng.choice(["legal", "entrepreneur"]), name=f"К {n}", name_norm=f"к {n}", ogrn=make.ogrn13(9_000_000 + n), region_code=rng.choice(["39", "39", "25"]),
            salespoint=where, manager=manager, prospect_state=state, prospect_on=TODAY, invite_state=invite, invited_on=TODAY,
            has_phone=rng.random() < 0.5, registered_on=rng.choice([date(2026, 10, 1), date(2020, 1, 1)]), work_state=rng.choice(["new", "contacted"]),
            lost_reason=rng.choice(LostReason.values[1:]) if state == "lost" else "", trial_reason=rng.choice(TrialReason.values[1:]) if state == "trial" else "",
            decline_reason=rng.choice(DeclineReason.values[1:]) if state == "declined" else "", last_active_on=rng.choice([TODAY, date(2026, 9, 1)]),
            ceased_on=rng.choice([None, None, date(2026, 10, 5)]),
        )  # fmt: skip


SECTIONS = [
    "/clients/",
    "/clients/potential/",
    *(f"/clients/potential/{name}/" for name in ("invited", "declined", "lost", "trial")),
]


@pytest.mark.rows("R2.8", "R2.32")
def test_list_counter_distribution_drill_down_and_excel_agree(signed_in, head, manager, colleague, point, other_point):
    """Random cards, random filters: one query builder behind all of them."""
    rng = random.Random(7)
    scatter(rng, point, other_point, [manager, colleague], 120)
    for client in Client.objects.filter(salespoint=point)[:30]:
        make.bound(client, rng.choice([manager, colleague]), topic="tenders")
    page = signed_in(head)
    filters = {"phone": ["", "", "1", "0"], "reg": ["", "new"], "kind": ["", "legal"], "work": ["", "no", "yes"], "region": ["", "39"], "life": ["", "1"],
               "resp": ["", "point", "none", "free", "me", "blocked", f"e{manager.pk}"], "topic": ["", "", "tenders"]}  # fmt: skip
    opened = 0
    for section in SECTIONS:
        for _ in range(4):
            query = {name: value for name in rng.sample(list(filters), 3) if (value := rng.choice(filters[name]))} or {
                "all": "1"
            }
            listed = page.get(section, query, follow=True)
            lines = spread(page.get(f"{section}distribution/", query, follow=True))
            shown = total(listed)
            assert len(ids(page.get(section, {**query, "size": "100"}, follow=True))) == min(shown, 100)
            whole = lines["Итого"][-1][0] if lines else 0
            assert shown == (whole if "invited" not in section else lines["Итого"][0][0] if lines else 0)
            for number, url in [cell for line in lines.values() for cell in line if cell[1]]:
                if rng.random() < 0.25:
                    opened += 1
                    assert total(page.get(url)) == number, url
            if rng.random() < 0.4:
                book = load_workbook(_file(page.get(section, {**query, "format": "xlsx"})))
                assert book["Данные"].max_row - 1 == shown
    assert opened > 20


def _file(response):
    from io import BytesIO

    return BytesIO(b"".join(response.streaming_content))


def test_the_categories_part_all_clients(signed_in, head, point, other_point, manager):
    scatter(random.Random(3), point, other_point, [manager], 60)
    page = signed_in(head)
    parts = [spread(page.get("/clients/distribution/?all=1"))["Итого"]][0]
    assert sum(numbers(parts)[:-1]) == numbers(parts)[-1] == total(page.get("/clients/?all=1"))
    assert InvitationState.values
    lists = {
        name: total(page.get(f"/clients/potential/{name}/?life=1")) for name in ("invited", "declined", "lost", "trial")
    }
    alive = spread(page.get("/clients/distribution/?life=1"))["Итого"]
    assert [lists["invited"], lists["declined"], lists["lost"], lists["trial"]] == [
        numbers(alive)[i] for i in (1, 3, 4, 5)
    ]


@pytest.mark.parametrize("section", SECTIONS)
def test_queries_do_not_grow_with_rows(page, section, django_assert_max_num_queries, manager):
    def cards(number):
        for state in STATES:
            for _ in range(number):
                client = make.ClientFactory(
                    prospect_state=state,
                    invite_state="invited" if state == "invited" else "",
                    last_active_on=TODAY,
                    prospect_on=TODAY,
                )
                Invitation.objects.create(
                    client=client, topic="edo", sent_at="2026-11-01T10:00Z", expires_on=TODAY, state="invited"
                )

    cards(1)
    page.get(f"{section}?resp=none")
    with django_assert_max_num_queries(12) as first:
        page.get(f"{section}?resp=none")
    cards(6)
    with django_assert_max_num_queries(12) as second:
        page.get(f"{section}?resp=none")
    assert len(first) == len(second)


def test_strangers_and_rightless_people_are_kept_out(signed_in, stranger):
    client = make.ClientFactory()
    assert ids(signed_in(stranger).get("/clients/?all=1")) == []
    assert signed_in(make.employee(None)).get("/clients/").status_code == 403
    assert total(signed_in(stranger).get("/clients/?all=1")) == 0
    assert client.pk


@pytest.mark.rows("R2.6")
def test_the_selections_of_the_manual_are_ready_made(page, manager):
    new = make.ClientFactory(registered_on=date(2026, 11, 1), phone="+74012123456")
    invited_ = make.ClientFactory(
        prospect_state="invited", invite_state="invited", invited_on=TODAY, phone="+74012123457"
    )
    trial = make.ClientFactory(prospect_state="trial", trial_reason="account", last_active_on=TODAY)
    for client in (new, invited_, trial):
        make.bound(client, point=manager.salespoint)
    for path, title, client in (
        ("/clients/", "Новые организации с телефоном", new),
        ("/clients/potential/invited/", "Приглашены с телефоном", invited_),
        ("/clients/potential/trial/", "Активные триальные", trial),
    ):
        html = page.get(path).content.decode()
        link = re.search(rf'<a href="([^"]+)"[^>]*>{title}</a></?', html.split("Сохраненные отборы")[1])[1].replace(
            "&amp;", "&"
        )
        assert ids(page.get(path + link if link.startswith("?") else link)) == [client.pk], title


def test_the_menu_counts_what_the_list_shows(page, point, manager):
    from accounts.services.work import task_make
    from accounts.work.counters import due_tasks
    from clients.selectors.counters import invited as counter

    invited(5, "invited", salespoint=point)
    invited(2, "declined", salespoint=point)
    assert counter(manager) == total(page.get("/clients/potential/invited/")) == 5
    client = make.ClientFactory()
    for n, day_ in enumerate((TODAY, date(2026, 11, 24))):
        task_make(
            client_id=client.pk,
            kind="call",
            title="x",
            due_on=day_,
            salespoint_id=point.pk,
            assignee_id=manager.pk,
            key=str(n),
        )
    assert due_tasks(manager) == 1
