"""«Запрещен» and back (R1.26–R1.29): everything a person could still act with ends in the same transaction, for good."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from core import clock, journal, locks
from core.errors import DomainError
from core.jobs.services import cancel_all_of
from core.rights import require
from partners import handover, rules
from partners.models import Employee, Grant, RoleAssignment, RoleRight
from partners.rights import Right
from partners.selectors import holder_of

from .access import bump, check_version, is_operator, keep_an_operator, lock_pair
from .sessions import end_sessions

_ends: dict[str, Callable[[Employee], int]] = {}


def ends_with_block(name: str, end: Callable[[Employee], int]) -> None:
    """An app above registers what else a block ends: `end(employee)` runs in its transaction and returns a number."""
    _ends[name] = end


@transaction.atomic
def employee_block(
    *, employee_id: int, by: Employee, reason: str = "", version: int | None = None, source: str = "ui"
) -> Employee:
    """Forbid access: sessions, keys, signed links and queued work of the person end now, whatever happens later.

    What hangs on him stays his, marked «ответственный заблокирован»; handing it over is a step of its own.
    """
    actor, employee = lock_pair(by, employee_id)
    check_version(employee, version)
    require(actor, Right.EMPLOYEE_BLOCK, employee)
    if not employee.is_active:
        raise DomainError("Сотрудник уже заблокирован.", code="blocked")
    is_self, is_head = employee.pk == actor.pk, Right.EMPLOYEE_BLOCK in holder_of(employee).rights
    another = is_head and not is_self and _another_head(employee)
    if refusal := rules.may_block(is_self=is_self, is_head=is_head, another_head=another):
        raise DomainError(refusal, code="self" if is_self else "last_head")
    if rules.is_above(holder_of(employee), holder_of(actor)):
        raise DomainError("У этого сотрудника больше полномочий, чем у вас. Его блокирует оператор.", code="above")
    if is_operator(employee):
        keep_an_operator(employee)
    _close(employee, by=actor, reason=reason, source=source)
    return employee


def _close(employee: Employee, *, by: Employee | None, reason: str, source: str) -> None:
    employee.access, employee.blocked_at = Employee.Access.FORBIDDEN, clock.now()
    employee.blocked_by = by
    employee.key_epoch += 1
    bump(employee, "access", "blocked_at", "blocked_by", "key_epoch")
    ended = {"sessions": end_sessions(employee), "jobs": cancel_all_of(employee)}
    ended |= {name: end(employee) for name, end in _ends.items()}
    journal.record(employee, "employee.blocked", by=by, data={"reason": reason, "ended": ended}, source=source)


def _another_head(employee: Employee) -> bool:
    """Another working person of the sales point may block. Two blocks at one point wait for each other.

    A point that is being closed needs none: nobody else works there and nothing is bound to it.
    """
    locks.advisory_xact_lock("partners.heads", employee.salespoint_id)
    granted = Grant.objects.filter(employee=OuterRef("pk"), right=Right.EMPLOYEE_BLOCK, revoked_at=None)
    roles = RoleRight.objects.filter(right=Right.EMPLOYEE_BLOCK).values("role_id")
    by_role = RoleAssignment.objects.filter(employee=OuterRef("pk"), role_id__in=roles, revoked_at=None)
    others = Employee.objects.unblocked().filter(salespoint=employee.salespoint_id).exclude(pk=employee.pk)
    if others.filter(Q(Exists(granted)) | Q(Exists(by_role))).exists():
        return True
    return not others.exists() and not handover.of_point(employee.salespoint)


@transaction.atomic
def employee_unblock(*, employee_id: int, by: Employee, version: int | None = None) -> Employee:
    """«Разрешен»: rights come back as they were, sessions and links do not. Within the rights of who allows it."""
    actor, employee = lock_pair(by, employee_id)
    check_version(employee, version)
    require(actor, Right.EMPLOYEE_BLOCK, employee)
    if employee.is_active:
        raise DomainError("Доступ уже разрешен.", code="allowed")
    if employee.erased_at:
        raise DomainError("Данные сотрудника удалены по запросу. Примите его заново.", code="erased")
    employee.access, employee.blocked_at, employee.blocked_by = Employee.Access.ALLOWED, None, None
    if outside := rules.beyond(holder_of(actor), holder_of(employee).rights, holder_of(employee).place):
        raise DomainError(
            f"У сотрудника есть право «{Right(outside[0]).label}», которого нет у вас. Доступ вернет оператор.",
            code="beyond",
        )
    bump(employee, "access", "blocked_at", "blocked_by")
    journal.record(employee, "employee.unblocked", by=actor)
    return employee


def block_by_directory(employee: Employee) -> None:
    """A person who left in the accounting system is forbidden here as well (R1.27). Called by the nightly job alone."""
    with transaction.atomic():
        locked = Employee.objects.select_for_update(of=("self",)).get(pk=employee.pk)
        if not locked.is_active or locked.is_break_glass:
            return
        _close(locked, by=None, reason="Уволен в учетной системе", source="job")
