"""A sales point with people in it, and the sample pages mounted beside the program's own."""

from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import pytest
from django.test import Client, override_settings

from partners.models import Employee, Grant, LegalEntity, Partner, Region, SalesPoint
from partners.rights import Right

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def point(db):
    region, _ = Region.objects.get_or_create(
        code="39", defaults={"name": "Калининградская обл.", "zone": "Europe/Kaliningrad"}
    )
    entity = LegalEntity.objects.create(name="Тестовая, ООО", inn="3906000002")
    partner = Partner.objects.create(name="Тестовый партнер")
    return SalesPoint.objects.create(
        code="3901", name="Главная", partner=partner, legal_entity=entity, region=region, zone="Europe/Kaliningrad"
    )


def employee(point, number: int, **values) -> Employee:
    defaults = {
        "login": f"person{number:03}",
        "last_name": f"Фамилия{number:03}",
        "first_name": "Анна",
        "middle_name": "Евгеньевна",
    }
    defaults |= {"position": "менеджер" if number % 2 else "инженер", "phone": "+74950001452" if number % 3 else ""}
    return Employee(salespoint=point, **(defaults | values))


@pytest.fixture
def viewer(point):
    person = employee(point, 0, login="viewer", last_name="Травина", is_demo=True)
    person.set_password("demo")
    person.save()
    for right in (
        Right.EMPLOYEE_VIEW,
        Right.EXPORT,
        Right.SALESPOINT_VIEW,
        Right.TICKET_VIEW,
        Right.ACCOUNT_VIEW,
        Right.CLIENT_VIEW,
        Right.USAGE_VIEW,
    ):
        Grant.objects.create(employee=person, right=right, scope="salespoint", granted_at=NOW)
    return person


@pytest.fixture
def people(point, viewer):
    """120 employees beside the viewer."""
    return Employee.objects.bulk_create([employee(point, n) for n in range(1, 121)])


@pytest.fixture
def sample_urls(settings):
    templates = [
        {**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], Path(__file__).parent / "templates"]}
    ]
    with override_settings(ROOT_URLCONF="tests.core_pages.sample", TEMPLATES=templates):
        yield


@pytest.fixture(autouse=True)
def commits(request):
    """Hooks of a commit run at once: here a page is asked for again after a form."""
    if "transactional_db" in request.fixturenames or "live_server" in request.fixturenames:
        yield
        return
    with mock.patch("django.db.transaction.on_commit", lambda run, **kwargs: run()):
        yield


@pytest.fixture
def page(sample_urls, viewer):
    client = Client()
    client.force_login(viewer)
    return client


@pytest.fixture(autouse=True)
def every_section_is_served(monkeypatch):
    """The tree is tested with invented sections; that unserved ones stay out has a test of its own."""
    monkeypatch.setattr("core.navigation.is_served", lambda path: True)
