"""How far a client is: invited, refused, trial, connected, lost (R2.1–R2.5, R2.53, R2.58; decision 18)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from django.db import connection, transaction

from clients.choices import DeclineReason, InvitationState, LostReason, ProspectState, TrialReason, WorkState
from clients.models import Client
from clients.models.client import NO_CONTACT, UNKNOWN_DATE
from clients.rules import silent_since
from core import journal
from core.db import in_transaction
from core.errors import DomainError
from core.text import clean
from partners.models import Employee

from .cards import locked_client, save_changed
from .invite_states import close_open, refresh_invite_state
from .signals import signal_set

State = ProspectState


def client_accounts_set(
    *, client: Client, numbers: Collection[int], main_number: int | None, is_paid: bool, on: date, by: Employee | None,
    removed: bool = False, trial_reason: str = TrialReason.ACCOUNT,
) -> None:  # fmt: skip
    """Copy onto the card (locked by the caller) which accounts it is in: the apps above own the truth.

    `is_paid`: a paid licence was activated in one of them → connected; in an account without one → trial; out of the
    last one (`removed`) → lost. Joining closes open invitations as «Подключился» (R2.58). Repeats change nothing.
    """
    _account_signals(client, numbers)
    values: dict = {"accounts_count": len(numbers), "main_account_number": main_number}
    if numbers:
        state = State.CONNECTED if is_paid else State.TRIAL
        if state == State.TRIAL and client.prospect_state == State.LOST and client.lost_reason != LostReason.REMOVED:
            state = State.LOST  # silent or refused inside its account: activity brings it back, not a rewrite
        values["trial_reason"] = trial_reason if state == State.TRIAL else ""
        if close_open(client, InvitationState.CONNECTED):
            values["invite_state"] = InvitationState.CONNECTED
        values["work_state"] = WorkState.CONNECTED
        if client.last_active_on == UNKNOWN_DATE:
            values["last_active_on"] = on
    else:
        state = State.LOST if removed else client.prospect_state
        values["trial_reason"] = ""
    if state != client.prospect_state:
        values |= {
            "prospect_state": state, "prospect_on": on,
            "lost_reason": LostReason.REMOVED if state == State.LOST else LostReason.NONE,
        }  # fmt: skip
    changed = save_changed(client, **values)
    if "prospect_state" in changed:
        journal.record(
            client, "client.state_changed", by=by, data={"client": client.pk, **changed}, source="ui" if by else "job"
        )


_BEFORE_PAID = (
    "prospect_state",
    "prospect_on",
    "lost_reason",
    "decline_reason",
    "trial_reason",
    "work_state",
    "last_active_on",
)


def prospect_kept(client: Client) -> dict:
    """What `prospect_restore` puts back."""
    return {name: getattr(client, name) for name in _BEFORE_PAID}


def prospect_restore(*, client: Client, kept: Mapping, by: Employee | None) -> None:
    """The card (locked by the caller) as it was before a payment connected it: that was undone. `kept` may come from JSON."""
    values = {
        name: date.fromisoformat(kept[name]) if name.endswith("_on") else kept[name]
        for name in _BEFORE_PAID
    }  # fmt: skip
    changed = save_changed(client, **values)
    if "prospect_state" in changed:
        journal.record(client, "client.state_changed", by=by, data={"client": client.pk, **changed})


def _account_signals(client: Client, numbers: Collection[int]) -> None:
    """Organisations of one account are related (rule C6)."""
    if len(numbers) == client.accounts_count and (client.main_account_number in numbers or not numbers):
        return
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM clients_clientsignal WHERE client_id = %s AND kind = 'account'", [client.pk])
    for number in numbers:
        signal_set(client_id=client.pk, kind="account", value=number)


@in_transaction
def client_decline(*, client_id: int, reason: str, comment: str, by: Employee, on: date) -> Client:
    """«Отказался», by an invitation or without one (R2.3); a trial client that refuses is lost (R2.4 a).

    The card stays bound; open invitations close. A reason and a comment of 3 characters are asked for.
    """
    client = locked_client(client_id, by=by)
    comment = clean(comment)
    if not reason or reason not in DeclineReason.values:
        raise DomainError("Выберите причину отказа.", field="reason")
    if len(comment) < 3:
        raise DomainError("Напишите, что ответил клиент.", field="comment")
    if client.prospect_state == State.CONNECTED:
        raise DomainError("Клиент подключен: отказ указывают в итоге продления.", code="connected")
    lost = client.prospect_state == State.TRIAL or (client.prospect_state == State.LOST and client.accounts_count > 0)
    text = f"{DeclineReason(reason).label}: {comment}"
    if close_open(client, InvitationState.DECLINED, reason=text):
        client.invite_state = InvitationState.DECLINED
        client.save(update_fields=["invite_state"])
    changed = save_changed(
        client,
        prospect_state=State.LOST if lost else State.DECLINED,
        prospect_on=on,
        lost_reason=LostReason.REFUSED if lost else LostReason.NONE,
        decline_reason=reason,
        trial_reason="",
        work_state=WorkState.REFUSED,
        next_contact_on=NO_CONTACT,
    )
    journal.record(
        client, "client.declined", by=by, data={"client": client.pk, "reason": reason, "comment": comment, **changed}
    )
    return client


@in_transaction
def client_return(*, client_id: int, by: Employee, on: date) -> Client:
    """«Вернуть в работу»: a refused or lost client goes back to where it stood (R2.3)."""
    client = locked_client(client_id, by=by)
    if client.prospect_state not in (State.DECLINED, State.LOST):
        raise DomainError("Клиент и так в работе.", code="not_refused")
    state = State.TRIAL if client.accounts_count else State.NONE
    changed = save_changed(
        client, prospect_state=state, prospect_on=on, lost_reason=LostReason.NONE, decline_reason="", work_state=WorkState.CONTACTED,
        trial_reason=TrialReason.ACCOUNT if client.accounts_count else "",
    )  # fmt: skip
    refresh_invite_state(client, on=on)
    journal.record(client, "client.returned", by=by, data={"client": client.pk, **changed})
    return client


_STEPS = [WorkState.NEW, WorkState.CONTACTED, WorkState.AGREED, WorkState.REGISTERING, WorkState.CONNECTED]


def work_state_raise(client: Client, state: str) -> None:
    """new → contacted → agreed → registering; a call never lowers it (R2.53). The card is locked by the caller."""
    if client.work_state == WorkState.REFUSED or _STEPS.index(state) > _STEPS.index(client.work_state):
        save_changed(client, work_state=state)


def next_contact_copy(client: Client, on: date | None) -> None:
    """The date lists sort by: the main topic's next contact. The card is locked by the caller."""
    save_changed(client, next_contact_on=on or NO_CONTACT)


