"""Row visibility: a right's scope as a SQL condition and, for one object, as a question (decisions 21, 22)."""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from .rights import Scope

if TYPE_CHECKING:
    from .models import Employee

NOTHING = Q(pk__in=[])


@dataclass(frozen=True, slots=True)
class ScopeFacts:
    """Whose an object is: every scoped model gives its own by `scope_facts()`."""

    salespoint_id: int | None
    manager_id: int | None = None
    region_code: str | None = None


def scope_q(
    employee: Employee,
    right: str,
    *,
    salespoint: str = "salespoint",
    manager: str | None = "manager",
    region: str | None = None,
) -> Q:
    """The rows on which `employee` holds `right`.

    `salespoint`, `manager`, `region` are lookup paths of the model; `region` given: rows without a sales point
    belong to everyone who serves their region (pool B).
    """
    scope = employee.scope_of(right)
    if scope is None:
        return NOTHING
    if scope == Scope.ALL:
        return Q()
    pool = Q(**{f"{salespoint}__isnull": True, f"{region}__in": employee.region_codes}) if region else NOTHING
    return functools.reduce(operator.or_, (*_bound(employee, scope, salespoint, manager), pool))


def scope_parts(
    employee: Employee, right: str, *, salespoint: str = "salespoint", manager: str = "manager", region: str
) -> tuple[Q, ...]:
    """The same rows as parts that share none: in an order, an index can be walked for each, for all together none can."""
    scope = employee.scope_of(right)
    if scope is None:
        return (NOTHING,)
    if scope == Scope.ALL:
        return (Q(),)
    pools = (Q(**{f"{salespoint}__isnull": True, region: code}) for code in sorted(employee.region_codes))
    return (*_bound(employee, scope, salespoint, manager), *pools)


def _bound(employee: Employee, scope: Scope, salespoint: str, manager: str | None) -> tuple[Q, ...]:
    """Rows with a sales point; no row is in two parts."""
    if scope == Scope.REGION:
        return (Q(**{f"{salespoint}_id__in": employee.points_of_regions}),)
    here = Q(**{f"{salespoint}_id": employee.salespoint_id})
    if scope == Scope.SALESPOINT or manager is None:
        return (here,)
    mine = Q(**{f"{manager}_id": employee.pk})
    if scope == Scope.DEPARTMENT and employee.department_id:
        mine |= Q(**{f"{manager}__department_id": employee.department_id})
    return mine, here & Q(**{f"{manager}__isnull": True})


def covers(employee: Employee, right: str, facts: ScopeFacts) -> bool:
    """The same question for one object; a property test keeps it equal to `scope_q`."""
    scope = employee.scope_of(right)
    if scope is None:
        return False
    if scope == Scope.ALL:
        return True
    if facts.salespoint_id is None and facts.region_code is not None and facts.region_code in employee.region_codes:
        return True
    if scope == Scope.REGION:
        return facts.salespoint_id in employee.points_of_regions
    if scope == Scope.SALESPOINT:
        return facts.salespoint_id == employee.salespoint_id
    if facts.manager_id is None:
        return facts.salespoint_id == employee.salespoint_id
    if facts.manager_id == employee.pk:
        return True
    return scope == Scope.DEPARTMENT and employee.is_colleague(facts.manager_id)
