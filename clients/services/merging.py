"""Two cards of one organisation become one, and two again within thirty days (rule C6, R2.46)."""

from __future__ import annotations

import json
from datetime import date, timedelta

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from clients.choices import ProspectState
from clients.events import client_merged
from clients.models import BindingTopic, Client, ClientBranch, ClientDetails, ClientMerge
from clients.models.client import NO_CONTACT, UNKNOWN_DATE
from clients.rules import UNDO_DAYS
from clients.selectors.merging import refusal
from core import clock, journal
from core.db import in_transaction
from core.errors import Conflict, DomainError
from core.locks import advisory_xact_lock
from core.rights import require
from core.text import clean
from partners.models import Employee
from partners.rights import Right

from . import merging_moves as moves
from .binding import lock_key
from .contacts import client_contacts_refresh
from .invite_states import refresh_invite_state
from .people import acting, locked_people

KEPT_BY_CARD = frozenset({"id", "salespoint", "manager", "version"})
"""Columns that a merge does not restore: a binding's copies and the lock's counter."""
REGISTER = (
    "ogrn", "inn", "kpp", "kind", "name", "name_norm", "region_code", "city", "registered_on", "ceased_on", "state_code", "okved",
    "as_of", "record_as_of", "src_hash", "is_flagged",
)  # fmt: skip
TYPED = {"name": "Название", "kpp": "КПП", "city": "Город"}
"""Columns a person may choose between, where no register speaks for either card."""
EMPTY = {
    "ogrn": None, "inn": "", "kpp": "", "name_norm": "", "region_code": "", "has_phone": False, "phone_tail": "", "lost_reason": "",
    "decline_reason": "", "trial_reason": "", "invite_state": "", "invited_on": UNKNOWN_DATE, "next_contact_on": NO_CONTACT,
    "last_active_on": UNKNOWN_DATE, "accounts_count": 0, "main_account_number": None, "src_hash": None,
    "prospect_state": ProspectState.MERGED,
}  # fmt: skip
"""A merged card keeps its name and dates, and nothing to be found, listed or counted by."""


@in_transaction
def clients_merge(
    *, main_id: int, other_id: int, reason: str, by: Employee, on: date, take: frozenset[str] = frozenset()
) -> ClientMerge:
    """Everything of `other` goes to `main`; `other` stays as a road to it. The register's record goes to `main` whoever had it.

    `take`: names of TYPED to take from `other`, where neither card is in the register. Bindings: the manager of `main`
    stays, the other one is told; a free topic takes the other card's. What may not move (invoices already issued) refuses
    the merge and asks for the other card as the main one. Client.DoesNotExist outside the viewer's scope.
    """
    main, other, actor = _locked_pair(main_id, other_id, by)
    reason = clean(reason)
    if len(reason) < 3:
        raise DomainError("Укажите, почему это одна организация.", field="reason")
    if why := refusal(main, other):
        raise DomainError(why, code="not_twins")
    _check_accounts(main, other)
    snapshot = {"main": _columns(main), "other": _columns(other)} | moves.details_swap(main, other)
    kept = {"other_name": other.name, "main_name": main.name}
    moved = moves.move_all(main, other, actor=actor, reason=f"Объединение карточек: {reason}"[:300], on=on)
    moved |= {"branch": _branch(main, other), "take": sorted(take & TYPED.keys())}
    _merge_columns(main, other, take)
    merge = ClientMerge.objects.create(
        main=main, other=other, other_name=other.name, reason=reason[:300], by=actor, at=clock.now(), snapshot=snapshot, moved=moved
    )  # fmt: skip
    _copies({main.pk: main}, on=on, by=actor)
    moves.signals_follow(main, other)
    for card in (main, other):
        name = kept["other_name"] if card is main else kept["main_name"]
        data = {"client": card.pk, "main": main.pk, "other": other.pk, "other_name": name, "reason": reason}
        journal.record(card, "client.merged", by=actor, data=data)
    return merge


@in_transaction
def merge_undo(*, merge_id: int, by: Employee, on: date) -> ClientMerge:
    """Two cards again, each with what it had; what came later stays with the main card. Within thirty days.

    Refused after a later merge of the main card, and where a fact no longer lets go (an ИНН typed anew meanwhile).
    """
    seen = ClientMerge.objects.get(pk=merge_id)
    inn = seen.snapshot["other"]["inn"] or str(seen.main_id)
    main, other, actor = _locked_pair(seen.main_id, seen.other_id, by, key=inn)
    merge = ClientMerge.objects.select_for_update().get(pk=merge_id)
    if merge.undone_at:
        raise Conflict("Карточки уже разъединены.", code="undone")
    if merge.at < clock.now() - timedelta(days=UNDO_DAYS):
        raise DomainError(f"Прошло больше {UNDO_DAYS} дней: разъединить карточки уже нельзя.", code="late")
    if merge.main_id != merge.moved["main"] or ClientMerge.objects.filter(main=main, undone_at=None, pk__gt=merge.pk):
        raise DomainError("После этого карточку объединили еще раз. Сначала отмените более позднее объединение.")
    ClientBranch.objects.filter(pk=merge.moved.get("branch") or 0).delete()
    _columns_back(main, other, merge)
    moves.details_restore(main, other, merge.snapshot)
    moves.move_back(merge, main, other, actor=actor)
    merge.undone_at, merge.undone_by = clock.now(), actor
    merge.save(update_fields=["undone_at", "undone_by"])
    _copies({main.pk: main, other.pk: other}, on=on, by=actor)
    moves.signals_follow(main, other)
    for card, name in ((main, other.name), (other, main.name)):
        journal.record(card, "client.merge_undone", by=actor, data={"client": card.pk, "other_name": name})
    return merge


