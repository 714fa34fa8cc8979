"""What goes along when two cards become one, table by table, and comes back (rule C6)."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, connection, transaction

from clients.choices import InvitationState, WorkState
from clients.events import task_wanted
from clients.models import (
    Binding,
    Client,
    ClientDetails,
    ClientMerge,
    ClientPerson,
    ClientPhone,
    ConnectionCheck,
    EdoDocument,
    Invitation,
    NotRelated,
)
from clients.selectors.merging import HIDDEN, Reference, references
from core import clock, db
from core.errors import DomainError
from partners.models import Employee

from .signals import signals_refresh

OWN_WAY = HIDDEN - {"clients.ClientMerge.main"} | {
    "clients.Binding.client", "clients.ClientPerson.client", "clients.ClientPhone.client", "clients.Invitation.client",
    "clients.ConnectionCheck.client", "clients.EdoDocument.client",
}  # fmt: skip
"""Tables with a rule of their own below; every other one just changes its card."""
MAY_STAY = frozenset({"accounts.NextContact.client"})
"""Where the main card has its own already, the other card's row stays with it as history."""
HAND_TYPED = ("site", "actual_address", "bank")
STEPS = [
    WorkState.NEW,
    WorkState.REFUSED,
    WorkState.CONTACTED,
    WorkState.AGREED,
    WorkState.REGISTERING,
    WorkState.CONNECTED,
]


def further(first: str, second: str) -> str:
    """Of two states of work the one that went further."""
    return max(first, second, key=STEPS.index)


def move_all(main: Client, other: Client, *, actor: Employee, reason: str, on: date) -> dict[str, Any]:
    """Everything of `other` to `main`: {label: ids} for the way back, with what was done to bindings and marks."""
    moved: dict[str, Any] = {"main": main.pk, "register": bool(other.ogrn)}
    moved["bindings"] = _bindings(main, other, actor=actor, reason=reason, on=on)
    for reference in references():
        if reference.label not in OWN_WAY:
            moved[reference.label] = _move(reference, main, other)
    moved["clients.ClientPhone.client"] = _phones(main, other)
    moved["clients.ClientPerson.client"] = _people(main, other)
    moved["clients.Invitation.client"] = _invitations(main, other)
    moved["clients.EdoDocument.client"] = _documents(main, other)
    if not ConnectionCheck.objects.filter(pk=main.pk).exists():
        moved["check"] = ConnectionCheck.objects.filter(pk=other.pk).update(client=main)
    marks = NotRelated.objects.filter(first=other, withdrawn_at=None) | NotRelated.objects.filter(
        second=other, withdrawn_at=None
    )
    moved["marks"] = list(marks.values_list("pk", flat=True))
    NotRelated.objects.filter(pk__in=moved["marks"]).update(withdrawn_at=clock.now())
    return moved


def _move(reference: Reference, main: Client, other: Client) -> list[int]:
    rows = reference.model._base_manager.filter(**{reference.field.name: other})
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    if not ids:
        return []
    try:
        with transaction.atomic():
            reference.model._base_manager.filter(pk__in=ids).update(**{reference.field.name: main})
            # Deferred constraints speak now, where the table they speak of is known.
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    except DatabaseError as error:
        if db.refusal(error) is None:
            raise
        if reference.label not in MAY_STAY:
            raise DomainError(
                f"Не переносится: {reference.title}. Сделайте главной другую карточку или сначала разберите их вручную.",
                code="stays",
            ) from error
        return []
    return ids


def _phones(main: Client, other: Client) -> list[int]:
    known = set(ClientPhone.objects.filter(client=main).values_list("number", "extension"))
    rows = [row for row in ClientPhone.objects.filter(client=other) if (row.number, row.extension) not in known]
    ClientPhone.objects.filter(pk__in=[row.pk for row in rows]).update(client=main)
    return [row.pk for row in rows]


