"""Employees come from the directory of the accounting system (R1.15, R1.19), or from the installation itself."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from core import clock, journal
from core.errors import DomainError
from core.rights import require
from partners import directory, rules
from partners.directory import Person
from partners.models import Department, Employee, Grant, Role, RoleAssignment, SalesPoint
from partners.rights import Right, Scope
from partners.selectors import effective_rights, holder_of, role_rights

from .access import bump, check_version, lock_pair
from .blocking import block_by_directory
from .sessions import end_sessions

LEAST_ROLE = "employee"


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


@transaction.atomic
def employee_hire(*, salespoint_id: int, external_id: str, by: Employee, department_id: int | None = None) -> Employee:
    """«Сотрудник +»: link a person of the directory to a sales point, with the least of the roles.

    Somebody who is here already is returned as he is. Refused: no such person, not working any more, linked to another
    sales point (named), the directory does not answer: nothing is written then (R1.19).
    """
    point = SalesPoint.objects.visible_to(by).select_for_update(of=("self",)).get(pk=salespoint_id)
    require(by, Right.EMPLOYEE_ADD, point)
    if point.state != SalesPoint.State.ACTIVE:
        raise DomainError("Точка продаж закрыта: сотрудников в нее не принимают.", code="closed")
    person = directory.current().get(external_id)
    if person is None:
        raise DomainError("Такого человека в учетной системе больше нет. Повторите поиск.", code="unknown_person")
    known = Employee.objects.select_related("salespoint").filter(external_id=external_id).first()
    if known and known.salespoint_id == point.pk:
        return known
    if known:
        raise DomainError(
            f"Уже работает в точке продаж {known.salespoint}. Переводит сотрудников оператор.", code="elsewhere"
        )
    if not person.is_active:
        raise DomainError("В учетной системе этот человек не работает. Выберите другого.", code="inactive")
    if Employee.objects.filter(login__iexact=person.login).exists():
        raise DomainError(f"Логин {person.login} занят другим сотрудником. Обратитесь к оператору.", code="login_taken")
    employee = Employee(
        login=person.login,
        external_id=person.external_id,
        salespoint=point,
        department=_department(point, department_id),
        **_facts(person),
    )
    employee.set_unusable_password()
    employee.save(force_insert=True)
    least = Role.objects.get(code=LEAST_ROLE)
    if not rules.beyond(holder_of(by), role_rights(least.pk), holder_of(employee).place):
        RoleAssignment.objects.create(employee=employee, role=least, granted_by=by, granted_at=clock.now())
    journal.record(employee, "employee.hired", by=by, data={"salespoint": point.pk, "point": str(point)})
    return employee


def _facts(person: Person) -> dict[str, str]:
    return {
        "last_name": person.last_name[:80],
        "first_name": person.first_name[:80],
        "middle_name": person.middle_name[:80],
        "position": person.position[:120],
        "email": person.email,
        "phone": person.phone[:40],
    }


def _department(point: SalesPoint, department_id: int | None) -> Department | None:
    if department_id is None:
        return None
    found = Department.objects.filter(pk=department_id, salespoint=point).first()
    if found is None:
        raise DomainError("Отдел не этой точки продаж. Выберите другой.", field="department")
    return found


@transaction.atomic
def employee_change(*, employee_id: int, by: Employee, version: int | None = None, **new: object) -> Employee:
    """Main data: position, phone, e-mail, department, zone. Names come from the directory."""
    _, employee = lock_pair(by, employee_id)
    check_version(employee, version)
    if employee.pk != by.pk or set(new) - {"phone", "email", "zone"}:
        require(by, Right.EMPLOYEE_ADD, employee)
    if "department" in new:
        department = new["department"]
        new["department"] = _department(employee.salespoint, department.pk if department else None)
        if new["department"] != employee.department:
            _check_move(by, employee, employee.salespoint, new["department"])
    changed = journal.changes(employee, new)
    if changed:
        bump(employee, *changed)
        journal.record(employee, "employee.changed", by=by, data=changed)
    return employee


@transaction.atomic
def employee_move(
    *, employee_id: int, salespoint_id: int, by: Employee, department_id: int | None = None, version: int | None = None
) -> Employee:
    """To another sales point: his rights reach other rows there, so the mover must be able to give them there.

    What hangs on him stays at the old point; handing it over is a step of its own.
    """
    actor, employee = lock_pair(by, employee_id)
    check_version(employee, version)
    require(actor, Right.EMPLOYEE_ADD, employee)
    point = SalesPoint.objects.visible_to(actor).get(pk=salespoint_id)
    require(actor, Right.EMPLOYEE_ADD, point)
    if employee.pk == actor.pk:
        raise DomainError("Себя перевести нельзя. Это сделает другой оператор.", code="self")
    if point.state != SalesPoint.State.ACTIVE:
        raise DomainError("Точка продаж закрыта: сотрудников в нее не принимают.", code="closed")
    department = _department(point, department_id)
    _check_move(actor, employee, point, department)
    if employee.headed_points.exists():
        raise DomainError("Сначала назначьте точке продаж другого руководителя.", code="head")
    old = employee.salespoint
    employee.salespoint, employee.department = point, department
    bump(employee, "salespoint", "department")
    journal.record(
        employee, "employee.moved", by=actor, data={"salespoint": [old.pk, point.pk], "point": [str(old), str(point)]}
    )
    return employee


def _check_move(actor: Employee, employee: Employee, point: SalesPoint, department: Department | None) -> None:
    """Rights widen with the place: what the employee would reach there must be the actor's to give."""
    there = Employee(pk=employee.pk, salespoint=point, department=department, access=employee.access)
    if outside := rules.beyond(holder_of(actor), effective_rights(employee.pk), holder_of(there).place):
        raise DomainError(
            f"У сотрудника есть право «{Right(outside[0]).label}», которое на новом месте шире ваших полномочий.",
            code="beyond",
        )