def _locked_pair(main_id: int, other_id: int, by: Employee, *, key: str = "") -> tuple[Client, Client, Employee]:
    """Both cards under every lock of rule C1, in the order of decision 30."""
    if main_id == other_id:
        raise DomainError("Выберите две разные карточки.", code="same")
    seen = Client.objects.in_bulk([main_id, other_id])
    if len(seen) < 2:
        raise Client.DoesNotExist
    topics = BindingTopic.objects.values_list("code", flat=True)
    keys = {key or lock_key(card) for card in seen.values()}
    advisory_xact_lock("bind", *(f"{each}:{topic}" for each in keys for topic in topics))
    actor = acting(locked_people(by.pk), by)
    rows = Client.objects.filter(pk__in=seen).order_by("pk").select_for_update(no_key=True)
    cards = {card.pk: card for card in rows}
    main, other = cards[main_id], cards[other_id]
    for card in (main, other) if not key else (main,):
        if card.is_merged or not actor.may(Right.CLIENT_VIEW, card):
            raise Client.DoesNotExist
        require(actor, Right.CLIENT_MERGE, card)
        if not key and lock_key(card) != lock_key(seen[card.pk]):
            raise Conflict("Реквизиты карточки только что изменились. Повторите.", code="changed")
    return main, other, actor


def _check_accounts(main: Client, other: Client) -> None:
    connected = {main.prospect_state, other.prospect_state} == {ProspectState.CONNECTED}
    if connected and main.main_account_number != other.main_account_number:
        raise DomainError(
            f"Карточки в разных платных аккаунтах: {main.main_account_number} и {other.main_account_number}. Сначала переместите одну из них.",
            code="two_paid_accounts",
        )


def _columns(card: Client) -> dict:
    """The card's own columns as JSON keeps them."""
    fields = [f for f in Client._meta.concrete_fields if f.name not in KEPT_BY_CARD]
    return json.loads(json.dumps({f.name: f.value_from_object(card) for f in fields}, cls=DjangoJSONEncoder))


def _columns_back(main: Client, other: Client, merge: ClientMerge) -> None:
    """Each card its own again. The register's number is unique: it leaves the main card before the other gets it."""
    now = {name: getattr(main, name) for name in REGISTER}
    names = set(REGISTER) if merge.moved["register"] else set(merge.moved["take"])
    if merge.moved.get("accounts.AccountMember.client"):
        names |= {"prospect_state", "prospect_on", "lost_reason", "decline_reason", "trial_reason"}
    _restore(main, merge.snapshot["main"], tuple(names))
    _restore(other, merge.snapshot["other"], tuple(merge.snapshot["other"]), **(now if merge.moved["register"] else {}))


def _restore(card: Client, values: dict, names: tuple[str, ...], **newer: object) -> None:
    """What the snapshot has, but for what is known better by now."""
    for name in names:
        field: models.Field = Client._meta.get_field(name)
        setattr(card, name, newer.get(name, field.to_python(values[name])))
    if not names:
        return
    card.save(update_fields=list(names))


def _merge_columns(main: Client, other: Client, take: frozenset[str]) -> None:
    """Empty the other card, then give the main one what was better known there."""
    had = {field.name: field.value_from_object(other) for field in Client._meta.concrete_fields}
    for name, value in EMPTY.items():
        setattr(other, name, value)
    other.save(update_fields=list(EMPTY))
    from_register = bool(had["ogrn"])
    taken = set(REGISTER) if from_register else {name for name in take & TYPED.keys() if not main.ogrn}
    values = {name: had[name] for name in taken if name != "ogrn" or from_register}
    if "name" in values:
        values["name_norm"] = had["name_norm"]
    if main.next_contact_on == NO_CONTACT:
        values["next_contact_on"] = had["next_contact_on"]
    values["last_active_on"] = max(main.last_active_on, had["last_active_on"])
    values["work_state"] = moves.further(main.work_state, had["work_state"])
    if main.prospect_state == ProspectState.NONE and had["prospect_state"] in (
        ProspectState.DECLINED,
        ProspectState.LOST,
    ):
        values |= {name: had[name] for name in ("prospect_state", "prospect_on", "lost_reason", "decline_reason")}
    for name, value in values.items():
        setattr(main, name, value)
    main.save(update_fields=list(values))


def _branch(main: Client, other: Client) -> int | None:
    """A card typed for a branch leaves its КПП as a row of the head's card (decision 14)."""
    kpp = other.kpp if len(other.inn) == 10 and not other.ogrn else ""
    if not kpp or kpp == main.kpp or not main.kpp or main.branches.filter(kpp=kpp).exists():
        return None
    address = ClientDetails.objects.filter(pk=other.pk).values_list("address", flat=True).first() or ""
    return ClientBranch.objects.create(client=main, kind="branch", name=other.name, kpp=kpp, address=address).pk


def _copies(cards: dict[int, Client], *, on: date, by: Employee) -> None:
    """What cards show of phones, invitations and accounts, told again from their sources."""
    for card in cards.values():
        refresh_invite_state(card, on=on)
        client_contacts_refresh(card)
    client_merged.send(Client, clients=cards, on=on, by=by)
