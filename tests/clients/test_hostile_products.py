"""A product that calls badly: text that no database keeps, sums that do not fit, events told twice, strange days."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import OperationalError
from django.test import Client as Browser

from clients.models import EdoDocument, Invitation
from clients.services.products import product_token_create
from core import clock
from tests import factories as make

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def day(clock_at):
    clock_at(TODAY)


@pytest.fixture
def client():
    return make.ClientFactory(name="Ресурс, ООО", inn="7718159470")


@pytest.fixture
def call(db):
    key = product_token_create(title="ЭДО", by=None)[1]
    browser = Browser(headers={"Authorization": f"Bearer {key}"}, raise_request_exception=False)

    def post(path: str, body):
        return browser.post(f"/api/v1/{path}/", body, content_type="application/json")

    return post


def event(**more):
    return {
        "topic": "edo",
        "client": {"inn": "7718159470"},
        "source": "package-1",
        "documents": 3,
        "amount": "10.00",
    } | more


def document(**more):
    return {
        "external_id": "d1",
        "client": {"inn": "7718159470"},
        "direction": "in",
        "kind": "УПД",
        "sent_on": "2026-11-01",
    } | more


ODD = [
    "\ud800",
    "a\x00b",
    "x" * 20_000,
    "\u202eгрОА",
    "e\u0301" * 40,
    "👨‍👩‍👧",
    "<script>alert(1)</script>",
    "'; DROP TABLE x; --",
    5,
    True,
    None,
    [],
    {},
    -1,
    1e308,
    "İ" * 100,
]
BAD_DAYS = [
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "20261101",
    "2026-W44-1",
    "2026-1-1",
    "1800-01-01",
    "٢٠٢٦-١١-٠١",
    "2027-11-01",
]


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
def test_odd_values_in_every_field_are_refused_or_kept_never_a_500(call, client, value):
    seen = {}
    for name in ("topic", "client", "sender", "source", "email", "documents", "amount"):
        seen["invitations", name] = call("invitations", event(**{name: value})).status_code
    for name in ("inn", "kpp", "name"):
        seen["sender", name] = call("invitations", event(sender={"inn": "7751160508"} | {name: value})).status_code
        seen["client", name] = call("invitations", event(client={"inn": "7718159470"} | {name: value})).status_code
    for name in (
        "external_id",
        "client",
        "direction",
        "counterparty",
        "kind",
        "number",
        "sent_on",
        "amount",
        "finished_on",
    ):
        seen["edo", name] = call("edo-documents", document(**{name: value})).status_code
    seen["edo", "name"] = call("edo-documents", document(counterparty={"name": value})).status_code
    seen["started"] = call("invitations/started", {"id": value}).status_code
    for row in (
        {"client": {"inn": value}, "on": "2026-11-01"},
        {"client": value, "on": "2026-11-01"},
        {"client": {}, "on": value},
    ):
        seen["activity", str(row)[:9]] = call("client-activity", {"rows": [row]}).status_code
    seen["rows"] = call("client-activity", {"rows": value}).status_code
    assert {key: status for key, status in seen.items() if status >= 500} == {}


@pytest.mark.parametrize("value", BAD_DAYS)
def test_days_are_written_one_way_and_have_come(call, client, value):
    row = {"client": {"inn": "7718159470"}, "on": value}
    for path, body in (("edo-documents", document(sent_on=value)), ("client-activity", {"rows": [row]})):
        answer = call(path, body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid"), path
    assert not EdoDocument.objects.exists()


def test_the_east_of_the_country_is_a_day_ahead(call, client):
    assert call("client-activity", {"rows": [{"client": {"inn": "7718159470"}, "on": "2026-11-24"}]}).json() == {
        "changed": 1, "unknown": [],
    }  # fmt: skip
    assert call("edo-documents", document(sent_on="2026-11-24")).status_code == 201


@pytest.mark.parametrize("amount", ["-5.00", "1e3", "0E+999999", "NaN", "1500,50", "1.005", "１２", "1" * 13, 5, ""])
def test_sums_are_roubles_and_kopecks_as_text(call, client, amount):
    assert call("invitations", event(amount=amount)).json()["error"]["field"] == "amount"


def test_what_does_not_fit_an_invitation_is_refused(call, client):
    assert call("invitations", event(amount="999999999999.99", documents=1_000_000)).status_code == 201
    answer = call("invitations", event(source="package-2", amount="0.01"))
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "amount")
    Invitation.objects.update(documents=2**31 - 1)
    answer = call("invitations", event(source="package-3", amount=None, documents=1))
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "documents")
    assert Invitation.objects.get().amount == Decimal("999999999999.99")


@pytest.mark.rows("R2.24")
def test_an_event_told_again_adds_nothing_also_when_it_joined(call, client):
    told = [call("invitations", event(source=source)).json()["result"] for source in ("a", "b", "b", "a", "b")]
    assert told == ["sent", "joined", "repeated", "repeated", "repeated"]
    row = Invitation.objects.get()
    assert (row.documents, row.amount) == (6, Decimal("20.00"))
    row.state, row.closed_at = "expired", clock.now()
    row.save()
    assert call("invitations", event(source="b")).json()["result"] == "repeated"


def test_senders_without_a_card_are_told_apart_by_their_names(call, client):
    for name, result in (("Первый, ТОО", "sent"), ("Второй, ТОО", "sent"), ("Первый, ТОО", "joined")):
        assert call("invitations", event(source=f"{name}-{result}", sender={"name": name})).json()["result"] == result
    assert sorted(Invitation.objects.values_list("sender_name", "documents")) == [
        ("Второй, ТОО", 3),
        ("Первый, ТОО", 6),
    ]


def test_a_busy_card_is_answered_in_json(call, client, monkeypatch):
    def refuse(**_facts):
        error = OperationalError("canceling statement due to lock timeout")
        error.sqlstate = "55P03"
        raise error

    monkeypatch.setattr("clients.api.invitation_receive", refuse)
    answer = call("invitations", event())
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "locked")


@pytest.mark.parametrize("size", [1_000_001, 3_000_000])
def test_a_body_too_large_is_answered_in_json(call, size):
    assert call("invitations", "x" * size).json()["error"]["code"] == "too_large"


def test_a_document_number_is_one_clients(call, client):
    other = make.ClientFactory(inn=make.inn10(77))
    assert call("edo-documents", document()).status_code == 201
    assert call("edo-documents", document(client={"inn": other.inn}, direction="out")).status_code == 201
    assert call("edo-documents", document(number="8")).status_code == 200, "a repeat of the first one"
    assert list(EdoDocument.objects.order_by("pk").values_list("client", "number")) == [
        (client.pk, "8"),
        (other.pk, ""),
    ]


def test_a_wrong_method_is_answered_in_json(db):
    answer = Browser().get("/api/v1/edo-documents/")
    assert (answer.status_code, answer["Allow"], answer.json()["error"]["code"]) == (405, "POST", "method")
