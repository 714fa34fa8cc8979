"""The tree of sections: declared by `sbilling.navigation`, drawn for one person, one page.

Entries without the viewer's right are not there at all. Counters never cost a page its time: the page shows the
numbers that the cache knows, and `/navigation/counters/` fills in the rest after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils.safestring import SafeString

from core import formats
from core.pages import EMPLOYEE

COUNTER_SECONDS = 60
MOST_DRAWN = 1_000
_drawn: dict[tuple[int, ...], tuple[str, list[Entry]]] = {}
Counter = Callable[[Any], int]


@dataclass(frozen=True)
class Entry:
    """A section. `counter(employee)` gives the records that wait for him; `hot` paints it red; `go` is the key after G,
    `also` begins further URLs that belong to it."""

    title: str
    url: str
    right: str | tuple[str, ...] = EMPLOYEE
    icon: str = ""
    counter: Counter | None = None
    hot: bool = False
    children: tuple[Entry, ...] = ()
    go: str = ""
    also: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.url.strip("/").replace("/", "-") or "home"


@dataclass
class Node:
    """An entry as this viewer sees it."""

    entry: Entry
    children: list[Node] = field(default_factory=list)
    is_current: bool = False
    is_open: bool = False
    number: int | None = None

    @property
    def counts(self) -> bool:
        """It has a counter. (A template would call the counter itself.)"""
        return self.entry.counter is not None

    @property
    def key(self) -> str:
        return self.entry.key


@lru_cache(maxsize=256)
def is_served(path: str) -> bool:
    """Sections of apps that have no pages yet stay out of the tree: no link leads nowhere (R0.19)."""
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def sees(employee, entry: Entry) -> bool:
    return _opens(employee.has_right, entry)


def _opens(has_right: Callable[[str], bool], entry: Entry) -> bool:
    if not is_served(entry.url):
        return False
    rights = (entry.right,) if isinstance(entry.right, str) else entry.right
    return EMPLOYEE in rights or any(map(has_right, rights))


def tree(request: HttpRequest, entries: tuple[Entry, ...]) -> list[Node]:
    """The visible part; the entry with the longest URL that begins the page's path is the current one."""
    nodes = _nodes(request, entries, _current(list(_seen(request.user.has_right, entries)), request.path))
    every = list(_walk(nodes))
    known = _numbers(request.user, [node.entry for node in every])
    for node in every:
        node.number = known.get(_cache_key(request.user, node.entry)) if node.counts else None
    return nodes


def _nodes(request: HttpRequest, entries: tuple[Entry, ...], current: Entry | None) -> list[Node]:
    nodes = [_node(request.user, entry) for entry in entries if sees(request.user, entry)]
    if current:
        for node in _walk(nodes):
            node.is_current = node.entry is current
        for node in nodes:
            _open(node)
    return nodes


def _current(entries: list[Entry], path: str) -> Entry | None:
    fitting = [entry for entry in entries if entry.url != "/" and path.startswith((entry.url, *entry.also))]
    return max(fitting, key=lambda entry: len(entry.url), default=None)


def _numbers(employee, entries: list[Entry]) -> dict[str, int]:
    """What the cache knows of those that have a counter."""
    keys = [_cache_key(employee, entry) for entry in entries if entry.counter]
    return cache.get_many(keys) if keys else {}


def drawn(request: HttpRequest, entries: tuple[Entry, ...], *, beside: tuple[Entry, ...] = ()) -> SafeString:
    """The tree as HTML. Kept by what is in it and where one stands; numbers are put in afterwards.

    One section of the page is current: `beside` are the trees drawn apart, whose entry may fit better.
    """
    seen = list(_seen(request.user.has_right, entries))
    best = _current([*seen, *_seen(request.user.has_right, beside)], request.path)
    current = next((entry for entry in seen if entry is best), None)
    shape = (id(current), *map(id, seen))
    if shape not in _drawn:
        if len(_drawn) >= MOST_DRAWN:
            _drawn.clear()
        nodes = _nodes(request, entries, current)
        html = "".join(render_to_string("components/nav_node.html", {"node": node, "level": 0}) for node in nodes)
        _drawn[shape] = html, seen  # with the entries: as long as they live, their ids are nobody else's
    html = _drawn[shape][0]
    known = _numbers(request.user, seen)
    for entry in seen:
        if known and (number := known.get(_cache_key(request.user, entry))):
            html = html.replace(f'id="nav-{entry.key}"></span>', f'id="nav-{entry.key}">{formats.group(number)}</span>')
    return SafeString(html)  # templates and figures


def count(request: HttpRequest, entries: tuple[Entry, ...]) -> list[Node]:
    """Every counter of the viewer, from the cache or counted now."""
    found = []
    for node in _walk(tree(request, entries)):
        if node.counts:
            if node.number is None:
                node.number = node.entry.counter(request.user)
                cache.set(_cache_key(request.user, node.entry), node.number, COUNTER_SECONDS)
            found.append(node)
    return found


def _cache_key(employee, entry: Entry) -> str:
    return f"nav:{employee.pk}:{entry.key}"


def _seen(has_right: Callable[[str], bool], entries: tuple[Entry, ...]) -> Iterator[Entry]:
    for entry in entries:
        if _opens(has_right, entry):
            yield entry
            yield from _seen(has_right, entry.children)


def _node(employee, entry: Entry) -> Node:
    return Node(entry, [_node(employee, child) for child in entry.children if sees(employee, child)])


def _walk(nodes: list[Node]):
    for node in nodes:
        yield node
        yield from _walk(node.children)


def _open(node: Node) -> bool:
    below = [_open(child) for child in node.children]  # all of them: no short circuit
    node.is_open = node.is_current or any(below)
    return node.is_open
