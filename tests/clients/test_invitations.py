"""Invitations: from the products' events to an active trial (R2.24–R2.26, R2.47, R2.57–R2.60)."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.test import Client as Browser

from accounts.models import Account, Task
from clients.choices import InvitationState
from clients.models import Client, EdoDocument, Invitation
from clients.services import client_decline
from clients.services.invitations import Offer, invitation_receive, invitation_resend, invitation_send
from clients.services.products import product_token_create, product_token_revoke
from core.errors import Conflict, DomainError
from core.jobs import get
from core.jobs.scheduling import run_by_hand
from tests import factories as make

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def day(clock_at):
    clock_at(TODAY)


@pytest.fixture
def client():
    made = make.ClientFactory(name="Ресурс, ООО", inn="7718159470")
    make.details(made, email="info@resource.example")
    return made


@pytest.fixture
def sender():
    return make.ClientFactory(name="Поставщик, АО", inn="7751160508")


@pytest.fixture
def product(db):
    return product_token_create(title="ЭДО", by=None)[1]


@pytest.fixture
def call(product):
    """call(path, body) -> (status, answer) as the product."""

    def post(path: str, body, key: str = product):
        response = Browser().post(
            f"/api/v1/{path}/", body, content_type="application/json", headers={"Authorization": f"Bearer {key}"}
        )
        return response.status_code, response.json()

    return post


def event(**more):
    facts = {
        "topic": "edo",
        "client": {"inn": "7718159470"},
        "sender": {"inn": "7751160508"},
        "source": "package-1",
        "documents": 3,
        "amount": "1500.50",
    }
    return facts | more


def deliver():
    run_by_hand(get("clients.deliver_invitations"), None)


@pytest.mark.rows("R2.24", "R2.25")
def test_a_package_of_documents_invites_once(call, client, sender):
    status, answer = call("invitations", event())
    assert (status, answer["result"]) == (201, "sent")
    assert call("invitations", event())[1] == {"result": "repeated", "id": answer["id"]}
    assert call("invitations", event(source="package-2"))[1]["result"] == "joined"
    invitation = Invitation.objects.get()
    assert (invitation.documents, invitation.amount, invitation.sender) == (6, Decimal("3001.00"), sender)
    client.refresh_from_db()
    assert (client.prospect_state, client.invite_state, client.invited_on) == ("invited", "not_worked", TODAY)


@pytest.mark.rows("R2.26")
def test_a_vat_return_invites_every_unconnected_counterparty(call, client, sender):
    other = make.ClientFactory(inn="7727336310")
    for inn in (client.inn, other.inn):
        assert call("invitations", event(topic="vat", source=f"vat-{inn}", client={"inn": inn}))[1]["result"] == "sent"
    assert set(Invitation.objects.values_list("topic", "client_id")) == {("vat", client.pk), ("vat", other.pk)}


@pytest.mark.rows("R2.24")
def test_who_refused_or_is_connected_is_left_alone(call, client, sender, operator):
    call("invitations", event())
    client_decline(client_id=client.pk, reason="price", comment="дорого", by=operator, on=TODAY)
    assert call("invitations", event(source="package-9"))[1] == {"result": "skipped", "id": None, "reason": "refused"}
    Client.objects.filter(pk=client.pk).update(prospect_state="trial", accounts_count=1)
    assert call("invitations", event(source="package-9"))[1]["reason"] == "connected"
    Client.objects.filter(pk=client.pk).update(prospect_state="none", accounts_count=0, ceased_on=TODAY)
    assert call("invitations", event(source="package-9"))[1]["reason"] == "ceased"


def test_the_same_sender_is_silent_for_seven_days(client, sender, clock_at):
    offer = Offer("edo", sender=sender, source_key="a")
    assert invitation_receive(client_id=client.pk, offer=offer, on=TODAY).result == "sent"
    Invitation.objects.update(state=InvitationState.EXPIRED, closed_at="2026-11-23T10:00Z")
    clock_at(TODAY + timedelta(days=6))
    assert (
        invitation_receive(client_id=client.pk, offer=Offer("edo", sender=sender, source_key="b"), on=TODAY).reason
        == "recent"
    )
    clock_at(TODAY + timedelta(days=8))
    assert (
        invitation_receive(client_id=client.pk, offer=Offer("edo", sender=sender, source_key="b"), on=TODAY).result
        == "sent"
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (event(client={"inn": "7718159471"}), "client.inn"), (event(client={"inn": "7727336310"}), "client.inn"), (event(client=5), "client"), (event(topic="x"), "topic"),
        (event(documents=-1), "documents"), (event(amount=1.5), "amount"), (event(amount="1e999"), "amount"), (event(source="a\x00b"), "source"), (event(source=""), "source"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_refused_with_its_field(call, client, sender, body, field):
    status, answer = call("invitations", body)
    assert status == 422 and answer["error"]["field"] == field
    assert not Invitation.objects.exists()


def test_without_a_valid_key_nothing_is_told(call, client, product):
    assert call("invitations", event(), key="sbp_wrong")[0] == 401
    assert call("invitations", "[1]")[1]["error"]["code"] == "not_object"
    row, key = product_token_create(title="Другой", by=None)
    product_token_revoke(token_id=row.pk, by=None)
    assert call("invitations", event(), key=key)[0] == 401
    assert Browser().post("/api/v1/invitations/", event(), content_type="application/json").status_code == 401


def test_a_key_is_made_from_the_command_line(capsys, db):
    from django.core.management import call_command

    call_command("make_product_token", "ЭДО")
    assert capsys.readouterr().out.startswith("sbp_")


@pytest.mark.rows("R2.49")
def test_documents_are_reported_and_finished(call, client, sender):
    report = {
        "external_id": "d1",
        "client": {"inn": client.inn},
        "direction": "in",
        "counterparty": {"inn": sender.inn},
        "kind": "УПД",
        "number": "7",
        "sent_on": "2026-11-01",
        "amount": "10.00",
    }
    assert call("edo-documents", report)[0] == 201
    assert call("edo-documents", report | {"finished_on": "2026-11-20"})[0] == 200
    row = EdoDocument.objects.get()
    assert (row.counterparty, str(row.finished_on)) == (sender, "2026-11-20")


# --- the letter, the link, the trial ---


def link() -> str:
    return re.search(r"(/invitation/[\w-]+/)", mail.outbox[-1].body)[1]


FORM = {"full_name": "Счетова Анна", "email": "buh@resource.example", "phone": "+7 495 712-00-02", "consent": "on"}


@pytest.mark.rows("R2.58", "R2.59", "R2.68")
def test_the_link_of_the_letter_opens_an_active_trial(call, client, sender, manager, signed_in):
    make.bound(client, manager)
    call("invitations", event())
    deliver()
    deliver()
    assert len(mail.outbox) == 1 and mail.outbox[0].to == ["info@resource.example"]
    assert "Поставщик, АО" in mail.outbox[0].subject and ": 3." in mail.outbox[0].body
    client.refresh_from_db()
    assert client.invite_state == "invited"
    browser = Browser()
    assert "Ресурс, ООО" in browser.get(link()).content.decode()
    assert browser.post(link(), {**FORM, "consent": ""}).status_code == 422
    client.refresh_from_db()
    assert (client.invite_state, client.work_state) == ("started", "registering")
    assert "Личный кабинет открыт" in browser.post(link(), FORM).content.decode()
    client.refresh_from_db()
    account = Account.objects.get()
    assert (client.prospect_state, client.invite_state, client.main_account_number, client.manager) == (
        "trial",
        "connected",
        account.number,
        manager,
    )
    assert (account.source, account.manager, account.salespoint) == ("self", manager, manager.salespoint)
    task = Task.objects.get(kind="to_paid")
    assert (task.assignee, task.due_on) == (manager, date(2026, 11, 26))
    assert browser.get(link()).status_code == 404
    person = account.contacts.get().person
    assert (person.source, person.basis, client.persons.get().role) == (
        "client",
        "согласие при регистрации",
        "registers",
    )
    second = browser.post(link(), FORM)  # of a double click
    assert second.status_code == 200 and "Личный кабинет открыт" in second.content.decode()
    assert Account.objects.count() == 1
    html = signed_in(manager).get("/clients/potential/invited/?invite=connected").content.decode()
    assert "Ресурс, ООО" in html


@pytest.mark.rows("R2.58", "R2.60")
def test_a_registration_reported_twice_makes_one_account(call, client, point):
    body = {
        "key": "cab-1",
        "client": {"inn": client.inn},
        "contact": {"full_name": "Счетова Анна", "phone": "+7 495 712-00-02"},
    }
    first, second = call("registrations", body), call("registrations", body)
    assert (first[0], second[0]) == (201, 200) and first[1]["account"] == second[1]["account"]
    assert call("registrations", body | {"key": "cab-2"})[1] == {"account": first[1]["account"], "result": "linked"}
    client.refresh_from_db()
    account = Account.objects.get()
    assert (client.prospect_state, account.manager, account.salespoint) == ("trial", None, point)
    assert set(Task.objects.values_list("kind", "assignee")) == {("present", None), ("to_paid", None)}


@pytest.mark.rows("R2.2")
def test_invitations_expire_and_the_card_leaves_the_category(call, client, sender):
    call("invitations", event())
    run_by_hand(get("clients.expire_invitations"), TODAY + timedelta(days=90))
    client.refresh_from_db()
    assert client.prospect_state == "invited"
    run_by_hand(get("clients.expire_invitations"), TODAY + timedelta(days=91))
    client.refresh_from_db()
    assert (client.prospect_state, client.invite_state) == ("none", "expired")


def test_a_letter_that_fails_is_tried_again(call, client, sender, monkeypatch):
    from django.core.mail import EmailMessage

    call("invitations", event())
    with monkeypatch.context() as broken:
        broken.setattr(EmailMessage, "send", lambda self: (_ for _ in ()).throw(OSError("нет почты")))
        deliver()
    assert Invitation.objects.get().delivered_at is None
    deliver()
    assert Invitation.objects.get().delivered_at is not None


@pytest.mark.rows("R2.3", "R2.47")
def test_by_hand_also_after_a_refusal(client, manager, signed_in):
    make.bound(client, manager)
    client_decline(client_id=client.pk, reason="no_need", comment="не сейчас", by=manager, on=TODAY)
    page = signed_in(manager)
    assert page.post(f"/clients/{client.pk}/invite/", {"topic": "edo", "address": "не почта"}).status_code == 422
    assert (
        page.post(f"/clients/{client.pk}/invite/", {"topic": "edo", "address": "dir@resource.example"}).status_code
        == 302
    )
    client.refresh_from_db()
    assert client.prospect_state == "invited"
    deliver()
    old = link()
    invitation = Invitation.objects.get()
    with pytest.raises(Conflict):
        invitation_send(client_id=client.pk, offer=Offer("edo", address="x@y.example"), by=manager, on=TODAY)
    assert page.post(f"/clients/{client.pk}/invitations/{invitation.pk}/resend/").status_code == 302
    deliver()
    assert link() != old and Browser().get(old).status_code == 404


def test_a_closed_invitation_is_not_sent_again(client, manager):
    make.bound(client, manager)
    invitation = invitation_send(client_id=client.pk, offer=Offer("edo", address="a@b.example"), by=manager, on=TODAY)
    client_decline(client_id=client.pk, reason="no_need", comment="не сейчас", by=manager, on=TODAY)
    with pytest.raises(Conflict):
        invitation_resend(invitation_id=invitation.pk, by=manager, on=TODAY)
    with pytest.raises(DomainError):
        Client.objects.filter(pk=client.pk).update(accounts_count=1)
        invitation_send(client_id=client.pk, offer=Offer("vat", address="a@b.example"), by=manager, on=TODAY)


@pytest.mark.rows("R2.4", "R2.5")
def test_activity_told_by_a_product_brings_a_silent_client_back(call, client, sender):
    Client.objects.filter(pk=client.pk).update(
        prospect_state="trial", accounts_count=1, trial_reason="account", last_active_on=date(2026, 8, 20)
    )
    run_by_hand(get("clients.lose_silent"), TODAY)
    client.refresh_from_db()
    assert (client.prospect_state, client.lost_reason) == ("lost", "inactive")
    rows = [{"client": {"inn": client.inn}, "on": day} for day in ("2026-11-20", "2026-11-01")]
    status, answer = call("client-activity", {"rows": [*rows, {"client": {"inn": "7727336310"}, "on": "2026-11-20"}]})
    assert (status, answer) == (200, {"changed": 1, "unknown": [2]})
    client.refresh_from_db()
    assert (client.prospect_state, client.lost_reason, client.last_active_on) == ("trial", "", date(2026, 11, 20))
    assert call("client-activity", {"rows": rows})[1] == {"changed": 0, "unknown": []}
