import pytest

from core.jobs import registry
from tests.factories import employee


@pytest.fixture
def manager(db):
    return employee("manager")


@pytest.fixture
def colleague(db):
    return employee("manager")


@pytest.fixture
def operator(db):
    return employee("operator")


@pytest.fixture
def declared(monkeypatch):
    """declared(body, **options): a job «test.work» with this body; no other jobs exist in the test."""
    monkeypatch.setattr(registry, "_jobs", {})

    def declare(body, name: str = "test.work", **options):
        registry._jobs[name] = registry.Job(name, "Проверка", body, **options)
        return name

    return declare
