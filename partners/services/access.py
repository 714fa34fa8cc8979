"""The one way to give and take rights: page, bulk, admin and commands call it (decision 22, R1.22, R1.23)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction

from core import clock, faults, journal, locks
from core.errors import Conflict, DomainError
from core.rights import require
from partners import rules
from partners.models import Employee, Grant, Role, RoleAssignment
from partners.rights import Right, Scope
from partners.selectors import effective_rights, holder_of, role_rights

OPERATOR = "operator"


@transaction.atomic
def grant(
    *,
    employee_id: int,
    by: Employee,
    give: Mapping[str, str] | None = None,
    take: Collection[str] = (),
    assign: Collection[str] = (),
    unassign: Collection[str] = (),
    version: int | None = None,
    source: str = "ui",
) -> Employee:
    """Give and take single rights ({right: scope}) and roles (codes). Manual ch. 1, «настройте права».

    What is given, and what is taken, must lie inside the grantor's rights and scope at this moment: both people are
    locked, so a grantor who is being demoted or blocked meanwhile cannot slip through. `version` is the one the page
    was read with; Conflict when somebody saved in between. Grants stay when the grantor loses his later.
    """
    giver, employee = lock_pair(by, employee_id)
    check_version(employee, version)
    require(giver, Right.EMPLOYEE_GRANT, employee)
    if employee.pk == giver.pk:
        raise DomainError("Свои права изменить нельзя. Обратитесь к руководителю или оператору.", code="self")
    if not employee.is_active:
        raise DomainError("Сотрудник заблокирован. Сначала разрешите ему доступ.", code="blocked")
    step = _Step(giver, employee)
    for code in unassign:
        step.unassign(code)
    for code in assign:
        step.assign(code)
    for right in take:
        step.take(right)
    for right, scope in (give or {}).items():
        step.give(right, scope)
    return step.finish(source)


def lock_pair(by: Employee, employee_id: int) -> tuple[Employee, Employee]:
    """Lock the one who acts and the one acted on, by pk (decision 30), and read both afresh."""
    people = Employee.objects.select_related("salespoint").select_for_update(of=("self",))
    found = {e.pk: e for e in people.filter(pk__in={by.pk, employee_id}).order_by("pk")}
    if employee_id not in found:
        raise Employee.DoesNotExist
    giver = found[by.pk]
    if not giver.is_active:
        raise DomainError("Ваш доступ закрыт. Обратитесь к руководителю.", code="blocked")
    return giver, found[employee_id]


def check_version(row: Any, version: int | None) -> None:
    """Conflict when the row was saved after the page had been read."""
    if version is not None and row.version != version:
        raise Conflict(
            "Пока вы меняли данные, их сохранил другой сотрудник. Сравните и сохраните еще раз.", code="version"
        )


def bump(row: Any, *fields: str) -> None:
    """Save the named fields with the next version."""
    row.version += 1
    row.save(update_fields=[*fields, "version"])


class _Step:
    """One change of one person's rights, inside the transaction of `grant`."""

    def __init__(self, giver: Employee, employee: Employee) -> None:
        self.giver, self.employee, self.now = giver, employee, clock.now()
        self.facts, self.place = holder_of(giver), holder_of(employee).place
        self.changes: dict[str, list] = {}
        # Role rows are locked last: editing a role waits for this, or this for it.
        self.roles = {role.code: role for role in Role.objects.select_for_update().order_by("pk")}

    def check(self, rights: Mapping[str, Scope]) -> None:
        outside = rules.beyond(self.facts, rights, self.place)
        if outside and faults.protected("partners.grant.ceiling"):
            names = ", ".join(f"«{Right(right).label}»" for right in outside[:3])
            more = f" и еще {len(outside) - 3}" if len(outside) > 3 else ""
            raise DomainError(f"Это больше ваших полномочий: {names}{more}. Обратитесь к оператору.", code="beyond")

    def role(self, code: str) -> Role:
        if code not in self.roles:
            raise DomainError("Такой роли нет. Обновите страницу.", code="unknown_role")
        return self.roles[code]

    def assign(self, code: str) -> None:
        role = self.role(code)
        self.check(role_rights(role.pk))
        held = RoleAssignment.objects.filter(employee=self.employee, role=role, revoked_at=None)
        if not held.exists():
            RoleAssignment.objects.create(employee=self.employee, role=role, granted_by=self.giver, granted_at=self.now)
            self.changes[f"role:{code}"] = [None, role.title]

    def unassign(self, code: str) -> None:
        role = self.role(code)
        held = RoleAssignment.objects.filter(employee=self.employee, role=role, revoked_at=None)
        if not held.exists():
            return
        self.check(role_rights(role.pk))
        if code == OPERATOR:
            keep_an_operator(self.employee)
        held.update(revoked_by=self.giver, revoked_at=self.now)
        self.changes[f"role:{code}"] = [role.title, None]

    def take(self, right: str) -> None:
        held = Grant.objects.filter(employee=self.employee, right=right, revoked_at=None).first()
        if held is None:
            return
        self.check({right: Scope(held.scope)})
        self._close(held)
        self.changes[right] = [held.scope, None]

    def give(self, right: str, scope: str) -> None:
        if right not in Right.values or scope not in Scope.values:
            raise DomainError("Такого права или области нет. Обновите страницу.", code="unknown_right")
        held = Grant.objects.filter(employee=self.employee, right=right, revoked_at=None).first()
        if held and held.scope == scope:
            return
        self.check({right: Scope(scope)})
        if held:
            self.check({right: Scope(held.scope)})
            self._close(held)
        Grant.objects.create(
            employee=self.employee, right=right, scope=scope, granted_by=self.giver, granted_at=self.now
        )
        self.changes[right] = [held and held.scope, scope]

    def _close(self, held: Grant) -> None:
        held.revoked_by, held.revoked_at = self.giver, self.now
        held.save(update_fields=["revoked_by", "revoked_at"])

    def finish(self, source: str) -> Employee:
        if self.changes:
            bump(self.employee)
            data = {"changes": self.changes, "text": changes_text(self.changes)}
            journal.record(self.employee, "employee.rights_changed", by=self.giver, data=data, source=source)
        return self.employee


