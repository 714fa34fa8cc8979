"""Accounts in the search of the header: by number, and by name where nothing but words was typed."""

from __future__ import annotations

from accounts.models import Account
from clients.selectors.everywhere import SearchGroup, SearchHit, register
from clients.selectors.search import CANDIDATES, Route, Typed
from core.formats import group
from partners.models import Employee
from partners.rights import Right


def find_accounts(asked: Route, employee: Employee, limit: int) -> list[SearchHit]:
    """Only accounts in scope (decision 21)."""
    accounts = Account.objects.visible_to(employee)
    if asked.typed is Typed.NUMBER and len(asked.value) == 7:
        found = accounts.filter(number=int(asked.value))
    elif asked.typed is Typed.NAME and len(asked.value) >= 3:
        # Candidates first, then their order: all matches of a common word are never sorted (design/performance.md 4).
        some = accounts.filter(name__icontains=asked.value).order_by().values("pk")[:CANDIDATES]
        found = Account.objects.filter(pk__in=some).order_by("name", "pk")
    else:
        return []
    return [
        SearchHit(
            account.name, account.get_absolute_url(), f"№ {group(account.number)}", is_exact=asked.typed is Typed.NUMBER
        )
        for account in found[:limit]
    ]


register(SearchGroup("Аккаунты", find_accounts, order=20, right=Right.ACCOUNT_VIEW))
