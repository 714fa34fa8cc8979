"""The access page: what one may grant is enabled, the rest is shown but disabled (R1.22, R1.23, fig. 1-3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import rules
from .models import Employee, Grant, Role, RoleAssignment
from .rights import MODULES, Right, Scope
from .selectors import holder_of, live_grants, live_roles


@dataclass(frozen=True)
class RoleLine:
    """A role on the page."""

    code: str
    title: str
    held: RoleAssignment | None
    is_on: bool
    is_open: bool


@dataclass(frozen=True)
class RightLine:
    """A single right: what was granted, what the roles give anyway, and which scopes may be chosen."""

    right: str
    label: str
    held: Grant | None
    by_roles: str
    chosen: str
    is_open: bool
    scopes: list[tuple[str, str, bool]]


@dataclass(frozen=True)
class Changes:
    """What the posted page asks of `grant`."""

    give: dict[str, str]
    take: list[str]
    assign: list[str]
    unassign: list[str]


class AccessForm:
    """Reads and draws the page for one employee and one viewer. Disabled parts of a forged POST are ignored."""

    def __init__(self, employee: Employee, viewer: Employee, data: Mapping[str, Any] | None = None) -> None:
        self.employee, self.viewer, self.data = employee, viewer, data
        self.giver, self.place = holder_of(viewer), holder_of(employee).place
        self.held_roles = {a.role.code: a for a in live_roles(employee)}
        self.grants = {g.right: g for g in live_grants(employee)}
        self.roles = list(Role.objects.prefetch_related("rights"))
        self.of_roles = rules.widest(*(self._rights(role) for role in self.roles if role.code in self.held_roles))

    @staticmethod
    def _rights(role: Role) -> dict[str, Scope]:
        return {line.right: Scope(line.scope) for line in role.rights.all()}

    def _may(self, right: str, scope: str) -> bool:
        return rules.reaches(self.giver, Scope(scope), self.place, right)

    def role_lines(self) -> list[RoleLine]:
        """Roles of the network, those one may give enabled."""
        lines = []
        for role in self.roles:
            held = self.held_roles.get(role.code)
            is_open = not rules.beyond(self.giver, self._rights(role), self.place)
            wanted = role.code in self.data.getlist("role") if self.data is not None and is_open else bool(held)
            lines.append(RoleLine(role.code, role.title, held, wanted, is_open))
        return lines

    def modules(self) -> list[tuple[str, list[RightLine]]]:
        """Rights grouped by module."""
        return [(title, [self._line(right) for right in rights]) for title, rights in MODULES]

    def _line(self, right: Right) -> RightLine:
        held = self.grants.get(right)
        is_open = self._may(right, held.scope if held else Scope.OWN) or (
            held is None and any(self._may(right, scope) for scope in Scope)
        )
        chosen = self._posted(right) if self.data is not None and is_open else held.scope if held else ""
        by_roles = self.of_roles.get(right)
        scopes = [(s.value, s.label, self._may(right, s)) for s in Scope]
        return RightLine(right, right.label, held, by_roles.label if by_roles else "", chosen, is_open, scopes)

    def _posted(self, right: str) -> str:
        told = self.data.get(f"right:{right}", "")
        return told if told in Scope.values else ""

    def version(self) -> int | None:
        """The version the page was read with."""
        told = str((self.data or {}).get("version", ""))
        return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else None

    def changes(self) -> Changes:
        """What differs from what is held, among the enabled parts."""
        lines = [line for _title, lines in self.modules() for line in lines if line.is_open]
        roles = [line for line in self.role_lines() if line.is_open]
        return Changes(
            give={x.right: x.chosen for x in lines if x.chosen and (x.held is None or x.held.scope != x.chosen)},
            take=[x.right for x in lines if x.held and not x.chosen],
            assign=[x.code for x in roles if x.is_on and not x.held],
            unassign=[x.code for x in roles if x.held and not x.is_on],
        )
