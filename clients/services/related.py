"""«Не связаны» and relations made by hand (rule C6)."""

from __future__ import annotations

from clients.models import Client, NotRelated
from core import clock, journal
from core.db import in_transaction
from core.errors import DomainError
from core.text import clean
from partners.models import Employee

from .cards import locked_client


@in_transaction
def not_related_mark(*, client_id: int, other_id: int, reason: str, by: Employee) -> NotRelated:
    """Hide a pair from everybody, with a reason; reversible. A common ИНН is never hidden: twins stay shown."""
    client = locked_client(client_id, by=by)
    other = Client.objects.get(pk=other_id)
    reason = clean(reason)
    if len(reason) < 3:
        raise DomainError("Укажите, почему организации не связаны.", field="reason")
    if client.pk == other.pk or (client.inn and client.inn == other.inn):
        raise DomainError("Это одна организация: ИНН совпадает. Отметить ее несвязанной нельзя.", code="twin")
    first, second = sorted((client.pk, other.pk))
    mark, made = NotRelated.objects.get_or_create(
        first_id=first,
        second_id=second,
        withdrawn_at=None,
        defaults={"reason": reason[:300], "by": by, "at": clock.now()},
    )
    if made:
        journal.record(
            client, "client.not_related", by=by, data={"client": client.pk, "other": other.pk, "reason": reason}
        )
    return mark


@in_transaction
def not_related_withdraw(*, client_id: int, other_id: int, by: Employee) -> None:
    """Take the mark back; nothing happens when there is none."""
    client = locked_client(client_id, by=by)
    first, second = sorted((client.pk, other_id))
    if NotRelated.objects.filter(first=first, second=second, withdrawn_at=None).update(withdrawn_at=clock.now()):
        journal.record(client, "client.related_again", by=by, data={"client": client.pk, "other": other_id})
