"""Reference data kept in the process is never older than the last commit before the request."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import reference
from partners import known
from partners.models import Employee, Region
from partners.services.network import salespoint_add
from tests.factories import SalesPointFactory, employee


def options(browser) -> str:
    """The filter of «Все клиенты»: sales points, people and regions stand in it."""
    return browser.get("/clients/?all=1").content.decode()


@pytest.fixture
def opened(operator, signed_in):
    """A list that has been opened, so that its process keeps what it read."""
    browser = signed_in(operator)
    options(browser)
    return browser


def test_a_sales_point_added_by_a_service_shows_at_once(opened, operator, manager, signed_in):
    other = signed_in(manager)
    assert "Новая точка" not in options(other)
    entity, partner = operator.salespoint.legal_entity, operator.salespoint.partner
    fields = {
        "code": "7788",
        "name": "Новая точка",
        "kind": "own",
        "zone": "Europe/Moscow",
        "calendar": "5x2 09:00-18:00",
    }
    moscow = Region.objects.get(pk="77")
    salespoint_add(by=operator, regions=[moscow], region=moscow, partner=partner, legal_entity=entity, **fields)
    assert "7788 Новая точка" in options(opened)


@pytest.mark.parametrize(
    "sql, shown",
    [
        ("UPDATE partners_salespoint SET name = 'Другое имя' WHERE code = '7699'", "7699 Другое имя"),
        ("UPDATE partners_region SET name = 'Край света' WHERE code = '25'", "25 Край света"),
        ("UPDATE partners_employee SET last_name = 'Перенаименова' WHERE login = 'manager'", "Перенаименова"),
    ],
)
def test_what_another_process_wrote_shows_at_once(opened, manager, sql, shown):
    """Plain SQL stands for it: nothing in this process hears of it."""
    before = options(opened)
    assert shown not in before
    with connection.cursor() as cursor:
        cursor.execute(sql)
    assert shown in options(opened)


def test_a_rolled_back_change_is_forgotten_with_its_version(opened):
    from django.db import transaction

    with transaction.atomic():
        SalesPointFactory(code="7001", name="Откаченная")
        assert "7001 Откаченная" in options(opened)
        transaction.set_rollback(True)
    assert "7001 Откаченная" not in options(opened)
    SalesPointFactory(code="7002", name="Следующая")
    assert "7002 Следующая" in options(opened) and "7001" not in options(opened)


def test_what_a_transaction_has_changed_is_kept_for_nobody_else(db):
    """Read after one's own write under the version from before it: a rollback would leave it to everybody."""
    from django.db import transaction

    with connection.cursor() as cursor:
        cursor.execute(reference.ASK)
        version = cursor.fetchone()[0]
    with reference.within_request(version):
        with transaction.atomic():
            Region.objects.filter(pk="25").update(name="Откаченный край")
            assert reference.kept("test.region", lambda: Region.objects.get(pk="25").name) == "Откаченный край"
            transaction.set_rollback(True)
        assert reference.kept("test.region", lambda: Region.objects.get(pk="25").name) != "Откаченный край"


def test_a_sign_in_changes_nothing_that_is_kept(manager, opened, signed_in):
    signed_in(manager)
    with CaptureQueriesContext(connection) as seen:
        options(opened)
    assert not [q for q in seen.captured_queries if 'FROM "partners_salespoint"' in q["sql"]]


def test_nothing_is_kept_outside_a_request(opened):
    region = Region.objects.get(pk="25")
    region.name = "Без запроса"
    region.save(update_fields=["name"])
    assert known.regions()["25"].name == "Без запроса"
    assert employee("manager").pk in known.people()


def test_compacting_makes_a_version_that_nobody_has_seen(opened, manager):
    version = f"SELECT {reference.VERSION}"
    with connection.cursor() as cursor:
        cursor.execute(version)
        before = cursor.fetchone()
        reference.compact()
        cursor.execute(version)
        assert cursor.fetchone() != before
    Employee.objects.filter(pk=manager.pk).update(last_name="После уборки")
    assert "После уборки" in options(opened)


def test_the_same_number_of_changes_in_another_database_is_another_version(db):
    """A backup was restored, or a test began: rows with the same numbers, written by other people."""
    with connection.cursor() as cursor:
        versions = set()
        for _ in range(2):
            cursor.execute("TRUNCATE core_referencechange RESTART IDENTITY")
            cursor.execute("INSERT INTO core_referencechange DEFAULT VALUES")
            cursor.execute(f"SELECT {reference.VERSION}")
            versions.add(cursor.fetchone()[0])
    assert len(versions) == 2
