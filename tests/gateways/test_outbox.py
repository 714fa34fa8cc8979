"""A down accounting system loses nothing and doubles nothing (billing 3.4, decision 7; docs/gateway.md)."""

from __future__ import annotations

import time
from datetime import timedelta
from itertools import pairwise

import pytest

from core import clock
from core.faults import at, without_protection
from licenses.models import Invoice, OutboxMessage
from licenses.services import HandPayment, allocations_undo, invoice_cancel, outbox, payment_register
from tests.gateways.stub import AccountingStub
from tests.selling import ON

SECRET = "s" * 32
State = OutboxMessage.State


class Killed(BaseException):
    """The worker's process ends here: nothing after it runs."""


@pytest.fixture
def stub(settings):
    with AccountingStub(SECRET) as server:
        settings.GATEWAY, settings.GATEWAY_URL, settings.GATEWAY_SECRET = "http", server.url, SECRET
        settings.GATEWAY_TIMEOUT = 0.2
        yield server


@pytest.fixture
def invoice(shop, stub):
    account = shop.account()
    shop.choose(account, "eo-basic")
    return shop.issue(account)


def hurry() -> None:
    """As if every pause and lease were over."""
    OutboxMessage.objects.filter(state=State.WAITING).update(next_try_at=clock.system_now() - timedelta(seconds=1))


def rounds(most: int = 12) -> None:
    for _ in range(most):
        hurry()
        for pk in outbox.due():
            outbox.deliver(pk)


def states() -> list[str]:
    return list(OutboxMessage.objects.order_by("pk").values_list("state", flat=True))


@pytest.mark.django_db
@pytest.mark.rows("R2.96")
def test_a_sale_is_mirrored_in_order(invoice, shop, stub):
    shop.pay(invoice)
    shop.ship(invoice)
    rounds(4)
    assert [kind for kind, _payload in stub.documents] == ["invoice", "payment", "shipment"]
    head, pay, ship = (payload for _kind, payload in stub.documents)
    assert (head["number"], head["total"], head["payer"]["inn"]) == (
        invoice.number,
        f"{invoice.total:.2f}",
        shop.client.inn,
    )
    assert sum(float(line["amount"]) for line in head["lines"]) == float(invoice.total)
    assert (pay["total"], ship["state"], ship["invoice_number"]) == (f"{invoice.total:.2f}", "shipped", invoice.number)
    invoice.refresh_from_db()
    assert (invoice.external_id, invoice.external_state) == ("A-1", "issued")


@pytest.mark.django_db
def test_a_step_that_is_refused_tells_nothing(invoice, shop):
    before = OutboxMessage.objects.count()
    with pytest.raises(Exception, match="больше нуля"):
        payment_register(invoice_id=invoice.pk, payment=HandPayment(amount=0, date=ON), by=shop.by, on=ON)
    assert OutboxMessage.objects.count() == before


@pytest.mark.django_db
@pytest.mark.parametrize("how", [500, 503, 429, "drop", "garbage", "hang"])
def test_trouble_waits_with_a_growing_pause_and_ends_as_one_document(invoice, stub, how):
    stub.fail(4, how)
    pauses = []
    for _ in range(4):
        hurry()
        assert outbox.deliver(OutboxMessage.objects.get().pk) == State.WAITING
        row = OutboxMessage.objects.get()
        assert row.last_error.startswith("Учетная система")
        pauses.append(row.next_try_at - clock.system_now())
    assert all(later > earlier * 1.2 for earlier, later in pairwise(pauses))
    rounds(2)
    assert states() == [State.SENT]
    assert len(stub.booked("invoice")) == 1


@pytest.mark.django_db
def test_without_the_key_the_time_out_doubles_the_invoice(invoice, stub):
    """The control: what the key protects from is real."""
    stub.fail(2, "hang")
    with without_protection("licenses.outbox.key"):
        rounds(4)
    assert len(stub.booked("invoice")) == 3


@pytest.mark.django_db
def test_nobody_listens_for_days_and_nothing_is_given_up(invoice, shop, settings, stub):
    url, settings.GATEWAY_URL = settings.GATEWAY_URL, "http://127.0.0.1:9"
    shop.pay(invoice)
    rounds(30)
    row = OutboxMessage.objects.order_by("pk").first()
    assert (row.state, row.attempts) == (State.WAITING, 30)
    assert row.next_try_at - clock.system_now() < timedelta(minutes=75)
    settings.GATEWAY_URL = url
    rounds(3)
    assert [kind for kind, _payload in stub.documents] == ["invoice", "payment"]


