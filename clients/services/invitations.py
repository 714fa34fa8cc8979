"""Invitations: by events of the products and by hand; sent, repeated, refused, expired, accepted (R2.24–R2.26, R2.47)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q

from clients.choices import OPEN_INVITATIONS, InvitationState, InvitationTopic, ProspectState, WorkState
from clients.models import Client, Invitation, InvitationEvent
from clients.selectors.emails import register_emails
from core import clock, journal
from core.db import in_transaction
from core.errors import Conflict, DomainError
from core.text import clean
from partners.models import Employee

from .cards import locked_client
from .contacts import is_email
from .invite_states import refresh_invite_state
from .prospects import work_state_raise

REPEAT_DAYS = 7
VALID_DAYS = 90
MOST_DOCUMENTS = 2**31 - 1
TOO_MUCH = Decimal(10) ** 12

LETTERS = {
    InvitationTopic.EDO: (
        "{sender}: вам отправлены документы",
        "Здравствуйте!\n\n{sender} отправил документы организации «{client}» в электронном виде{documents}.\n"
        "Чтобы открыть их и ответить, зарегистрируйтесь по ссылке:\n{url}\n\nСсылка действует до {until}.\n",
    ),
    InvitationTopic.VAT: (
        "{sender} приглашает сверить НДС",
        "Здравствуйте!\n\n{sender} указал организацию «{client}» в декларации НДС и запустил сверку.\n"
        "Сервис бесплатный: зарегистрируйтесь и загрузите свою декларацию:\n{url}\n\nСсылка действует до {until}.\n",
    ),
}
OUR_LETTERS = {
    InvitationTopic.EDO: (
        "{sender} приглашает обмениваться документами в электронном виде",
        "Здравствуйте!\n\n{sender} приглашает организацию «{client}» получать и отправлять документы в электронном виде.\n"
        "Зарегистрируйтесь по ссылке:\n{url}\n\nСсылка действует до {until}.\n",
    ),
    InvitationTopic.VAT: (
        "{sender} приглашает сверить НДС",
        "Здравствуйте!\n\n{sender} приглашает организацию «{client}» сверить НДС с контрагентами.\n"
        "Сервис бесплатный: зарегистрируйтесь и загрузите свою декларацию:\n{url}\n\nСсылка действует до {until}.\n",
    ),
}
"""By hand, with no counterparty: nobody has sent anything yet."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What an event of a product (or a person) asks for. `source_key` names the document package or the VAT return."""

    topic: str
    sender: Client | None = None
    sender_name: str = ""
    address: str = ""
    source_key: str = ""
    documents: int = 0
    amount: Decimal | None = None
    channel: str = Invitation.Channel.EMAIL

    @property
    def name(self) -> str:
        """What an unknown sender calls itself; of one with a card the card tells."""
        return "" if self.sender else clean(self.sender_name)[:300]


@dataclass(frozen=True, slots=True)
class Invited:
    """`result`: sent, joined (to the one that is open), repeated (the same event again), skipped with its `reason`."""

    result: str
    invitation: Invitation | None = None
    reason: str = ""


@in_transaction
def invitation_receive(*, client_id: int, offer: Offer, on: date) -> Invited:
    """An automatic invitation of an event: never a second one for the same event, never to who refused or is connected.

    Another event of the same sender and topic joins the open invitation, and within 7 days of the last one is silent.
    """
    client = Client.objects.select_for_update(no_key=True).get(pk=client_id)
    if refused := _automatic_refusal(client):
        return Invited("skipped", reason=refused)
    mine = Invitation.objects.filter(client=client, topic=offer.topic, sender=offer.sender)
    if offer.sender is None:
        mine = mine.filter(sender_name=offer.name)
    key = clean(offer.source_key)[:100]
    if key and (known := mine.filter(Q(source_key=key) | Q(joined__source_key=key)).first()):
        return Invited("repeated", known)
    if open_ := mine.filter(closed_at=None).first():
        _join(open_, offer, key)
        return Invited("joined", open_)
    if mine.filter(sent_at__gt=clock.now() - timedelta(days=REPEAT_DAYS)).exists():
        return Invited("skipped", reason="recent")
    return Invited("sent", _create(client, offer, by=None, on=on, source="api"))


