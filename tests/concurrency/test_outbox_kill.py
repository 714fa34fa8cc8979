"""The sender of the outbox under kill -9 at its worst moments: nothing is lost, nothing is booked twice (docs/gateway.md)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core import clock, faults
from core.faults import kill_at_pass, without_protection
from licenses.models import OutboxMessage
from licenses.services import outbox
from tests.concurrency.test_jobs import killed
from tests.gateways.stub import AccountingStub
from tests.licenses.market import open_market

pytestmark = pytest.mark.django_db(transaction=True)

ON = date(2026, 11, 23)
SECRET = "s" * 32


@pytest.fixture
def stub(settings):
    with AccountingStub(SECRET) as server:
        settings.GATEWAY, settings.GATEWAY_URL, settings.GATEWAY_SECRET = "http", server.url, SECRET
        yield server


@pytest.fixture
def sold(manager, stub):
    """Two invoices, paid and shipped: six messages."""
    market = open_market(manager)
    market.item("a", 6000, months=(12,))
    for _ in range(2):
        market.sell(market.account(ON), "a", ON)
    assert OutboxMessage.objects.count() == 6


def send_all() -> None:
    while ids := outbox.due():
        for pk in ids:
            outbox.deliver(pk)


def until_done(point: str) -> int:
    """Workers that are killed at their second pass of the point, one after the other, until nothing waits."""

    def work() -> None:
        with faults.at(point, kill_at_pass(2)):
            send_all()

    kills = 0
    while OutboxMessage.objects.exclude(state="sent").exists():
        OutboxMessage.objects.filter(state="waiting").update(next_try_at=clock.system_now() - timedelta(seconds=1))
        kills += killed(work)
        assert kills < 20
    return kills


@pytest.mark.parametrize("place", ["licenses.outbox.claimed", "licenses.outbox.sent"])
def test_killed_again_and_again_every_document_is_booked_once(sold, stub, place):
    assert until_done(place) > 2
    assert sorted(kind for kind, _payload in stub.documents) == ["invoice"] * 2 + ["payment"] * 2 + ["shipment"] * 2


def test_without_the_key_every_kill_after_the_send_doubles(sold, stub):
    """The control."""
    with without_protection("licenses.outbox.key"):
        kills = until_done("licenses.outbox.sent")
    assert len(stub.documents) == 6 + kills
