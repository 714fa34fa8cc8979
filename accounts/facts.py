"""Short facts in the head of an account card, told by the apps above: «Полный», «Долг 150 ₽» (R2.131, R2.133).

    @head_fact
    def debt(account, request) -> Fact | None: ...

Each is asked once per page; None says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

from accounts.models import Account, AccountMember


@dataclass(frozen=True, slots=True)
class Fact:
    """`slug` names it for the blocks below; `tone` as a badge's."""

    slug: str
    text: str
    tone: str = ""
    title: str = ""
    url: str = ""


_facts: list[Callable[[Account, HttpRequest], Fact | None]] = []


def head_fact(function: Callable[[Account, HttpRequest], Fact | None]):
    _facts.append(function)
    return function


def facts_of(account: Account, request: HttpRequest) -> dict[str, Fact]:
    """{slug: fact} in the order of registration."""
    kept = request.__dict__.setdefault("account_facts", {})
    if account.pk not in kept:
        told = [fact for tell in _facts if (fact := tell(account, request)) is not None]
        kept[account.pk] = {fact.slug: fact for fact in told}
    return kept[account.pk]


MOST = 200


def present_members(account: Account, request: HttpRequest) -> list[AccountMember]:
    """The organisations of the account, the main one first; asked once per page."""
    kept = request.__dict__.setdefault("account_members", {})
    if account.pk not in kept:
        kept[account.pk] = list(account.members.present().select_related("client__manager")[:MOST])
    return kept[account.pk]
