"""What hangs on a person or a sales point, told by the apps above, and how it is handed over (R1.17, R1.26).

    register(Hanging("clients", "Клиенты", order=10, count=count_bound, hand_over=hand_over_bound,      # clients/handover.py
                     url=lambda e: f"/clients/?resp=e{e.pk}"))
    register_point(PointHanging("accounts", "Аккаунты", order=20, count=…, hand_over=…))

`hand_over(employee, to, by, on)` moves at most BATCH rows in the caller's transaction and returns how many it moved;
it is called until it moves none. Each app does it by its own services' rules, with its own journal entries.
`<app>/handover.py` is found by name at start.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from .models import Employee, SalesPoint

BATCH = 100


@dataclass(frozen=True)
class Hanging:
    """One kind of work that an employee is responsible for."""

    code: str
    title: str
    count: Callable[[Employee], int]
    hand_over: Callable[..., int]
    order: int = 100
    url: Callable[[Employee], str] = lambda employee: ""


@dataclass(frozen=True)
class PointHanging:
    """One kind of thing that a sales point holds. `hand_over(point, to, by, on)`; `to` is another sales point."""

    code: str
    title: str
    count: Callable[[SalesPoint], int]
    hand_over: Callable[..., int]
    order: int = 100
    url: Callable[[SalesPoint], str] = lambda point: ""


@dataclass(frozen=True)
class Counted:
    """A line of the preview."""

    code: str
    title: str
    number: int
    url: str


_people: dict[str, Hanging] = {}
_points: dict[str, PointHanging] = {}


def register(hanging: Hanging) -> None:
    """Add a kind of work; a code is registered once."""
    _people[hanging.code] = hanging


def register_point(hanging: PointHanging) -> None:
    """Add a kind of thing of a sales point."""
    _points[hanging.code] = hanging


def of_employee(employee: Employee) -> list[Counted]:
    """What hangs on the employee, kinds with nothing left out."""
    return _counted(_people, employee)


def of_point(point: SalesPoint) -> list[Counted]:
    """What is bound to the sales point, kinds with nothing left out."""
    return _counted(_points, point)


def _counted(kinds: dict, subject) -> list[Counted]:
    found = [(kind, kind.count(subject)) for kind in sorted(kinds.values(), key=lambda k: (k.order, k.code))]
    return [Counted(kind.code, kind.title, number, kind.url(subject)) for kind, number in found if number]


def move_some(employee: Employee, *, to: Employee, by: Employee, on: date, only: str = "") -> dict[str, int]:
    """One batch of every kind (or of one); {code: moved}. Empty when nothing is left."""
    kinds = [k for k in _people.values() if not only or k.code == only]
    moved = {kind.code: kind.hand_over(employee, to=to, by=by, on=on) for kind in kinds}
    return {code: number for code, number in moved.items() if number}


def move_some_of_point(point: SalesPoint, *, to: SalesPoint, by: Employee, on: date) -> dict[str, int]:
    """One batch of every kind of a sales point; {code: moved}."""
    moved = {kind.code: kind.hand_over(point, to=to, by=by, on=on) for kind in _points.values()}
    return {code: number for code, number in moved.items() if number}
