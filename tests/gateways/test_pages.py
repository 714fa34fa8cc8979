"""«Обмен»: what waits is seen with its reason and can be repeated; the jobs that carry it (RX.7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core import clock
from core.jobs import registry
from core.jobs.scheduling import run_by_hand
from core.models import JournalEntry
from licenses.models import InboxEvent, OutboxMessage, StatementUpload
from licenses.services import inbox, uploads
from tests.gateways.stub import AccountingStub
from tests.selling import ON

pytestmark = pytest.mark.django_db

SECRET = "s" * 32


@pytest.fixture
def stub(settings):
    with AccountingStub(SECRET) as server:
        settings.GATEWAY, settings.GATEWAY_URL, settings.GATEWAY_SECRET = "http", server.url, SECRET
        settings.GATEWAY_TIMEOUT = 0.5
        yield server


@pytest.fixture
def invoice(shop, stub):
    account = shop.account()
    shop.choose(account, "eo-basic")
    return shop.issue(account)


def run(name: str):
    return run_by_hand(registry.get(name), ON)[0]


def text(answer) -> str:
    return answer.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ")


def test_what_was_refused_is_seen_and_repeated(invoice, stub, signed_in, operator):
    stub.fail(1, 422)
    assert run("licenses.deliver_outbox").counts == {"parked": 1}
    client, row = signed_in(operator), OutboxMessage.objects.get()
    listed = text(client.get("/exchange/?seg=parked"))
    for words in (
        "Счет выставлен",
        "Требует внимания",
        "Учетная система отказала (422): беда",
        "Учетная система: HTTP",
    ):
        assert words in listed
    card = text(client.get(f"/exchange/{row.pk}/"))
    assert row.key in card
    assert invoice.payer_data["name"] in card
    assert client.post(f"/exchange/{row.pk}/retry/").status_code == 302
    assert run("licenses.deliver_outbox").counts == {"sent": 1}
    assert client.post(f"/exchange/{row.pk}/retry/").status_code == 409
    assert text(client.get("/exchange/?seg=parked")).count("Счет выставлен") == 0
    assert "в учетной системе принят" in text(client.get(invoice.get_absolute_url()))
    assert JournalEntry.objects.filter(code="outbox.retried", by=operator).exists()


def test_what_is_done_by_hand_needs_words(invoice, stub, signed_in, operator):
    stub.fail(1, 422)
    run("licenses.deliver_outbox")
    client, row = signed_in(operator), OutboxMessage.objects.get()
    assert client.post(f"/exchange/{row.pk}/settle/", {"reason": " "}).status_code == 422
    assert client.post(f"/exchange/{row.pk}/settle/", {"reason": "Внесла бухгалтер"}).status_code == 302
    assert "Внесла бухгалтер" in text(client.get(f"/exchange/{row.pk}/"))
    assert not stub.documents


def test_many_at_once(invoice, shop, stub, signed_in, operator):
    stub.fail(1, 422)
    run("licenses.deliver_outbox")
    row = OutboxMessage.objects.get()
    answer = signed_in(operator).post("/exchange/", {"do": "retry", "pk": [row.pk], "confirmed": "1"})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert row.state == "waiting"


def test_a_silent_system_is_told_on_the_page(invoice, stub, signed_in, operator):
    stub.fail(3, 503)
    for _ in range(3):
        OutboxMessage.objects.update(next_try_at=clock.system_now() - timedelta(seconds=1))
        assert run("licenses.deliver_outbox").counts == {"waiting": 1}
    page = text(signed_in(operator).get("/exchange/?seg=failing"))
    assert "Учетная система ответила 503: повторим позже." in page


def test_events_that_failed_are_repeated_from_their_list(invoice, stub, signed_in, operator):
    stub.tell("e1", "invoice.state", key=str(invoice.key), state="странное", version=1)
    assert run("licenses.follow_accounting").counts == {"taken": 0, "failed": 1, "known": 0}
    client, row = signed_in(operator), InboxEvent.objects.get()
    assert "программе не известно" in text(client.get("/exchange/in/?seg=failed"))
    InboxEvent.objects.filter(pk=row.pk).update(payload=row.payload | {"state": "paid"})
    assert client.post("/exchange/in/", {"do": "retry", "pk": [row.pk], "confirmed": "1"}).status_code == 302
    invoice.refresh_from_db()
    assert (invoice.external_state, inbox.State.TAKEN) == ("paid", InboxEvent.objects.get().state)


def test_silence_is_a_message_of_the_run_not_a_crash(invoice, stub):
    stub.fail(2, 503)
    for name in ("licenses.follow_accounting", "licenses.accounting_staff"):
        row = run(name)
        assert row.state == "done"
        assert "503" in row.message


def test_the_folder_is_watched_and_old_bytes_go(invoice, settings, tmp_path):
    assert run("licenses.watch_statements").message == "Папка выписок не настроена."
    settings.STATEMENT_FOLDER = str(tmp_path)
    (tmp_path / "a.txt").write_text("hello")
    old = clock.system_now() - timedelta(days=100)
    StatementUpload.objects.create(name="x", size=1, sha256="x", content=b"x", state="refused", at=old)
    assert run("licenses.watch_statements").state == "done"
    run("licenses.accounting_staff")
    assert StatementUpload.objects.get(name="x").content is None
    assert uploads.upload_contents_drop() == 0