def _people(main: Client, other: Client) -> list[int]:
    """One record per person: who is known at both stays once, with the fuller part."""
    known = {link.person_id: link for link in ClientPerson.objects.filter(client=main)}
    ids = []
    for link in ClientPerson.objects.filter(client=other).order_by("pk"):
        if twin := known.get(link.person_id):
            if link.registers and not twin.registers:
                twin.registers = True
                twin.save(update_fields=["registers"])
            continue
        ids.append(link.pk)
    preferred = any(link.is_preferred for link in known.values())
    moving = ClientPerson.objects.filter(pk__in=ids)
    moving.update(client=main, **({"is_preferred": False} if preferred else {}))
    return ids


def _invitations(main: Client, other: Client) -> list[int]:
    """An invitation open at both by one sender joins the main card's; the rest goes along."""
    opened = {_sender(row): row for row in Invitation.objects.filter(client=main, closed_at=None)}
    for row in Invitation.objects.filter(client=other, closed_at=None):
        if kept := opened.get(_sender(row)):
            kept.documents += row.documents
            kept.amount = None if kept.amount is None and row.amount is None else (kept.amount or 0) + (row.amount or 0)
            kept.save(update_fields=["documents", "amount"])
            row.state, row.closed_at, row.token_hash = InvitationState.EXPIRED, clock.now(), None
            row.refusal_reason = "Объединено с таким же приглашением"
            row.save(update_fields=["state", "closed_at", "token_hash", "refusal_reason"])
    ids = list(Invitation.objects.filter(client=other).values_list("pk", flat=True))
    Invitation.objects.filter(pk__in=ids).update(client=main)
    return ids


def _documents(main: Client, other: Client) -> list[int]:
    """A document told for both cards stands at the main one already."""
    told = EdoDocument.objects.filter(client=main).values("external_id")
    ids = list(EdoDocument.objects.filter(client=other).exclude(external_id__in=told).values_list("pk", flat=True))
    EdoDocument.objects.filter(pk__in=ids).update(client=main)
    return ids


def _sender(row: Invitation) -> tuple:
    """Who invites, and to what: a card, or the name of a sender without one."""
    return row.sender_id, "" if row.sender_id else row.sender_name, row.topic


def _bindings(main: Client, other: Client, *, actor: Employee, reason: str, on: date) -> dict[str, list]:
    """The main card's manager stays and the other's is told; what is free at the main card takes the other's."""
    mine = {row.topic_id: row for row in Binding.objects.open().filter(client=main)}
    closed, made = [], []
    for row in Binding.objects.open().filter(client=other).select_related("salespoint", "manager").order_by("topic_id"):
        _close(row, actor, reason)
        closed.append(row.pk)
        kept = mine.get(row.topic_id)
        if kept is None:
            made.append(_open(main, row, actor, reason).pk)
        elif kept.manager_id is None and row.manager_id and kept.salespoint_id == row.salespoint_id:
            _close(kept, actor, reason)
            made.append(_open(main, row, actor, reason).pk)
            closed.append(kept.pk)
        elif row.manager_id and row.manager_id != kept.manager_id:
            task_wanted.send(
                Client, client_id=main.pk, assignee_id=row.manager_id, salespoint_id=row.salespoint_id, kind="review",
                title=f"Ваша карточка объединена с карточкой коллеги: {other.name}"[:200], due_on=on, key=f"merged:{row.pk}", by=actor,
            )  # fmt: skip
    return {"closed": closed, "made": made}


def _close(row: Binding, actor: Employee, reason: str) -> None:
    row.closed_at, row.closed_by, row.close_reason = max(clock.now(), row.since), actor, reason
    row.save(update_fields=["closed_at", "closed_by", "close_reason"])


def _open(client: Client, like: Binding, actor: Employee, reason: str) -> Binding:
    now = max(clock.now(), like.closed_at or like.since)
    return Binding.objects.create(
        client=client, topic_id=like.topic_id, salespoint_id=like.salespoint_id, manager_id=like.manager_id, since=now,
        manager_since=now if like.manager_id else None, by=actor, reason=reason,
    )  # fmt: skip


