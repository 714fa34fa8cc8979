"""Where a person's data may be found, told by the apps, and how it is made nameless (152-ФЗ).

    register(ErasureSource("contacts", "Контактные лица клиентов", find=find_people, erase=erase_people))    # clients/erasure.py

`find(Wanted)` gives what would be erased; `erase(ids, by=…)` replaces names, telephones and addresses, keeps the rows
that accounting facts rest on, runs in the caller's transaction and returns how many it changed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

GONE = "Удалено по запросу"


@dataclass(frozen=True)
class Wanted:
    """What the person gave of himself: normalised telephone, lower-case e-mail, full name; empty means not given."""

    phone: str = ""
    email: str = ""
    name: str = ""


@dataclass(frozen=True)
class FoundPerson:
    """One row with data of the person: its id in the source, whose it is, where it stands."""

    pk: int
    name: str
    where: str


@dataclass(frozen=True)
class ErasureSource:
    """A kind of rows with personal data."""

    code: str
    title: str
    find: Callable[[Wanted], list[FoundPerson]]
    erase: Callable[..., int]


_sources: dict[str, ErasureSource] = {}


def register(source: ErasureSource) -> None:
    """Add a source; a code is registered once."""
    _sources[source.code] = source


def find(wanted: Wanted) -> list[tuple[ErasureSource, list[FoundPerson]]]:
    """What every source knows of the person; sources without anything are left out."""
    if not (wanted.phone or wanted.email or wanted.name):
        return []
    found = [(source, source.find(wanted)) for source in _sources.values()]
    return [(source, people) for source, people in found if people]


def erase(chosen: dict[str, Collection[int]], *, by) -> dict[str, int]:
    """Erase the chosen ids of each source; {code: changed}."""
    return {code: _sources[code].erase(sorted(ids), by=by) for code, ids in chosen.items() if code in _sources and ids}
