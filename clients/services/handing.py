"""Cards of a person who leaves, or of a sales point that closes: binding by binding (R1.17, R1.26)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from clients.models import Binding, Client
from core.errors import DomainError
from partners.models import Employee, SalesPoint

from .binding import lock_key, lock_roots
from .transfer import client_transfer


def bindings_lock(binding_ids: Sequence[int]) -> None:
    """The locks of rule C1 for a whole batch, before any other lock of its transaction."""
    wanted: dict[str, set[str]] = {}
    for binding in Binding.objects.filter(pk__in=binding_ids).select_related("client", "topic"):
        wanted.setdefault(binding.topic.code, set()).add(lock_key(binding.client))
    for topic in sorted(wanted):
        lock_roots(wanted[topic], topic)


def binding_hand_over(
    binding_id: int, *, source: Employee | SalesPoint, to: Employee | SalesPoint, by: Employee, on: date
) -> str:
    """One open binding of a person to another one, or of a sales point to another; returns the card's name.

    A card that changes its sales point keeps its manager when he works there already; else it is free in its pool.
    Accounts and tasks are handed over as kinds of their own. Raises DomainError for this card alone.
    """
    binding = Binding.objects.open().filter(pk=binding_id).select_related("client", "topic", "manager").first()
    if binding is None:
        raise DomainError("Карточку уже передали или освободили.", code="gone")
    if isinstance(to, SalesPoint):
        keeps = binding.manager if binding.manager and _works_at(binding.manager, to) else None
        where = {"manager": keeps} if keeps else {"salespoint": to}
    else:
        where = {"manager": to}
    try:
        client_transfer(
            client_id=binding.client_id, topic=binding.topic.code, by=by, reason=f"Передача дел: {source}",
            carry=frozenset(), notices=False, **where,
        )  # fmt: skip
    except Client.DoesNotExist:
        raise DomainError(f"Карточка вне вашей точки продаж: {binding.client}.", code="outside") from None
    return str(binding.client)


def _works_at(person: Employee, point: SalesPoint) -> bool:
    return person.is_active and person.salespoint_id == point.pk