@in_transaction
def invitation_send(*, client_id: int, offer: Offer, by: Employee, on: date) -> Invitation:
    """By hand, also to a client that refused before: the refusal is taken back first (R2.3)."""
    client = locked_client(client_id, by=by)
    if client.accounts_count:
        raise DomainError("Клиент уже подключен: приглашать его не нужно.", code="connected")
    if client.is_ceased:
        raise DomainError("Организация прекратила деятельность: приглашать ее нельзя.", code="ceased")
    if offer.channel == Invitation.Channel.EMAIL and not is_email(clean(offer.address).lower()):
        raise DomainError("Проверьте email: он должен быть в виде name@example.ru.", field="address")
    if Invitation.objects.filter(client=client, topic=offer.topic, sender=offer.sender, closed_at=None).exists():
        raise Conflict(
            "Такое приглашение уже отправлено. Отправьте его снова из раздела «Приглашения».",
            code="invitation_open_once",
        )
    if client.prospect_state == ProspectState.DECLINED:
        client.prospect_state, client.decline_reason, client.work_state = ProspectState.NONE, "", WorkState.CONTACTED
        client.save(update_fields=["prospect_state", "decline_reason", "work_state"])
    return _create(client, offer, by=by, on=on, source="ui")


@in_transaction
def invitation_resend(*, invitation_id: int, by: Employee, on: date) -> Invitation:
    """Send an open invitation once more: a new link, the old one stops working."""
    client = locked_client(Invitation.objects.values_list("client_id", flat=True).get(pk=invitation_id), by=by)
    invitation = Invitation.objects.select_for_update().get(pk=invitation_id)
    if invitation.closed_at:
        raise Conflict("Приглашение уже закрыто.", code="closed")
    if not invitation.address:
        raise DomainError("У приглашения нет адреса. Отправьте новое.", code="no_address")
    invitation.sent_at, invitation.delivered_at, invitation.expires_on = (
        clock.now(),
        None,
        on + timedelta(days=VALID_DAYS),
    )
    invitation.save(update_fields=["sent_at", "delivered_at", "expires_on"])
    refresh_invite_state(client, on=on)
    journal.record(client, "invitation.resent", by=by, data={"client": client.pk, "invitation": invitation.pk})
    return invitation


def invitation_deliver(*, invitation_id: int) -> bool:
    """Send the letter of a waiting invitation; False when it was sent or closed meanwhile. The mail server's error is raised.

    The letter and its record are one transaction: what failed is tried again by the job. The link is known to the letter alone.
    """
    with transaction.atomic():
        client_id = Invitation.objects.values_list("client_id", flat=True).get(pk=invitation_id)
        client = Client.objects.select_for_update(no_key=True).get(pk=client_id)
        waiting = Invitation.objects.select_for_update().filter(pk=invitation_id, delivered_at=None, closed_at=None)
        invitation = waiting.exclude(address="").first()
        if invitation is None:
            return False
        token = secrets.token_urlsafe(24)
        invitation.token_hash, invitation.delivered_at = token_hash(token), clock.now()
        if invitation.state == InvitationState.NOT_WORKED:
            invitation.state = InvitationState.INVITED
        invitation.save(update_fields=["token_hash", "delivered_at", "state"])
        refresh_invite_state(client, on=clock.today())
        _letter(invitation, token).send()
        return True


def _letter(invitation: Invitation, token: str) -> EmailMessage:
    subject, body = (OUR_LETTERS if invitation.is_ours else LETTERS)[invitation.topic]
    facts = {
        "sender": invitation.sender.name if invitation.sender else invitation.sender_name or "Ваш контрагент",
        "client": invitation.client.name,
        "documents": f": {invitation.documents}" if invitation.documents else "",
        "url": f"{settings.SITE_URL}/invitation/{token}/",
        "until": f"{invitation.expires_on:%d.%m.%Y}",
    }
    return EmailMessage(subject.format(**facts)[:200], body.format(**facts), to=[invitation.address])