@transaction.atomic
def client_activity_mark(*, days: Mapping[int, date]) -> int:
    """{client: day it last sent or accepted something}: written where later; who was lost by silence is a trial again.

    The number of cards changed. One statement, called by the job that reads activity.
    """
    if not days:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE clients_client c SET last_active_on = seen.day,
                prospect_state = CASE WHEN back THEN 'trial' ELSE prospect_state END,
                prospect_on = CASE WHEN back THEN seen.day ELSE prospect_on END,
                trial_reason = CASE WHEN back THEN 'account' ELSE trial_reason END,
                lost_reason = CASE WHEN back THEN '' ELSE lost_reason END
            FROM (
                SELECT s.id, s.day, x.prospect_state = 'lost' AND x.lost_reason = 'inactive' AS back
                FROM unnest(%s::bigint[], %s::date[]) AS s (id, day) JOIN clients_client x ON x.id = s.id
                WHERE x.last_active_on < s.day ORDER BY s.id FOR NO KEY UPDATE OF x
            ) seen WHERE c.id = seen.id
            """,
            [list(days), list(days.values())],
        )
        return cursor.rowcount


@transaction.atomic
def prospects_lose_silent(*, on: date, limit: int = 5_000) -> int:
    """Trial clients silent for more than three calendar months become lost (R2.4 b); the number, at most `limit`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH silent AS (
                SELECT id FROM clients_client WHERE prospect_state = 'trial' AND last_active_on < %(since)s
                AND last_active_on > %(unknown)s ORDER BY id LIMIT %(limit)s FOR NO KEY UPDATE
            ), lost AS (
                UPDATE clients_client c SET prospect_state = 'lost', lost_reason = 'inactive', prospect_on = %(on)s, trial_reason = ''
                FROM silent WHERE c.id = silent.id RETURNING c.id
            )
            INSERT INTO core_journalentry (at, by_name, subject_type, subject_id, client_id, code, data, source)
            SELECT now(), '', 'clients.client', id, id, 'client.state_changed',
                jsonb_build_object('client', id, 'prospect_state', jsonb_build_array('trial', 'lost'), 'lost_reason', jsonb_build_array('', 'inactive')), 'job'
            FROM lost
            """,
            {"since": silent_since(on), "unknown": UNKNOWN_DATE, "on": on, "limit": limit},
        )
        return cursor.rowcount


def client_trial_reason_set(*, client: Client, reason: str) -> None:
    """Where the licence of a trial client is missing (R2.5); the licence app knows. The card is locked by the caller."""
    if client.prospect_state == State.TRIAL:
        save_changed(client, trial_reason=reason)


__all__ = [
    "client_accounts_set", "client_activity_mark", "client_decline", "client_return", "client_trial_reason_set", "next_contact_copy",
    "prospects_lose_silent", "work_state_raise",
]  # fmt: skip
