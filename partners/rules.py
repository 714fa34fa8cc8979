"""Who may give what to whom: pure functions over facts (decision 22, R1.23). No ORM, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .rights import LENT, POWER, Right, Scope


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands: what his scopes reach."""

    salespoint_id: int
    department_id: int | None = None
    points_of_regions: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Holder:
    """An employee as the rules see him: rights in force and his place."""

    rights: Mapping[str, Scope]
    place: Place


def reaches(giver: Holder, scope: Scope, receiver: Place, right: str) -> bool:
    """`right` with `scope` at the receiver's place gives nothing beyond what the giver reaches himself.

    A narrow scope means different rows at another sales point, so width alone is not compared across points.
    """
    own = authority(giver).get(right)
    if own is None:
        return False
    if own == Scope.ALL:
        return True
    if scope == Scope.ALL:
        return False
    if own == Scope.REGION:
        if scope == Scope.REGION:
            return receiver.points_of_regions <= giver.place.points_of_regions
        return receiver.salespoint_id in giver.place.points_of_regions
    if receiver.salespoint_id != giver.place.salespoint_id or not own.covers(scope):
        return False
    return own != Scope.DEPARTMENT or receiver.department_id == giver.place.department_id


def authority(giver: Holder) -> dict[str, Scope]:
    """What a giver may hand on: his own rights, and those lent to whoever staffs the whole network."""
    may = {str(right): scope for right, scope in giver.rights.items()}
    if may.get(Right.EMPLOYEE_GRANT) == Scope.ALL:
        may |= {str(right): Scope.ALL for right in LENT}
    return may


def beyond(giver: Holder, rights: Mapping[str, Scope], receiver: Place) -> list[str]:
    """Those of the rights that the giver may not hand to the receiver, in the order of `Right`."""
    found = {str(right) for right, scope in rights.items() if not reaches(giver, Scope(scope), receiver, str(right))}
    return [right for right in Right.values if right in found]


def is_above(target: Holder, other: Holder) -> bool:
    """The target holds power over people or the program that the other one lacks: he is not his to block or reset."""
    power = {right: scope for right, scope in target.rights.items() if right in POWER}
    return bool(beyond(other, power, target.place))


def widest(*sets: Mapping[str, Scope]) -> dict[str, Scope]:
    """Rights of several sources together: the widest scope of each wins."""
    found: dict[str, Scope] = {}
    for rights in sets:
        for right, scope in rights.items():
            if right not in found or Scope(scope).covers(found[right]):
                found[right] = Scope(scope)
    return found


def may_block(*, is_self: bool, is_head: bool, another_head: bool) -> str:
    """Why this person must not be blocked, "" when he may: nobody himself, nobody the last head (R1.26)."""
    if is_self:
        return "Себя заблокировать нельзя. Это сделает другой руководитель или оператор."
    if is_head and not another_head:
        return "Это последний руководитель точки продаж. Сначала назначьте другого."
    return ""
