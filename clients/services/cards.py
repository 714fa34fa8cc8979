"""A card under lock, for steps of one employee on one client."""

from __future__ import annotations

from clients.models import Client
from core.errors import Conflict
from core.rights import require
from partners.models import Employee
from partners.rights import Right


def locked_client(client_id: int, *, by: Employee, right: str = Right.CLIENT_CHANGE) -> Client:
    """The card for update: Client.DoesNotExist outside the viewer's scope (404), Forbidden inside without the right."""
    client = Client.objects.visible_to(by).select_for_update(of=("self",), no_key=True).get(pk=client_id)
    require(by, right, client)
    return client


def save_changed(client: Client, **values) -> dict[str, list]:
    """Write the columns that really differ: {column: [old, new]}."""
    changed = {}
    for name, value in values.items():
        old = getattr(client, name)
        if old != value:
            changed[name] = [old, value]
            setattr(client, name, value)
    if changed:
        client.save(update_fields=list(changed))
    return changed


def check_version(row, version: int | None) -> None:
    """Refuse a change made on a page that somebody has overtaken (409)."""
    if version is not None and row.version != version:
        raise Conflict("Данные уже изменил другой сотрудник. Обновите страницу и повторите.", code="version")
