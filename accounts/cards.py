"""The account card: what this app puts on it (R2.81). Apps above register licences, charges, tickets, renewals."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.models import Account
from accounts.timeline import KINDS, timeline
from core.cards import Action, Card, Panel, Section
from core.lists.state import changed
from partners.rights import Right

account_card = Card("account", title="Карточка аккаунта")


def contacts(account: Account, request: HttpRequest) -> dict[str, Any]:
    """Contact persons, accountants first (R2.45)."""
    order = {"accountant": 0, "deputy": 1, "director": 2}
    rows = sorted(
        account.contacts.select_related("person"), key=lambda c: (not c.is_preferred, order.get(c.role, 9), c.pk)
    )
    return {"contacts": rows, "may_change": request.user.may(Right.ACCOUNT_CHANGE, account)}


def owner(account: Account, request: HttpRequest) -> dict[str, Any]:
    return {"viewer": request.user, "may_assign": request.user.may(Right.ACCOUNT_CHANGE, account)}


def history(account: Account, request: HttpRequest) -> dict[str, Any]:
    """«История»: notes, calls and every change of the account."""
    found = timeline(request.GET, account_id=account.pk)
    return {
        "timeline": found,
        "kinds": [(code, title, f"?kind={code}") for code, (title, _prefixes) in KINDS.items()],
        "older": changed(request.GET, after=found.after) if found.after else "",
    }


account_card.register(Panel("contacts", "accounts/panels/contacts.html", order=20, place="side", context=contacts))
account_card.register(Panel("owner", "accounts/panels/owner.html", order=30, place="side", context=owner))
account_card.register(Section("history", "История", "accounts/sections/history.html", order=90, context=history))
account_card.register(
    Action(
        "Добавить контрагента",
        lambda a: f"/accounts/{a.number}/members/add/",
        right=Right.ACCOUNT_CHANGE,
        icon="plus",
        order=50,
    )
)
account_card.register(
    Action(
        "Изменить название",
        lambda a: f"/accounts/{a.number}/rename/",
        right=Right.ACCOUNT_CHANGE,
        icon="pencil",
        order=60,
    )
)
account_card.register(
    Action("История изменений", lambda a: f"/accounts/{a.number}/history/", icon="history", order=70, dialog=False)
)
