"""Release and transfer of bound cards (rule C1): a row is closed and another opened, history is never rewritten."""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

from clients.events import client_transferred, task_wanted
from clients.models import Binding, BindingTopic, Client
from core import clock, journal
from core.db import in_transaction
from core.errors import Conflict, DomainError, Forbidden
from core.text import clean
from partners.models import Employee, SalesPoint
from partners.rights import Right
from partners.scopes import ScopeFacts, covers

from .binding import lock_key, lock_roots, topic_of
from .people import acting, locked_people, target

CARRIED = frozenset({"accounts", "tasks", "tickets"})
CARRIED_BY_DEFAULT = frozenset({"accounts", "tasks"})


@in_transaction
def client_release(
    *,
    client_id: int,
    reason: str,
    by: Employee,
    topic: str = BindingTopic.MAIN,
    to_region: bool = False,
    source: str = "ui",
) -> Binding | None:
    """Give a card back: to the point's pool (manager none), or with `to_region` to nobody's at all.

    The owner releases his own with a reason; heads and operators anybody's in scope; only they to the region.
    The new open binding, None for `to_region`. Conflict when it is not bound any more.
    """
    client, old, actor = _held(client_id, topic, by)
    reason = _reason(reason)
    may_rebind = covers(actor, Right.CLIENT_REBIND, _facts(old))
    if not may_rebind and (to_region or old.manager_id != actor.pk):
        raise Forbidden("Освободить можно только свою карточку. Обратитесь к руководителю.")
    if old.manager_id is None and not to_region:
        raise Conflict("Карточка уже свободна.", code="free")
    now = _close(old, actor, reason)
    new = None
    if not to_region:
        new = Binding.objects.create(
            client=client, topic=old.topic, salespoint=old.salespoint, since=now, by=actor, reason=reason
        )
    journal.record(
        client, "client.released", by=actor, source=source,
        data={
            "client": client.pk, "topic": old.topic.code, "reason": reason,
            "salespoint": [old.salespoint_id, new and new.salespoint_id], "manager": [old.manager_id, None],
        },
    )  # fmt: skip
    _notice(client, old, actor, f"Вашу карточку освободили ({actor.short_name}): {reason}")
    return new


@in_transaction
def client_transfer(
    *, client_id: int, by: Employee, reason: str, manager: Employee | None = None, salespoint: SalesPoint | None = None,
    topic: str = BindingTopic.MAIN, carry: frozenset[str] = CARRIED_BY_DEFAULT, source: str = "ui", notices: bool = True,
) -> Binding:  # fmt: skip
    """Give a bound (or free) card to another manager, or to a sales point's pool. Heads inside their point, operators across.

    `carry`: accounts, open call tasks, unresolved tickets go along; the apps above do it in this transaction.
    Without `notices` nobody gets a task about it: a whole desk is handed over, card by card.
    Only a transfer moves a sales point (decision 19).
    """
    client, old, actor, people = _held_for(client_id, topic, by, manager)
    reason = _reason(reason)
    to = target(people, manager.pk) if manager else None
    point = to.salespoint if to else salespoint
    if point is None:
        raise DomainError("Выберите сотрудника или точку продаж.", field="manager")
    _check_transfer(client, old, actor, to, point)
    if old and (old.manager_id, old.salespoint_id) == (to and to.pk, point.pk):
        return old
    if unknown := carry - CARRIED:
        raise DomainError(f"Не передается: {', '.join(sorted(unknown))}.", field="carry")
    now = _close(old, actor, reason) if old else clock.now()
    new = Binding.objects.create(
        client=client,
        topic=topic_of(topic),
        salespoint=point,
        manager=to,
        since=now,
        manager_since=now if to else None,
        by=actor,
        reason=reason,
    )
    journal.record(
        client, "client.transferred", by=actor, source=source,
        data={
            "client": client.pk, "topic": topic, "reason": reason, "carry": sorted(carry),
            "salespoint": [old and old.salespoint_id, point.pk], "manager": [old and old.manager_id, to and to.pk],
            "manager_name": to.short_name if to else "",
        },
    )  # fmt: skip
    client_transferred.send(
        Client, client=client, topic=topic, old_manager_id=old and old.manager_id, manager_id=to and to.pk, salespoint_id=point.pk,
        carry=carry, by=actor,
    )  # fmt: skip
    if old and notices:
        _notice(client, old, actor, f"Карточка передана ({to.short_name if to else point}): {reason}")
    if to and notices:
        _notice(client, new, actor, f"Вам передан клиент: {reason}")
    return new


