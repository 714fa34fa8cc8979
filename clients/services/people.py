"""Who acts and who is meant, read afresh inside the transaction."""

from __future__ import annotations

from django.db import connection

from core.errors import DomainError, Forbidden
from partners.models import Employee


def locked_people(*ids: int | None) -> dict[int, Employee]:
    """Employees as they are now, held against a block until the commit (T5): {pk: employee} with their sales points.

    FOR SHARE: any number of claims go on side by side, a block waits for them or they see it.
    """
    wanted = sorted({pk for pk in ids if pk})
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM partners_employee WHERE id = ANY(%s) ORDER BY id FOR SHARE", [wanted])
    return Employee.objects.select_related("salespoint").in_bulk(wanted)


def acting(people: dict[int, Employee], by: Employee) -> Employee:
    """The actor as he is now; Forbidden when he was blocked between the page and the click."""
    actor = people.get(by.pk)
    if actor is None or not actor.is_active:
        raise Forbidden("Ваш доступ закрыт. Обратитесь к руководителю.", code="blocked")
    return actor


def target(people: dict[int, Employee], manager_id: int) -> Employee:
    """The employee a card goes to: never a blocked one."""
    employee = people.get(manager_id)
    if employee is None:
        raise DomainError("Такого сотрудника нет. Выберите другого.", field="manager")
    if not employee.is_active:
        raise DomainError(
            f"{employee.short_name}: доступ закрыт. Выберите другого сотрудника.", field="manager", code="blocked"
        )
    return employee
