"""The generator of `./run bench` at 2 000 cards: equal for a seed, sound, and every measured page answers on it."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client, override_settings

from bench.claims import claims
from bench.data import derived, generate
from bench.data.network import LOGINS
from bench.goals import goals
from bench.pages import Facts, cases
from bench.totals import totals
from clients.models import Client as Card
from clients.services import cube_drift
from clients.services.copies import copies_drift
from core import clock
from core.identifiers import is_inn, is_ogrn, is_ogrnip
from core.invariants import check
from core.names import normalize_name
from partners.models import Employee
from renewals.services import renewals_sweep_all

ON = date(2026, 11, 23)
CARDS = 2_000


@pytest.fixture
def made(transactional_db):
    with clock.override(on=ON):
        generate(clients=CARDS, on=ON)
        renewals_sweep_all(on=ON)
        yield


def fingerprint() -> dict[str, str]:
    """A hash of every generated table."""
    found = {}
    with connection.cursor() as cursor:
        for table in (*derived.TABLES, "clients_distributioncell", "renewals_renewalrow", "partners_salespoint"):
            left_out = "- 'id'" if table == "clients_distributioncell" else ""
            cursor.execute(
                f"SELECT md5(string_agg(r, '|' ORDER BY r)) FROM (SELECT (to_jsonb(t) {left_out})::text AS r FROM {table} t) x"
            )
            found[table] = cursor.fetchone()[0]
    return found


def test_a_seed_gives_equal_and_sound_data(made, databases):
    first = fingerprint()
    cards = list(Card.objects.all())
    assert len(cards) == CARDS
    for card in cards:
        assert is_inn(card.inn)
        assert card.kind == "person" or is_ogrn(card.ogrn) or is_ogrnip(card.ogrn)
        assert card.name_norm == normalize_name(card.name)
    assert check() == []
    assert (cube_drift(), copies_drift()) == (0, {})
    assert all(hash_ is not None for table, hash_ in first.items() if table != "accounts_calllog")
    databases.renew()
    generate(clients=CARDS, on=ON)
    renewals_sweep_all(on=ON)
    assert fingerprint() == first


def test_only_an_empty_database_is_filled(made):
    with pytest.raises(ValueError, match="not empty"):
        generate(clients=CARDS, on=ON)


def test_totals_and_claims_leave_everything_as_it_was(made):
    before, told = fingerprint(), []
    found = totals(Facts(ON), tell=told.append)
    assert found["cube"]["cells_that_differ"] == 0
    assert found["count of everything"]["rows"] == CARDS
    claimed = claims(tell=told.append)
    assert claimed["cards"] > 0
    assert set(claimed["won"]) == {claimed["cards"]}
    assert (claimed["double"], claimed["deadlocks"], claimed["cells_that_differ"]) == (0, 0, 0)
    after = fingerprint()
    assert {table for table in before if after[table] != before[table]} <= {
        "clients_distributioncell"
    }  # emptied cells stay


@override_settings(ROOT_URLCONF="bench.urls", DEMO=True)
def test_every_page_answers(made):
    visitors = {}
    for login in LOGINS:
        visitors[login] = Client()
        visitors[login].force_login(Employee.objects.get(login=login), backend="partners.backends.EmployeeBackend")
    wrong = {}
    for case in cases(Facts(ON)):
        answer = visitors[case.who].get(case.urls[-1])
        if answer.status_code != 200 and not (answer.status_code == 302 and case.urls[0].startswith("/search/")):
            wrong[case.name] = (case.urls[-1], answer.status_code, answer.get("Location", ""))
    assert wrong == {}


def test_goals_compare_within_one_run():
    pages = {
        "Вся страна, страница 1": {
            "name": "a",
            "sql_ms": 2.0,
            "buffers": 90,
            "row_buffers": 50,
            "is_list": True,
            "queries": 5,
        },
        "Вся страна, страница 10 000": {
            "name": "b",
            "sql_ms": 2.4,
            "buffers": 600,
            "row_buffers": 510,
            "is_list": True,
            "queries": 7,
        },
    }
    found = {goal["goal"].partition(":")[0]: (goal["seen"], goal["met"]) for goal in goals(pages, {})}
    assert found["page 10 000 / page 1, SQL"] == (1.2, True)
    assert found["blocks of a list's rows, the most"] == (510, False)
    assert "nightly sweep / one read-only pass" not in found


def test_an_owners_lists_are_compared_with_a_smaller_scale():
    def page(name: str, blocks: int) -> dict:
        return {"name": name, "who": "manager", "is_list": True, "row_buffers": blocks, "queries": 6}

    small = {"Мои": page("Мои", 100), "Точка": page("Точка", 200)}
    full = {"Мои": page("Мои", 120), "Точка": page("Точка", 300)}
    found = {goal["goal"]: (goal["seen"], goal["met"]) for goal in goals(full, {}, {}, small)}
    assert found["blocks of the rows of an owner's list, this scale / small, the most of 2: Точка"] == (1.5, False)