@in_transaction
def invitation_start(*, invitation_id: int) -> None:
    """The client opened the product or began to fill in the form: «Начал регистрацию»; a repeat changes nothing."""
    client_id = Invitation.objects.values_list("client_id", flat=True).get(pk=invitation_id)
    client = Client.objects.select_for_update(no_key=True).get(pk=client_id)
    changed = Invitation.objects.filter(pk=invitation_id, closed_at=None).exclude(state=InvitationState.STARTED)
    if changed.update(state=InvitationState.STARTED):
        work_state_raise(client, WorkState.REGISTERING)
        refresh_invite_state(client, on=clock.today())
        journal.record(
            client, "invitation.started", by=None, data={"client": client.pk, "invitation": invitation_id}, source="api"
        )


@transaction.atomic
def invitations_expire(*, on: date, limit: int = 500) -> int:
    """Close what is past its day and tell the cards; the number of invitations, at most `limit`."""
    due = Invitation.objects.filter(closed_at=None, expires_on__lt=on).order_by("client_id", "pk")[:limit]
    rows = list(due.values_list("pk", "client_id"))
    clients = (
        Client.objects.filter(pk__in={client_id for _pk, client_id in rows})
        .order_by("pk")
        .select_for_update(no_key=True)
    )
    cards = list(clients)
    Invitation.objects.filter(pk__in=[pk for pk, _client in rows], closed_at=None).update(
        state=InvitationState.EXPIRED, closed_at=clock.now(), token_hash=None
    )
    for client in cards:
        refresh_invite_state(client, on=on)
        journal.record(client, "invitation.expired", by=None, data={"client": client.pk}, source="job")
    return len(rows)


def invitation_of(token: str) -> Invitation | None:
    """The open invitation a link belongs to, if it is valid today."""
    found = Invitation.objects.filter(token_hash=token_hash(token), closed_at=None, state__in=OPEN_INVITATIONS)
    return found.filter(expires_on__gte=clock.today()).select_related("client", "sender").first()


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _join(invitation: Invitation, offer: Offer, key: str) -> None:
    """Add an event to the open invitation (its client is locked); what does not fit is refused, not cut."""
    documents, amount = invitation.documents + offer.documents, invitation.amount
    if documents > MOST_DOCUMENTS:
        raise DomainError("Документов в одном приглашении слишком много: проверьте число.", field="documents")
    if offer.amount is not None:
        amount = (amount or 0) + offer.amount
        if amount >= TOO_MUCH:
            raise DomainError("Сумма документов приглашения слишком велика: проверьте ее.", field="amount")
    if key:
        InvitationEvent.objects.create(
            invitation=invitation, source_key=key, documents=offer.documents, amount=offer.amount, at=clock.now()
        )
    invitation.documents, invitation.amount = documents, amount
    invitation.save(update_fields=["documents", "amount"])


def _automatic_refusal(client: Client) -> str:
    if client.accounts_count:
        return "connected"
    if client.is_ceased:
        return "ceased"
    return "refused" if client.prospect_state == ProspectState.DECLINED else ""


def _create(client: Client, offer: Offer, *, by: Employee | None, on: date, source: str) -> Invitation:
    if offer.topic not in InvitationTopic.values:
        raise DomainError("Такой темы приглашения нет.", field="topic")
    address = clean(offer.address).lower() or register_emails([client.pk]).get(client.pk, "")
    invitation = Invitation.objects.create(
        client=client, sender=offer.sender, sender_name=offer.name, topic=offer.topic, channel=offer.channel,
        address=address if is_email(address) else "", source_key=clean(offer.source_key)[:100], documents=offer.documents, amount=offer.amount,
        sent_at=clock.now(), expires_on=on + timedelta(days=VALID_DAYS), created_by=by,
    )  # fmt: skip
    refresh_invite_state(client, on=on)
    journal.record(
        client, "invitation.sent", by=by, source=source,
        data={"client": client.pk, "invitation": invitation.pk, "topic": offer.topic, "topic_title": invitation.get_topic_display()},
    )  # fmt: skip
    return invitation
