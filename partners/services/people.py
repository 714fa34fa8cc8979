"""Employees come from the directory of the accounting system (R1.15, R1.19), or from the installation itself."""

from __future__ import annotations

from django.db import transaction

from core import clock, journal
from core.errors import DomainError
from partners.models import Department, Employee, Grant, Role, RoleAssignment, SalesPoint
from partners.rights import Right, Scope


@transaction.atomic
def employee_install(
    *,
    login: str,
    password: str | None,
    name: str,
    salespoint: SalesPoint,
    roles: tuple[str, ...] = (),
    grants: dict[Right, Scope] | None = None,
    department: Department | None = None,
    is_demo: bool = False,
    is_break_glass: bool = False,
    **fields: str,
) -> Employee:
    """A person the installation itself makes: the first operator, the demo, tests. Nobody grants these rights.

    `name` is «Фамилия Имя Отчество»; `fields` are further columns (position, phone, email, external_id, zone).
    Reached from commands only: the pages hire through `employee_hire`.
    """
    last, first, *middle = name.split()
    employee = Employee(
        login=login,
        last_name=last,
        first_name=first,
        middle_name=" ".join(middle),
        salespoint=salespoint,
        department=department,
        is_demo=is_demo,
        is_break_glass=is_break_glass,
        **fields,
    )
    if password is None:
        employee.set_unusable_password()
    else:
        employee.set_password(password)
    employee.save(force_insert=True)
    now = clock.now()
    found = {role.code: role for role in Role.objects.filter(code__in=roles)}
    for code in roles:
        if code not in found:
            raise DomainError(f"Роли «{code}» нет. Список ролей: раздел «Роли».", code="unknown_role")
        RoleAssignment.objects.create(employee=employee, role=found[code], granted_at=now)
    for right, scope in (grants or {}).items():
        Grant.objects.create(employee=employee, right=right, scope=scope, granted_at=now)
    journal.record(
        employee, "employee.installed", by=None, data={"roles": roles, "grants": grants or {}}, source="system"
    )
    return employee