@pytest.mark.django_db
def test_a_worker_killed_between_send_and_mark(invoice, stub):
    def kill() -> None:
        raise Killed

    hurry()
    with at("licenses.outbox.sent", kill), pytest.raises(Killed):
        outbox.deliver(OutboxMessage.objects.get().pk)
    assert (states(), len(stub.documents)) == ([State.WAITING], 1)
    assert outbox.due() == [], "nobody else takes it while the lease holds"
    rounds(1)
    assert (states(), len(stub.booked("invoice"))) == ([State.SENT], 1)


@pytest.mark.django_db
def test_killed_without_the_key_it_is_booked_twice(invoice, stub):
    """The control."""

    def kill() -> None:
        raise Killed

    hurry()
    with without_protection("licenses.outbox.key"):
        with at("licenses.outbox.sent", kill), pytest.raises(Killed):
            outbox.deliver(OutboxMessage.objects.get().pk)
        rounds(1)
    assert len(stub.booked("invoice")) == 2


@pytest.mark.django_db
def test_a_refusal_asks_a_person_and_holds_back_what_follows(invoice, shop, stub, operator):
    stub.fail(1, 422)
    shop.pay(invoice)
    rounds(3)
    assert states() == [State.PARKED, State.WAITING]
    parked = OutboxMessage.objects.get(state=State.PARKED)
    assert "беда" in parked.last_error
    outbox.outbox_retry(message_id=parked.pk, by=operator)
    rounds(2)
    assert [kind for kind, _payload in stub.documents] == ["invoice", "payment"]


@pytest.mark.django_db
def test_other_invoices_do_not_wait_for_a_parked_one(invoice, shop, stub):
    stub.fail(1, 400)
    account = shop.account(second=True)
    shop.choose(account, "eo-basic")
    other = shop.issue(account)
    rounds(1)
    assert [payload["number"] for payload in stub.booked("invoice")] == [other.number]


@pytest.mark.django_db
def test_settled_by_hand_lets_the_rest_go_on(invoice, shop, stub, operator):
    stub.fail(1, 400)
    shop.pay(invoice)
    rounds(1)
    parked = OutboxMessage.objects.get(state=State.PARKED)
    outbox.outbox_settle(message_id=parked.pk, reason="Внесла бухгалтер", by=operator)
    rounds(1)
    assert [kind for kind, _payload in stub.documents] == ["payment"]


@pytest.mark.django_db
def test_money_taken_back_and_an_annulled_invoice_follow(invoice, shop, stub):
    shop.pay(invoice)
    allocations_undo(invoice_id=invoice.pk, by=shop.by, on=ON)
    invoice_cancel(invoice_id=invoice.pk, reason="Ошибка", by=shop.by, on=ON)
    rounds(5)
    assert [kind for kind, _payload in stub.documents] == ["invoice", "payment", "payment", "cancel"]
    assert [payload["total"] for payload in stub.booked("payment")] == [f"{invoice.total:.2f}", f"-{invoice.total:.2f}"]


@pytest.mark.django_db
def test_a_wrong_secret_is_refused_and_waits_for_a_person(invoice, stub, settings):
    settings.GATEWAY_SECRET = "wrong"
    rounds(1)
    assert states() == [State.PARKED]
    assert not stub.documents


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_it_once(threads, invoice, stub):
    hurry()
    pk = OutboxMessage.objects.get().pk
    with at("licenses.outbox.claimed", lambda: time.sleep(0.05)):
        results = threads(4, lambda _: outbox.deliver(pk))
    assert sorted(map(str, results)) == ["None", "None", "None", "sent"]
    assert stub.requests == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_without_the_claim_send_it_twice(threads, invoice, stub):
    """The control: only the key of the accounting system is left to protect."""
    hurry()
    pk = OutboxMessage.objects.get().pk
    with without_protection("licenses.outbox.claim"), at("licenses.outbox.read", lambda: time.sleep(0.05)):
        threads(4, lambda _: outbox.deliver(pk))
    assert stub.requests > 1
    assert len(stub.booked("invoice")) == 1


@pytest.mark.django_db
def test_the_builtin_system_needs_no_messages(shop):
    account = shop.account()
    shop.choose(account, "eo-basic")
    shop.pay(shop.issue(account))
    assert not OutboxMessage.objects.exists()
    assert Invoice.objects.exists()
