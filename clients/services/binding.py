"""Закрепление: claiming cards, one or many, step by step as rule C1 has it (R2.12–R2.17, R2.43, R2.78–R2.79)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NoReturn

from django.db import connection

from clients.events import task_wanted
from clients.models import Binding, BindingTopic, Client
from clients.rules import STRONG
from clients.selectors.related import relations, twins_of
from core import clock, faults, journal
from core.db import in_transaction
from core.errors import Conflict, DomainError, Forbidden
from core.formats import moment
from core.locks import advisory_xact_lock
from partners.models import Employee
from partners.rights import Right
from partners.scopes import ScopeFacts, covers

from .people import acting, locked_people, target

RETURN_TOPIC = "return"
CHUNK = 50
MOST = 5_000


class Outcome(StrEnum):
    """What came of one card. WON and MINE are successes; every other one left the card as it was."""

    WON = "won"
    MINE = "mine"
    LOST = "lost"
    BLOCKED = "blocked"
    CONFIRM = "confirm"
    CEASED = "ceased"
    FORBIDDEN = "forbidden"
    CHANGED = "changed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class BindResult:
    """`who` and `when` name the manager who has the card (LOST) or its twin or relative (BLOCKED, CONFIRM)."""

    client_id: int
    outcome: Outcome
    who: str = ""
    when: datetime | None = None
    text: str = ""

    @property
    def won(self) -> bool:
        """This call made the binding; a repeat of one's own is a success but not won."""
        return self.outcome is Outcome.WON

    @property
    def is_bound(self) -> bool:
        return self.outcome in (Outcome.WON, Outcome.MINE)


@dataclass(slots=True)
class _Claim:
    """One call: who binds what to whom."""

    topic: BindingTopic
    actor: Employee
    manager: Employee
    reason: str
    confirmed: bool
    now: datetime
    is_anywhere: bool = False

    @property
    def right(self) -> str:
        return Right.CLIENT_CLAIM if self.manager.pk == self.actor.pk else Right.CLIENT_BIND_OTHERS


def lock_key(client: Client) -> str:
    """What the lock of rule C1 is taken on: the ИНН shared by head, branches and twins; a card without one: itself."""
    return client.inn or str(client.pk)


def lock_roots(keys: Iterable[str], topic: str) -> None:
    """The advisory locks of rule C1 for one topic, first of all locks (decision 30), sorted."""
    if faults.protected("clients.bind.lock"):
        advisory_xact_lock("bind", *(f"{key}:{topic}" for key in keys))


@in_transaction
def client_bind(
    *, client_id: int, manager: Employee | None = None, topic: str = BindingTopic.MAIN, by: Employee,
    reason: str = "", confirmed: bool = False, source: str = "ui",
) -> BindResult:  # fmt: skip
    """Bind a free card to oneself or to `manager`: exactly one of simultaneous callers wins (R2.15).

    A repeat by the winner is a success without a second row of history. `confirmed` with a `reason` is the tick
    for a strongly related organisation of somebody else, and the head's override of a twin.
    Raises Client.DoesNotExist outside the scope, Forbidden without the right, Conflict (who, when) for the loser,
    DomainError with code "twin", "related", "ceased" for what rule C6 or the register forbids.
    """
    result = _bind([client_id], manager=manager, topic=topic, by=by, reason=reason, confirmed=confirmed, source=source)[
        0
    ]
    return result if result.is_bound else _refuse(result)


@in_transaction
def client_bind_many(
    *, client_ids: Sequence[int], manager: Employee | None = None, topic: str = BindingTopic.MAIN, by: Employee,
    reason: str = "", confirmed: bool = False, source: str = "ui",
) -> list[BindResult]:  # fmt: skip
    """The same for a batch of at most 5 000, one result per id in the order given; no row spoils the others (R2.16).

    Rows that need a confirmation are left, not forced. A repeat changes nothing. Long batches go in chunks of 50
    by a job, so that locks are held briefly.
    """
    if len(client_ids) > MOST:
        raise DomainError(f"За один раз — не больше {MOST} карточек. Уточните фильтр.", code="too_many")
    return _bind(client_ids, manager=manager, topic=topic, by=by, reason=reason, confirmed=confirmed, source=source)