@transaction.atomic
def password_set(*, employee_id: int, password: str, by: Employee) -> None:
    """A new local password for an employee, by whoever could give him all his rights. Ends his sessions and links."""
    actor, employee = lock_pair(by, employee_id)
    require(actor, Right.EMPLOYEE_ADD, employee)
    if employee.pk == actor.pk:
        raise DomainError("Свой пароль меняют в профиле.", code="self")
    if rules.beyond(holder_of(actor), effective_rights(employee.pk), holder_of(employee).place):
        raise DomainError("У сотрудника больше полномочий, чем у вас. Пароль задаст оператор.", code="above")
    _save_password(employee, password)
    ended = end_sessions(employee)
    journal.record(employee, "employee.password_set", by=actor, data={"sessions": ended})


@transaction.atomic
def password_change(*, employee: Employee, old: str, new: str, keep_session: str | None) -> Employee:
    """One's own password, with the old one. Every other session and every link of his ends."""
    locked = Employee.objects.select_for_update(of=("self",)).get(pk=employee.pk)
    if not locked.check_password(old):
        raise DomainError("Текущий пароль не подходит.", field="old")
    _save_password(locked, new)
    ended = end_sessions(locked, keep=keep_session)
    journal.record(locked, "employee.password_changed", by=locked, data={"sessions": ended})
    return locked


def _save_password(employee: Employee, password: str) -> None:
    if not (settings.DEMO and employee.is_demo):  # decision 25
        try:
            validate_password(password, employee)
        except ValidationError as error:
            raise DomainError(" ".join(error.messages), field="new") from error
    if directory.current().keeps_passwords and not employee.is_break_glass:
        raise DomainError("Пароль хранит учетная система. Смените его там.", code="directory")
    employee.set_password(password)
    employee.key_epoch += 1
    employee.save(update_fields=["password", "key_epoch"])


def directory_follow() -> dict[str, int]:
    """Nightly: whoever left in the accounting system is blocked here (R1.27). Raises DirectoryDown when it is silent."""
    people = Employee.objects.unblocked().exclude(external_id=None).filter(is_break_glass=False)
    known = dict(people.values_list("external_id", "pk"))
    left = directory.current().inactive_among(list(known))
    for external_id in sorted(left):
        block_by_directory(Employee(pk=known[external_id]))
    return {"checked": len(known), "blocked": len(left)}