def _check_transfer(
    client: Client, old: Binding | None, actor: Employee, to: Employee | None, point: SalesPoint
) -> None:
    facts = _facts(old) if old else ScopeFacts(None, None, client.region_code)
    if not covers(actor, Right.CLIENT_REBIND, facts) or not covers(
        actor, Right.CLIENT_REBIND, ScopeFacts(point.pk, to and to.pk)
    ):
        raise Forbidden("Передавать карточки может руководитель внутри своей точки продаж.")
    if point.state != SalesPoint.State.ACTIVE:
        raise DomainError(f"Точка продаж «{point}» закрыта. Выберите другую.", field="salespoint")


def _held(client_id: int, topic: str, by: Employee) -> tuple[Client, Binding, Employee]:
    client, old, actor, _people = _held_for(client_id, topic, by, None)
    if old is None:
        raise Conflict("Карточка уже ни за кем не закреплена.", code="free")
    return client, old, actor


def _held_for(
    client_id: int, topic: str, by: Employee, manager: Employee | None
) -> tuple[Client, Binding | None, Employee, dict]:
    """The card and its open binding under the locks of rule C1; Client.DoesNotExist outside the viewer's scope (404)."""
    seen = Client.objects.visible_to(by).only("inn").get(pk=client_id)
    lock_roots([lock_key(seen)], topic)
    people = locked_people(by.pk, manager.pk if manager else None)
    actor = acting(people, by)
    client = Client.objects.select_for_update(no_key=True).get(pk=client_id)
    if lock_key(client) != lock_key(seen):
        raise Conflict("Реквизиты карточки только что изменились. Повторите.", code="changed")
    old = (
        Binding.objects.open()
        .filter(client=client, topic__code=topic)
        .select_related("topic", "salespoint", "manager")
        .first()
    )
    if not (actor.may(Right.CLIENT_VIEW, client) or (old and covers(actor, Right.CLIENT_VIEW, _facts(old)))):
        _gone()
    return client, old, actor, people


def _gone() -> NoReturn:
    raise Client.DoesNotExist


def _facts(binding: Binding) -> ScopeFacts:
    return ScopeFacts(binding.salespoint_id, binding.manager_id)


def _close(old: Binding, actor: Employee, reason: str) -> datetime:
    """Close the row; the moment the next one begins at. Two servers' clocks may differ: never before its start."""
    now = max(clock.now(), old.since)
    old.closed_at, old.closed_by, old.close_reason = now, actor, reason
    old.save(update_fields=["closed_at", "closed_by", "close_reason"])
    return now


def _reason(text: str) -> str:
    text = clean(text)
    if len(text) < 3:
        raise DomainError("Укажите причину: ее увидят в истории закреплений.", field="reason")
    return text[:300]


def _notice(client: Client, binding: Binding, actor: Employee, title: str) -> None:
    if binding.manager_id is None or binding.manager_id == actor.pk:
        return
    task_wanted.send(
        Client, client_id=client.pk, assignee_id=binding.manager_id, salespoint_id=binding.salespoint_id, kind="review",
        title=title[:200], due_on=clock.today(binding.salespoint.zone), key=f"moved:{client.pk}:{binding.pk}:{actor.pk}", by=actor,
    )  # fmt: skip