@in_transaction
def client_bind_if_free(*, client_id: int, by: Employee, source: str = "ui") -> BindResult:
    """«Основная» for the creator of an account, when the card is free; any other outcome leaves it (R2.78–R2.79).

    The card may be of any region: an account is opened for whoever asks. Call it first in the transaction that creates
    the account, or take `lock_roots` first: its locks come before all others.
    """
    try:
        return _bind(
            [client_id],
            manager=None,
            topic=BindingTopic.MAIN,
            by=by,
            reason="",
            confirmed=False,
            source=source,
            anywhere=True,
        )[0]
    except Forbidden:
        return BindResult(client_id, Outcome.FORBIDDEN)


def topic_of(code: str) -> BindingTopic:
    """A topic by its code, or a refusal."""
    topic = BindingTopic.objects.filter(code=code).first()
    if topic is None:
        raise DomainError("Такой темы закрепления нет. Выберите другую.", field="topic")
    return topic


def _bind(
    ids: Sequence[int],
    *,
    manager: Employee | None,
    topic: str,
    by: Employee,
    reason: str,
    confirmed: bool,
    source: str,
    anywhere: bool = False,
) -> list[BindResult]:
    subject = topic_of(topic)
    seen = {client.pk: lock_key(client) for client in Client.objects.filter(pk__in=ids).only("inn")}
    lock_roots(seen.values(), subject.code)
    people = locked_people(by.pk, manager.pk if manager else None)
    actor = acting(people, by)
    claim = _Claim(
        subject,
        actor,
        target(people, manager.pk if manager else by.pk),
        reason.strip(),
        confirmed,
        clock.now(),
        anywhere,
    )
    _check_people(claim)
    # The trigger copies the binding onto the row: locked in one order, beside the importer's.
    clients = {c.pk: c for c in Client.objects.filter(pk__in=seen).order_by("pk").select_for_update(no_key=True)}
    open_ = {b.client_id: b for b in _open_bindings(clients, subject)}
    results = {pk: _judge(clients.get(pk), pk, seen.get(pk), open_.get(pk), claim) for pk in ids}
    free = [clients[pk] for pk, result in results.items() if result.outcome is Outcome.WON]
    over = _concerned(free, claim)
    results |= {pk: found for pk, (found, _bindings) in over.items() if found is not None}
    faults.hit("clients.bind.checked")
    winners = [client for client in free if results[client.pk].outcome is Outcome.WON]
    won = _write(winners, open_, claim)
    lost = {b.client_id: b for b in _open_bindings([c.pk for c in winners if c.pk not in won], subject)}
    results |= {pk: _lost(pk, lost[pk]) for pk in lost}
    for client in winners:
        if client.pk in won:
            _tell(client, open_.get(client.pk), over.get(client.pk, (None, ()))[1], claim, source)
    return [results[pk] for pk in ids]


def _check_people(claim: _Claim) -> None:
    """The rights that do not depend on the card."""
    if claim.topic.code != RETURN_TOPIC and not claim.actor.has_right(Right.CLIENT_CHANGE):
        raise Forbidden("Вы закрепляете только тему «Возврат». Обратитесь к руководителю.")
    if not claim.actor.has_right(claim.right):
        raise Forbidden
    if claim.manager.pk != claim.actor.pk and not claim.actor.may(claim.right, claim.manager):
        raise Forbidden("Этот сотрудник из другой точки продаж. Выберите сотрудника своей.")


def _open_bindings(clients: Collection[int], topic: BindingTopic):
    return (
        Binding.objects.open().filter(client__in=clients, topic=topic).select_related("manager", "salespoint")
        if clients
        else []
    )


def _judge(client: Client | None, pk: int, key: str | None, binding: Binding | None, claim: _Claim) -> BindResult:
    """What stands against the card itself; WON = nothing so far."""
    if client is None or client.is_merged:
        return BindResult(pk, Outcome.MISSING)
    if lock_key(client) != key:
        return BindResult(pk, Outcome.CHANGED)
    if binding and binding.manager_id == claim.manager.pk:
        return BindResult(pk, Outcome.MINE, claim.manager.short_name, binding.manager_since)
    if not _in_scope(client, binding, claim):
        return BindResult(pk, Outcome.MISSING)
    if binding and binding.manager_id:
        return _lost(pk, binding)
    if binding and binding.salespoint_id != claim.manager.salespoint_id:
        return BindResult(
            pk, Outcome.FORBIDDEN, text=f"Карточка точки продаж «{binding.salespoint}»: передайте ее явно."
        )
    if client.is_ceased:
        return BindResult(pk, Outcome.CEASED)
    return BindResult(pk, Outcome.WON)