def keep_an_operator(leaving: Employee) -> None:
    """Refuse the step that would leave the network without an operator. Two such steps wait for each other."""
    locks.advisory_xact_lock("partners.operators", 1)
    others = RoleAssignment.objects.filter(
        role__code=OPERATOR, revoked_at=None, employee__access=Employee.Access.ALLOWED
    ).exclude(employee=leaving)
    if not others.exists():
        raise DomainError("Это последний оператор. Сначала назначьте другого.", code="last_operator")


def is_operator(employee: Employee) -> bool:
    """Holds the operator's role now."""
    return RoleAssignment.objects.filter(employee=employee, role__code=OPERATOR, revoked_at=None).exists()


@transaction.atomic
def role_change(
    *, role_id: int, rights: Mapping[str, str], by: Employee, title: str | None = None, version: int | None = None
) -> Role:
    """Edit what a role holds: a grant to everybody who has it, at once.

    For whoever grants in the whole network, within his own rights, and never a role that he holds himself.
    """
    role = Role.objects.get(pk=role_id)
    holders = _holders(role)
    people = Employee.objects.select_related("salespoint").select_for_update(of=("self",))
    locked = {e.pk: e for e in people.filter(pk__in={by.pk, *holders}).order_by("pk")}
    role = Role.objects.select_for_update().get(pk=role_id)
    if set(_holders(role)) != set(holders):
        raise Conflict("Роль сейчас назначают сотруднику. Повторите.", code="holders")
    check_version(role, version)
    giver = locked[by.pk]
    _check_role_giver(giver, holders)
    wanted = _checked(rights)
    old = role_rights(role.pk)
    touched = {r: s for r, s in wanted.items() if old.get(r) != s} | {
        r: s for r, s in old.items() if wanted.get(r) != s
    }
    for place in {holder_of(locked[pk]).place for pk in holders if pk in locked} or {holder_of(giver).place}:
        if outside := rules.beyond(holder_of(giver), touched, place):
            raise DomainError(f"Это больше ваших полномочий: «{Right(outside[0]).label}».", code="beyond")
    if role.code == OPERATOR and wanted.get(Right.EMPLOYEE_GRANT) != Scope.ALL:
        raise DomainError(
            "Оператор должен настраивать права всех сотрудников. Оставьте это право.", code="last_operator"
        )
    return _save_role(role, title, wanted, old, giver)


