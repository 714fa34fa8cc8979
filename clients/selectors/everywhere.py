"""The search of the header: groups registered by the apps above, each asked for what its numbers or names are (C7).

    register(SearchGroup("Аккаунты", order=20, right=Right.ACCOUNT_VIEW, find=find_accounts))     # accounts/work/search.py

`find(route, employee, limit)` gives hits the employee may see; a hit with `is_exact` opens at once on Enter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from clients.models import Client
from clients.selectors.search import SHOWN, Route, Typed, lookup_inn, route, search_clients
from core.identifiers import is_inn
from core.text import clean
from partners.models import Employee

EVERYBODY = ""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A line of the results. `sub` says what tells it from its neighbours."""

    title: str
    url: str
    sub: str = ""
    is_exact: bool = False
    is_off: bool = False


@dataclass(frozen=True, slots=True)
class SearchGroup:
    title: str
    find: Callable[[Route, Employee, int], list[SearchHit]]
    order: int = 100
    right: str = EVERYBODY


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one kind. `more`: there are others; `list_url`: the list that shows the viewer's own among them."""

    title: str
    hits: list[SearchHit]
    more: bool = False
    list_url: str = ""


@dataclass(slots=True)
class Answer:
    """Groups with their hits, and what to tell about them all; `nothing`: why there are none."""

    groups: list[Group] = field(default_factory=list)
    note: str = ""
    nothing: str = ""

    @property
    def only(self) -> SearchHit | None:
        """The one exact hit, where there is one and no other."""
        exact = [hit for group in self.groups for hit in group.hits if hit.is_exact]
        return exact[0] if len(exact) == 1 else None


_groups: list[SearchGroup] = []


def register(group: SearchGroup) -> None:
    """Add a group once."""
    if all(known.title != group.title for known in _groups):
        _groups.append(group)
        _groups.sort(key=lambda known: known.order)


def search_everywhere(text: str, *, employee: Employee, limit: int = SHOWN) -> Answer:
    """What is found for the words of the header's box: clients by whatever was typed, other groups as registered.

    One more than `limit` is asked for: what stands beyond is told of, never counted (a common word has a million names).
    """
    asked, answer = route(text), Answer()
    if asked.typed is Typed.NOTHING:
        return answer
    for group in _groups:
        if (not group.right or employee.has_right(group.right)) and (hits := group.find(asked, employee, limit + 1)):
            answer.groups.append(Group(group.title, hits[:limit], len(hits) > limit))
    found = search_clients(text, limit=limit + 1)
    if found.clients:
        exact = asked.typed in (Typed.INN, Typed.OGRN)
        hits = [_hit(client, is_exact=exact) for client in found.clients[:limit]]
        words = found.meant or asked.value
        in_list = f"/clients/?{urlencode({'q': words})}" if asked.typed is Typed.NAME else ""
        answer.groups.insert(0, Group("Клиенты", hits, len(found.clients) > limit, in_list))
        answer.note = found.note if found.meant else ""
    if not answer.groups:
        answer.nothing = _nothing(text)
    return answer


def _nothing(text: str) -> str:
    """Of an ИНН the two causes apart (R2.75): a slip in its digits, or nobody in the registers has it."""
    digits = "".join(clean(text).split())
    if not (digits.isascii() and digits.isdigit() and len(digits) in (10, 12)):
        return "Ничего не найдено. Проверьте цифры ИНН или часть названия."
    if is_inn(digits):
        return f"Ничего не найдено. {lookup_inn(digits).message}"
    return "Ничего не найдено. Если это ИНН, в нем ошибка: контрольная сумма не сходится. Проверьте цифры."


def _hit(client: Client, *, is_exact: bool) -> SearchHit:
    place = " · ".join(filter(None, (client.city, client.inn, client.kpp)))
    sub = f"{place} · прекратила деятельность" if client.is_ceased else place
    return SearchHit(client.name, client.get_absolute_url(), sub, is_exact, client.is_ceased)