def _in_scope(client: Client, binding: Binding | None, claim: _Claim) -> bool:
    """Pools A and B of the actor, wherever a colleague was quicker: the loser has to learn by whom."""
    actor = claim.actor
    if claim.is_anywhere or covers(actor, claim.right, ScopeFacts(None, None, client.region_code)):
        return True
    point = binding.salespoint_id if binding else client.salespoint_id
    if point is not None and covers(actor, claim.right, ScopeFacts(point, None, client.region_code)):
        return True
    return claim.topic.code == RETURN_TOPIC and actor.may(Right.CLIENT_VIEW, client)


def _lost(pk: int, binding: Binding) -> BindResult:
    return BindResult(
        pk,
        Outcome.LOST,
        binding.manager.short_name if binding.manager else str(binding.salespoint),
        binding.manager_since or binding.since,
    )


def _concerned(free: list[Client], claim: _Claim) -> dict[int, tuple[BindResult | None, list[Binding]]]:
    """Rule C6 inside the claim: cards whose twin or strong relative is somebody else's.

    {pk: (the result that stops it, or None when it was confirmed; the bindings concerned)}.
    """
    if not free:
        return {}
    twins = twins_of(free)
    related = relations([c.pk for c in free], at_least=STRONG)
    ids = {pk for found in twins.values() for pk in found} | {
        hit.client_id for hits in related.values() for hit in hits
    }
    others = {b.client_id: b for b in _open_bindings(ids, claim.topic) if b.manager_id not in (None, claim.manager.pk)}
    found = {}
    for client in free:
        of_twins = [others[pk] for pk in twins.get(client.pk, ()) if pk in others]
        of_related = [others[hit.client_id] for hit in related.get(client.pk, ()) if hit.client_id in others]
        if of_twins:
            found[client.pk] = (_twin_result(client.pk, of_twins, claim), of_twins)
        elif of_related:
            agreed = claim.confirmed and claim.reason
            result = None if agreed else _other(client.pk, Outcome.CONFIRM, of_related[0])
            found[client.pk] = (result, of_related)
    return found


def _twin_result(pk: int, of_twins: list[Binding], claim: _Claim) -> BindResult | None:
    """A twin blocks; whoever may re-bind the twin itself overrides it with a reason."""
    override = claim.confirmed and claim.reason
    facts = (ScopeFacts(b.salespoint_id, b.manager_id) for b in of_twins)
    if override and all(covers(claim.actor, Right.CLIENT_REBIND, each) for each in facts):
        return None
    return _other(pk, Outcome.BLOCKED, of_twins[0])


def _other(pk: int, outcome: Outcome, binding: Binding) -> BindResult:
    return BindResult(pk, outcome, f"{binding.manager.short_name}, {binding.salespoint}", binding.manager_since)


def _write(winners: list[Client], open_: dict[int, Binding], claim: _Claim) -> set[int]:
    """Pool A: the manager of the open row; pool B: a new row. Only rows still free: the ids really won."""
    pool_a = [open_[c.pk].pk for c in winners if c.pk in open_]
    pool_b = [c.pk for c in winners if c.pk not in open_]
    values = {"manager": claim.manager.pk, "point": claim.manager.salespoint_id, "by": claim.actor.pk, "now": claim.now,
              "topic": claim.topic.pk, "reason": claim.reason[:300]}  # fmt: skip
    won: set[int] = set()
    with connection.cursor() as cursor:
        if pool_a:
            cursor.execute(
                "UPDATE clients_binding SET manager_id = %(manager)s, manager_since = %(now)s, by_id = %(by)s"
                " WHERE id = ANY(%(ids)s) AND manager_id IS NULL AND closed_at IS NULL RETURNING client_id",
                values | {"ids": pool_a},
            )
            won.update(pk for (pk,) in cursor.fetchall())
        if pool_b:
            cursor.execute(
                "INSERT INTO clients_binding"
                " (client_id, topic_id, salespoint_id, manager_id, since, manager_since, by_id, reason, close_reason)"
                " SELECT id, %(topic)s, %(point)s, %(manager)s, %(now)s, %(now)s, %(by)s, %(reason)s, ''"
                " FROM unnest(%(ids)s::bigint[]) AS id"
                " ON CONFLICT (client_id, topic_id) WHERE closed_at IS NULL DO NOTHING RETURNING client_id",
                values | {"ids": pool_b},
            )
            won.update(pk for (pk,) in cursor.fetchall())
    return won


