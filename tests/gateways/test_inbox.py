"""What the accounting system tells is taken once, whatever the order (R2.96; docs/gateway.md)."""

from __future__ import annotations

import pytest

from core.faults import at
from licenses.gateways import Event, GatewayDown
from licenses.models import GatewayCursor, InboxEvent, Payment
from licenses.services import inbox
from licenses.services.payments import paid_of
from partners.models import DirectoryPerson
from tests.gateways.stub import AccountingStub
from tests.payments.test_statement_import import FOREIGN, OWN, load, order
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
    entity = shop.by.salespoint.legal_entity
    entity.bank_account = OWN
    entity.save(update_fields=["bank_account"])
    account = shop.account()
    shop.choose(account, "eo-basic")
    return shop.issue(account)


def money(invoice, **changes) -> dict:
    facts = {
        "own_account": OWN, "number": "7", "date": "2026-11-23", "amount": f"{invoice.total:.2f}", "payer_account": FOREIGN,
        "payer_inn": invoice.payer_data["inn"], "payer_name": "ООО «Плательщик»", "purpose": f"Оплата по счету № {invoice.number}",
    }  # fmt: skip
    return facts | changes


@pytest.mark.rows("R2.96")
def test_events_are_read_page_by_page_and_once(invoice, stub):
    key = str(invoice.key)
    for version, state in enumerate(["issued", "paid", "shipped"], 1):
        stub.tell(f"e{version}", "invoice.state", key=key, state=state, version=version, external_id="A-7")
    stub.tell("p1", "payment", **money(invoice))
    assert inbox.follow(on=ON) == {"taken": 4, "failed": 0, "known": 0}
    assert inbox.follow(on=ON) == {"taken": 0, "failed": 0, "known": 0}
    invoice.refresh_from_db()
    assert (invoice.external_state, invoice.external_id, paid_of(invoice)) == ("shipped", "A-7", invoice.total)


def test_reordered_states_end_with_the_newest(invoice, stub):
    for version, state in ((3, "shipped"), (1, "issued"), (2, "paid"), (3, "shipped")):
        inbox.event_take(
            Event(f"e{version}", "invoice.state", {"key": str(invoice.key), "state": state, "version": version}), on=ON
        )
    invoice.refresh_from_db()
    assert invoice.external_state == "shipped"
    assert InboxEvent.objects.count() == 3


def test_a_reader_killed_before_its_cursor_reads_again_and_changes_nothing(invoice, stub):
    class Killed(BaseException):
        pass

    def kill() -> None:
        raise Killed

    stub.tell("p1", "payment", **money(invoice))
    with at("licenses.inbox.page", kill), pytest.raises(Killed):
        inbox.follow(on=ON)
    assert GatewayCursor.objects.get().value == ""
    assert inbox.follow(on=ON) == {"taken": 0, "failed": 0, "known": 1}
    assert Payment.objects.count() == 1


def test_one_payment_from_the_statement_and_from_the_accounting_system(invoice, stub):
    load(order(f"Оплата по счету № {invoice.number}", amount=invoice.total, inn=invoice.payer_data["inn"]))
    stub.tell("p1", "payment", **money(invoice))
    inbox.follow(on=ON)
    assert Payment.objects.count() == 1
    assert paid_of(invoice) == invoice.total


@pytest.mark.parametrize(
    "broken",
    [
        {"kind": "party"}, {"amount": "NaN"}, {"amount": "-1"}, {"amount": "1e99"}, {"amount": "0.001"}, {"date": "вчера"},
        {"number": None, "amount": "много"}, {"own_account": "9" * 60, "date": "2026-13-01"},
    ],
    ids=str,
)  # fmt: skip
def test_a_broken_event_is_kept_for_a_person_and_the_others_go_on(invoice, stub, broken):
    facts = dict(broken)
    stub.tell("bad", facts.pop("kind", "payment"), **money(invoice, **facts))
    stub.tell("good", "payment", **money(invoice))
    assert inbox.follow(on=ON) == {"taken": 1, "failed": 1, "known": 0}
    row = InboxEvent.objects.get(event_id="bad")
    assert row.state == "failed"
    assert row.last_error
    assert Payment.objects.count() == 1


def test_an_event_of_an_unknown_invoice_is_taken_when_it_is_repeated(invoice, stub, operator):
    stub.tell("e1", "invoice.state", key="00000000-0000-0000-0000-000000000000", state="paid", version=1)
    inbox.follow(on=ON)
    row = InboxEvent.objects.get()
    assert row.last_error == "Счета с таким ключом у нас нет."
    InboxEvent.objects.filter(pk=row.pk).update(payload=row.payload | {"key": str(invoice.key)})
    inbox.event_retry(event_id=row.pk, by=operator, on=ON)
    invoice.refresh_from_db()
    assert invoice.external_state == "paid"


def test_a_silent_system_is_asked_again_next_time(invoice, stub):
    stub.tell("p1", "payment", **money(invoice))
    stub.fail(1, 503)
    with pytest.raises(GatewayDown):
        inbox.follow(on=ON)
    assert inbox.follow(on=ON)["taken"] == 1


@pytest.mark.rows("R1.15")
def test_employees_come_into_the_directory(stub):
    stub.employees = [
        {
            "external_id": "e-1",
            "login": "ivanov",
            "last_name": "Иванов",
            "first_name": "Петр",
            "phone": "+7" + "0" * 60,
        },
        {
            "external_id": "e-2",
            "login": "left",
            "last_name": "Ушедшая",
            "first_name": "Анна",
            "is_active": False,
            "new": 1,
        },
    ]
    assert inbox.staff_take() == 2
    assert inbox.staff_take() == 0
    stub.employees[0]["position"] = "Инженер"
    assert inbox.staff_take() == 1
    people = {person.external_id: person for person in DirectoryPerson.objects.all()}
    assert (people["e-1"].position, people["e-2"].is_active) == ("Инженер", False)