def details_swap(main: Client, other: Client) -> dict[str, Any]:
    """The register's wide row goes with its ОГРН; what people typed stays where it is filled. Both as they were."""
    rows = {row.pk: row for row in ClientDetails.objects.filter(pk__in=[main.pk, other.pk])}
    had = {name: _details(rows.get(card.pk)) for name, card in (("main_details", main), ("other_details", other))}
    mine, theirs = rows.get(main.pk), rows.get(other.pk)
    if theirs is None:
        return had
    from_register = bool(other.ogrn) or mine is None
    values = {
        field.attname: getattr(theirs, field.attname)
        for field in ClientDetails._meta.concrete_fields
        if not field.primary_key
    }
    typed = {name: (getattr(mine, name) if mine else None) or values[name] for name in HAND_TYPED}
    wanted = values | typed if from_register else typed
    ClientDetails.objects.update_or_create(client=main, defaults=wanted)
    theirs.delete()
    return had


def details_restore(main: Client, other: Client, snapshot: dict[str, Any]) -> None:
    """The wide rows as they were, each by its card; what the register wrote since stays with the register's card."""
    now = _details(ClientDetails.objects.filter(pk=main.pk).first())
    for card, name in ((main, "main_details"), (other, "other_details")):
        values = snapshot[name]
        has_register = bool(card.ogrn) and now is not None
        if values is None:
            if not has_register:
                ClientDetails.objects.filter(pk=card.pk).delete()
            continue
        if has_register:
            values = now | {field: values[field] for field in HAND_TYPED}
        ClientDetails.objects.update_or_create(client=card, defaults=values)


def _details(row: ClientDetails | None) -> dict[str, Any] | None:
    if row is None:
        return None
    values = {
        field.attname: getattr(row, field.attname)
        for field in ClientDetails._meta.concrete_fields
        if not field.primary_key
    }
    return json.loads(json.dumps(values, cls=DjangoJSONEncoder))


def move_back(merge: ClientMerge, main: Client, other: Client, *, actor: Employee) -> None:
    """Rows that went along and still stand at the main card return; bindings are opened anew, history stays."""
    moved = merge.moved
    by_label = {reference.label: reference for reference in references()}
    for label, ids in moved.items():
        if (reference := by_label.get(label)) and ids:
            rows = reference.model._base_manager.filter(pk__in=ids, **{reference.field.name: main})
            rows.update(**{reference.field.name: other})
    if moved.get("check"):
        ConnectionCheck.objects.filter(pk=main.pk).update(client=other)
    NotRelated.objects.filter(pk__in=moved["marks"]).update(withdrawn_at=None)
    reason = "Карточки разъединены"
    for row in Binding.objects.open().filter(pk__in=moved["bindings"]["made"], client=main):
        _close(row, actor, reason)
    for row in Binding.objects.filter(pk__in=moved["bindings"]["closed"]).order_by("topic_id"):
        if not Binding.objects.open().filter(client=row.client_id, topic=row.topic_id).exists():
            _open(row.client, row, actor, reason)


def signals_follow(main: Client, other: Client) -> None:
    """What the two share with third cards, written anew for both; relations made by hand go with the main card."""
    with connection.cursor() as cursor:
        if other.is_merged:
            cursor.execute(
                "INSERT INTO clients_clientsignal (client_id, kind, value_hash) SELECT %s, kind, value_hash FROM clients_clientsignal"
                " WHERE client_id = %s AND kind = 'manual' ON CONFLICT DO NOTHING",
                [main.pk, other.pk],
            )
            cursor.execute("DELETE FROM clients_clientsignal WHERE client_id = %s", [other.pk])
    signals_refresh([main.pk] if other.is_merged else [main.pk, other.pk])
