"""Asking every URL as every role and putting the answer into one letter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.template.backends.django import Template
from django.test import Client as Browser
from django.utils.safestring import SafeString

from core.cards import CardPage
from core.lists import ListPage
from core.pages import Page
from tests.authz.world import ROLES, World

PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")


class Undo(Exception):
    """Takes back what a request did."""


def path_of(route: str, params: dict[str, Any]) -> str:
    """The URL with its parameters; what a maker does not give is an id that nothing has."""
    return "/" + PARAMETER.sub(lambda m: str(params.get(m[2], "99999999" if m[1] == "int" else "nothing")), route)


def browser_of(world: World, role: str) -> Browser:
    browser = Browser(raise_request_exception=False)
    if world.cookies[role]:
        browser.cookies["session"] = world.cookies[role]
    return browser


@contextmanager
def undrawn() -> Iterator[None]:
    """Views decide as ever and show nothing: the answer has its status, what only its page needs is not looked up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "render", lambda self, context=None, request=None: SafeString(""))
        patch.setattr(Page, "render", lambda self, status=200, template=None, **context: HttpResponse(status=status))
        patch.setattr(ListPage, "show", lambda self, status=200: self.found() and HttpResponse(status=status))
        for part in ("_tabs", "_panels", "_alert"):
            patch.setattr(CardPage, part, lambda self, *args: ())
        yield


def ask(world: World, role: str, asking: str, path: str, *, drawn: bool = True):
    """The answer to GET, POST or htmx (a GET by a part of a page); whatever it wrote is taken back."""
    method, headers = ("GET", {"HX-Request": "true"}) if asking == "htmx" else (asking, None)
    try:
        with nullcontext() if drawn else undrawn(), transaction.atomic():
            answer = browser_of(world, role).generic(method, path, headers=headers)
            raise Undo
    except Undo:
        return answer


def letter(answer, *, public: bool) -> str:
    """One letter of the table, «!» for a broken page."""
    code = answer.status_code
    if code == 302 and answer["Location"].startswith("/login/") and not public:
        return "L"
    if answer.headers.get("HX-Redirect", "").startswith("/login/") and not public:
        return "L"
    if code == 401:
        return "K" if public else "L"
    if code == 500:
        return "!"
    return {403: "F", 404: "N"}.get(code, "P" if public else "Y")


def row_of(world: World, route: str, maker: str, place: str, method: str, *, public: bool) -> str:
    """The nine letters of one URL, decided and not drawn."""
    path = path_of(route, world.params(maker, place))
    return "".join(letter(ask(world, role, method, path, drawn=False), public=public) for role in ROLES)


def bare(answer, path: str) -> str:
    """The body without what differs by nature: the path itself, tokens, the number of the request."""
    text = answer.content.decode().replace(path, "/…/")
    text = re.sub(r"[0-9a-f]{12}|value=\"[^\"]*\"|content=\"[A-Za-z0-9]{32,}\"", "", text)
    return re.sub(r"/[a-z-]+/[0-9]+/", "/…/", text)