def _holders(role: Role) -> list[int]:
    return list(RoleAssignment.objects.filter(role=role, revoked_at=None).values_list("employee_id", flat=True))


def _check_role_giver(giver: Employee, holders: Collection[int]) -> None:
    require(giver, Right.EMPLOYEE_GRANT)
    if effective_rights(giver.pk).get(Right.EMPLOYEE_GRANT) != Scope.ALL or not giver.is_active:
        raise DomainError("Роли меняет оператор. Обратитесь к нему.", code="beyond")
    if giver.pk in holders:
        raise DomainError("Роль, которая есть у вас, меняет другой оператор.", code="self")


def _checked(rights: Mapping[str, str]) -> dict[str, Scope]:
    if unknown := [r for r, s in rights.items() if r not in Right.values or s not in Scope.values]:
        raise DomainError(f"Такого права или области нет: {unknown[0]}.", code="unknown_right")
    return {str(right): Scope(scope) for right, scope in rights.items()}


def _save_role(role: Role, title: str | None, wanted: dict, old: dict, giver: Employee) -> Role:
    role.rights.exclude(right__in=wanted).delete()
    for right, scope in wanted.items():
        if old.get(right) != scope:
            role.rights.update_or_create(right=right, defaults={"scope": scope})
    changed = {r: [old.get(r), wanted.get(r)] for r in {*old, *wanted} if old.get(r) != wanted.get(r)}
    if title and title != role.title:
        changed["title"] = [role.title, title]
        role.title = title
    if changed:
        bump(role, "title")
        data = {"changes": changed, "text": changes_text(changed), "role": role.title}
        journal.record(role, "role.changed", by=giver, data=data)
    return role


@transaction.atomic
def role_add(*, code: str, title: str, rights: Mapping[str, str], by: Employee) -> Role:
    """A role of the network's own, within the rights of who makes it."""
    giver, _ = lock_pair(by, by.pk)
    _check_role_giver(giver, ())
    wanted = _checked(rights)
    if outside := rules.beyond(holder_of(giver), wanted, holder_of(giver).place):
        raise DomainError(f"Это больше ваших полномочий: «{Right(outside[0]).label}».", code="beyond")
    role = Role.objects.create(code=code, title=title)
    for right, scope in wanted.items():
        role.rights.create(right=right, scope=scope)
    journal.record(role, "role.added", by=giver, data={"rights": wanted, "role": title})
    return role


def changes_text(changes: Mapping[str, list]) -> str:
    """«выдано: Смотреть аккаунты (точка продаж); снято: роль Менеджер» for the journal."""
    given = [_named(name, new) for name, (old, new) in changes.items() if new is not None and name != "title"]
    taken = [_named(name, old) for name, (old, new) in changes.items() if new is None]
    parts = [f"выдано: {', '.join(given)}" if given else "", f"снято: {', '.join(taken)}" if taken else ""]
    return "; ".join(part for part in parts if part)


def _named(name: str, value: str) -> str:
    if name.startswith("role:"):
        return f"роль «{value}»"
    label = Right(name).label if name in Right.values else name
    return f"«{label}» ({Scope(value).label.lower()})" if value in Scope.values else f"«{label}»"
