"""What hangs on a person or a sales point, told by the apps above, and how it is handed over (R1.17, R1.26).

    register(Hanging("clients", "Клиенты", order=10, ids=ids_of, hand_over=hand_over_card,      # clients/handover.py
                     url=lambda e: f"/clients/?resp=e{e.pk}"))
    register_point(Hanging("accounts", "Аккаунты", order=20, ids=…, hand_over=…))

`ids(subject)` are the rows that hang on the person (or the point), ascending. `hand_over(pk, source=…, to=…, by=…, on=…)`
moves one of them by its app's own rules and journal and returns its name; DomainError refuses this row alone, and the
report tells it. `before(pks)` takes the locks of a batch that come before all others (decision 30).
`<app>/handover.py` is found by name at start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .models import Employee, SalesPoint


@dataclass(frozen=True)
class Hanging:
    """One kind of what an employee is responsible for, or a sales point holds."""

    code: str
    title: str
    ids: Callable[[Any], Iterable[int]]
    hand_over: Callable[..., str]
    order: int = 100
    url: Callable[[Any], str] = lambda subject: ""
    before: Callable[[Sequence[int]], None] = lambda pks: None

    def count(self, subject: Employee | SalesPoint) -> int:
        """How many rows hang on it; a queryset is counted by the database."""
        ids = self.ids(subject)
        return ids.count() if hasattr(ids, "query") else len(list(ids))


@dataclass(frozen=True)
class Counted:
    """A line of the preview."""

    code: str
    title: str
    number: int
    url: str


_people: dict[str, Hanging] = {}
_points: dict[str, Hanging] = {}


def register(hanging: Hanging) -> None:
    """Add a kind of work of a person; a code is registered once."""
    _people[hanging.code] = hanging


def register_point(hanging: Hanging) -> None:
    """Add a kind of thing of a sales point; `to` of its `hand_over` is another sales point."""
    _points[hanging.code] = hanging


def of_employee(employee: Employee) -> list[Counted]:
    """What hangs on the employee, kinds with nothing left out."""
    return _counted(employee)


def of_point(point: SalesPoint) -> list[Counted]:
    """What is bound to the sales point, kinds with nothing left out."""
    return _counted(point)


def kinds_for(subject: Employee | SalesPoint) -> list[Hanging]:
    """The kinds of a person or of a point, in the order in which they are handed over."""
    kinds = _people if isinstance(subject, Employee) else _points
    return sorted(kinds.values(), key=lambda kind: (kind.order, kind.code))


def _counted(subject: Employee | SalesPoint) -> list[Counted]:
    found = [(kind, kind.count(subject)) for kind in kinds_for(subject)]
    return [Counted(kind.code, kind.title, number, kind.url(subject)) for kind, number in found if number]