def _tell(client: Client, before: Binding | None, over: Sequence[Binding], claim: _Claim, source: str) -> None:
    """The journal, the employee who got the card, the managers it concerns."""
    manager, day = claim.manager, clock.today(claim.manager.salespoint.zone)
    data = {
        "client": client.pk, "topic": claim.topic.code,
        "salespoint": [before.salespoint_id if before else None, manager.salespoint_id],
        "manager": [None, manager.pk], "manager_name": manager.short_name,
    }  # fmt: skip
    if claim.reason:
        data["reason"] = claim.reason
    if over:
        data["over"] = [b.client_id for b in over]
    entry = journal.record(client, "client.bound", by=claim.actor, data=data, source=source)
    if manager.pk != claim.actor.pk:
        task_wanted.send(
            Client, client_id=client.pk, assignee_id=manager.pk, salespoint_id=manager.salespoint_id, kind="call",
            title=f"Вам закреплен клиент: {client.name}. Свяжитесь или откажитесь", due_on=next_working_day(day),
            key=f"bound:{entry.pk}", by=claim.actor,
        )  # fmt: skip
    for binding in over:
        task_wanted.send(
            Client, client_id=binding.client_id, assignee_id=binding.manager_id, salespoint_id=binding.salespoint_id,
            kind="review", title=f"{claim.actor.short_name} закрепил связанную организацию: {client.name}", due_on=day,
            key=f"related:{entry.pk}:{binding.client_id}", by=claim.actor,
        )  # fmt: skip


def next_working_day(day):
    """Monday to Friday: holidays only make the term longer, which harms nobody."""
    day += timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


def explain(result: BindResult) -> str:
    """One sentence for a row that was not bound; "" for one that was."""
    who = result.who
    return {
        Outcome.LOST: f"Уже закреплен ({who}{', ' + moment(result.when) if result.when else ''})",
        Outcome.BLOCKED: f"Эта же организация закреплена: {who}. Обратитесь к руководителю.",
        Outcome.CONFIRM: f"Связанная организация закреплена: {who}. Откройте карточку и подтвердите с причиной.",
        Outcome.CEASED: "Организация прекратила деятельность: закреплять нельзя.",
        Outcome.FORBIDDEN: result.text or "Недостаточно прав на эту карточку.",
        Outcome.CHANGED: "Реквизиты карточки только что изменились. Повторите.",
        Outcome.MISSING: "Карточка вне вашей точки продаж и регионов.",
    }.get(result.outcome, "")


def _refuse(result: BindResult) -> NoReturn:
    text = explain(result)
    match result.outcome:
        case Outcome.MISSING:
            raise Client.DoesNotExist
        case Outcome.LOST:
            raise Conflict("Клиента уже закрепили", who=result.who, when=result.when, code="bound")
        case Outcome.CHANGED:
            raise Conflict(text, code="changed")
        case Outcome.FORBIDDEN:
            raise Forbidden(text)
        case Outcome.BLOCKED:
            raise DomainError(text, code="twin", field="reason")
        case Outcome.CONFIRM:
            raise DomainError(
                f"Связанная организация закреплена: {result.who}. Отметьте «Согласовано» и укажите причину.",
                code="related",
                field="reason",
            )
    raise DomainError(text, code=str(result.outcome))


__all__ = [
    "CHUNK", "BindResult", "Outcome", "client_bind", "client_bind_if_free", "client_bind_many", "explain", "lock_key", "lock_roots",
    "next_working_day", "topic_of",
]  # fmt: skip
