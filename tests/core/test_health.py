"""/health/live and /health/ready (reliability.md C15, decision 35)."""

import pytest
import redis
from django.db import OperationalError

from core import health


def test_live_touches_nothing(client):
    """Without the `db` fixture any query would fail the test."""
    answer = client.get("/health/live")
    assert (answer.status_code, answer.content) == (200, b"live\n")


@pytest.fixture
def healthy(monkeypatch):
    monkeypatch.setattr(health, "_database", lambda: "ok")
    monkeypatch.setattr(health, "_redis", lambda: Seen(None))
    monkeypatch.setattr(health, "_started", health.time.monotonic())


class Seen:
    """A Redis that knows when a worker was last seen."""

    def __init__(self, at):
        self.at = at

    def get(self, name):
        if isinstance(self.at, Exception):
            raise self.at
        return self.at


def test_ready_just_after_the_start(client, healthy):
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "database": "ok", "redis": "ok", "worker": "starting"}


def test_degraded_without_redis(client, healthy, monkeypatch):
    monkeypatch.setattr(health, "_redis", lambda: Seen(redis.ConnectionError()))
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {"status": "degraded", "database": "ok", "redis": "down", "worker": "unknown"}


def test_not_ready_without_a_worker(client, healthy, monkeypatch):
    monkeypatch.setattr(health, "_started", health.time.monotonic() - 181)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["worker"] == "late"


@pytest.mark.parametrize(
    ("seen", "up", "state"),
    [(b"1000", 5, "ok"), (b"820", 999, "ok"), (b"819", 999, "late"), (b"5", 179, "starting"), (None, 181, "late")],
)
def test_worker_state(seen, up, state):
    assert health.worker_state(seen, now=1000, up=up) == state


@pytest.mark.django_db
def test_database_and_migrations(monkeypatch):
    monkeypatch.setattr(health, "_seen_migrated", False)
    assert health._database() == "ok"


@pytest.mark.django_db
def test_database_behind_the_code(monkeypatch):
    monkeypatch.setattr(health, "_seen_migrated", False)
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda self, targets: ["one"])
    assert health._database() == "behind"


@pytest.mark.django_db
def test_database_down(client, healthy, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(health, "_redis", lambda: Seen(None))

    class Down:
        def cursor(self):
            raise OperationalError("gone")

    monkeypatch.setattr(health, "connection", Down())
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "down")


def test_worker_leaves_a_sign(monkeypatch):
    kept = {}

    class Redis:
        def set(self, name, value):
            kept[name] = value

    monkeypatch.setattr(health, "_redis", Redis)
    health.worker_seen()
    assert (
        health.worker_state(str(kept["health:worker-seen"]), now=health.clock.system_now().timestamp(), up=999) == "ok"
    )
