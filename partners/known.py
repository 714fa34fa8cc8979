"""Names that lists and selects show on every page: regions, sales points, partners, people, roles. From the process (`core.reference`)."""

from __future__ import annotations

from typing import NamedTuple

from core.reference import kept

from .models import Employee, Partner, Region, Role, SalesPoint


class Person(NamedTuple):
    """What a list tells of an employee."""

    pk: int
    short_name: str
    salespoint_id: int
    is_active: bool


def regions() -> dict[str, Region]:
    """{code: region}, by code."""
    return kept("partners.regions", lambda: {region.pk: region for region in Region.objects.all()})


def points() -> dict[int, str]:
    """{pk: «7699 Центральный офис»} of all sales points, by code."""
    return kept("partners.points", lambda: {point.pk: str(point) for point in SalesPoint.objects.order_by("code")})


def partners() -> dict[int, Partner]:
    """{pk: partner}, by name."""
    return kept("partners.partners", lambda: {partner.pk: partner for partner in Partner.objects.order_by("name")})


def roles() -> list[tuple[str, str]]:
    """(code, title) for a select."""
    return kept("partners.roles", lambda: list(Role.objects.values_list("code", "title")))


def point_name(pk: int | None) -> str:
    """«7699 Центральный офис»; "" for none."""
    return points().get(pk, "") if pk else ""


def people() -> dict[int, Person]:
    """{pk: person} of everybody, by surname."""
    return kept("partners.people", _read_people)


def _read_people() -> dict[int, Person]:
    found = Employee.objects.only("last_name", "first_name", "middle_name", "salespoint", "access")
    return {p.pk: Person(p.pk, p.short_name, p.salespoint_id, p.is_active) for p in found}


def person_name(pk: int | None) -> str:
    """«Травина А. Е.»; "" for nobody."""
    person = people().get(pk) if pk else None
    return person.short_name if person else ""


def working_people() -> dict[int, list[Person]]:
    """{sales point: its people who are not blocked}, by surname."""
    return kept("partners.working_people", _by_point)


def _by_point() -> dict[int, list[Person]]:
    found: dict[int, list[Person]] = {}
    for person in people().values():
        if person.is_active:
            found.setdefault(person.salespoint_id, []).append(person)
    return found


def points_by_region() -> dict[str, frozenset[int]]:
    """{region: sales points that serve it}."""
    return kept("partners.points_by_region", _read_points_by_region)


def _read_points_by_region() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for region, point in SalesPoint.regions.through.objects.values_list("region_id", "salespoint_id"):
        found.setdefault(region, set()).add(point)
    return {region: frozenset(served) for region, served in found.items()}
