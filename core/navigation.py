"""The tree of sections: declared by `sbilling.navigation`, drawn for one person, one page.

Entries without the viewer's right are not there at all. Counters never cost a page its time: the page shows the
numbers that the cache knows, and `/navigation/counters/` fills in the rest after it.
"""

from __future__ import annotations

from collections.abc import Callable
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
_drawn: dict[tuple, str] = {}
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
        return self.entry.url.strip("/").replace("/", "-") or "home"


@lru_cache(maxsize=256)
def is_served(path: str) -> bool:
    """Sections of apps that have no pages yet stay out of the tree: no link leads nowhere (R0.19)."""
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def sees(employee, entry: Entry) -> bool:
    if not is_served(entry.url):
        return False
    rights = (entry.right,) if isinstance(entry.right, str) else entry.right
    return EMPLOYEE in rights or any(employee.has_right(right) for right in rights)


def tree(request: HttpRequest, entries: tuple[Entry, ...]) -> list[Node]:
    """The visible part; the entry with the longest URL that begins the page's path is the current one."""
    nodes = [_node(request.user, entry) for entry in entries if sees(request.user, entry)]
    every = list(_walk(nodes))
    fitting = [
        node for node in every if node.entry.url != "/" and request.path.startswith((node.entry.url, *node.entry.also))
    ]
    if fitting:
        current = max(fitting, key=lambda node: len(node.entry.url))
        current.is_current = True
        for node in nodes:
            _open(node)
    known = cache.get_many([_cache_key(request.user, node) for node in every if node.counts])
    for node in every:
        node.number = known.get(_cache_key(request.user, node)) if node.counts else None
    return nodes


def drawn(request: HttpRequest, entries: tuple[Entry, ...]) -> SafeString:
    """The tree as HTML. Kept by what is in it and where one stands; numbers are put in afterwards."""
    nodes = tree(request, entries)
    shape = tuple((node.key, node.entry.title, node.is_current, node.is_open) for node in _walk(nodes))
    html = _drawn.get(shape)
    if html is None:
        numbers = {node.key: node.number for node in _walk(nodes)}
        for node in _walk(nodes):
            node.number = None
        html = "".join(render_to_string("components/nav_node.html", {"node": node, "level": 0}) for node in nodes)
        for node in _walk(nodes):
            node.number = numbers[node.key]
        if len(_drawn) >= MOST_DRAWN:
            _drawn.clear()
        _drawn[shape] = html
    for node in _walk(nodes):
        if node.number:
            html = html.replace(
                f'id="nav-{node.key}"></span>', f'id="nav-{node.key}">{formats.group(node.number)}</span>'
            )
    return SafeString(html)  # templates and figures


def count(request: HttpRequest, entries: tuple[Entry, ...]) -> list[Node]:
    """Every counter of the viewer, from the cache or counted now."""
    found = []
    for node in _walk(tree(request, entries)):
        if node.counts:
            if node.number is None:
                node.number = node.entry.counter(request.user)
                cache.set(_cache_key(request.user, node), node.number, COUNTER_SECONDS)
            found.append(node)
    return found


def _cache_key(employee, node: Node) -> str:
    return f"nav:{employee.pk}:{node.key}"


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
