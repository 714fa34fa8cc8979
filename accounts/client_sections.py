"""What accounts put on the client card: accounts, work, history (core.cards)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.models import AccountMember, NextContact, Note, Task
from accounts.timeline import KINDS, timeline
from clients.cards import client_card
from clients.models import Client
from clients.selectors.card import in_scope, is_ready
from core.cards import Action, Panel, Section
from core.lists.state import changed
from partners.rights import Right


def accounts_section(client: Client, request: HttpRequest) -> dict[str, Any]:
    """Accounts of the client; numbers and links of those the viewer may see (decision 16)."""
    rows = (
        AccountMember.objects.present()
        .filter(client=client)
        .select_related("account", "account__manager", "account__salespoint")
    )
    seen = set(
        AccountMember.objects.present()
        .visible_to(request.user)
        .filter(client=client)
        .values_list("account_id", flat=True)
    )
    return {"members": [(member, member.account_id in seen) for member in rows[:50]]}


def accounts_badge(client: Client, request: HttpRequest) -> int:
    return client.accounts_count


def work_panel(client: Client, request: HttpRequest) -> dict[str, Any]:
    """«Следующий контакт», open tasks, the last notes."""
    return {
        "contacts": list(
            NextContact.objects.filter(client=client).select_related("topic", "by").order_by("topic__order")
        ),
        "tasks": list(
            Task.objects.open().filter(client=client).select_related("assignee").order_by("due_on", "pk")[:5]
        ),
        "notes": list(Note.objects.filter(client=client).select_related("by")[:3]),
        "viewer": request.user,
    }


def history_section(client: Client, request: HttpRequest) -> dict[str, Any]:
    """«История»."""
    found = timeline(request.GET, client_id=client.pk)
    return {
        "timeline": found,
        "kinds": [(code, title, f"?kind={code}") for code, (title, _prefixes) in KINDS.items()],
        "older": changed(request.GET, after=found.after) if found.after else "",
        "may_pin": True,
    }


client_card.register(
    Panel(
        "work",
        "accounts/panels/work.html",
        order=20,
        right=Right.CLIENT_VIEW,
        place="side",
        context=lambda c, r: work_panel(c, r) if in_scope(c, r) else {},
    )
)
client_card.register(
    Section(
        "accounts",
        "Аккаунты",
        "accounts/sections/of_client.html",
        order=50,
        context=accounts_section,
        badge=accounts_badge,
    )
)
client_card.register(
    Section(
        "history",
        "История",
        "accounts/sections/history.html",
        order=90,
        right=Right.CLIENT_VIEW,
        context=history_section,
        visible=in_scope,
    )
)


def _visible(client: Client, request: HttpRequest) -> bool:
    return bool(in_scope(client, request))


client_card.register(
    Action(
        "Записать звонок",
        lambda c: f"/clients/{c.pk}/calls/add/",
        right=Right.CLIENT_VIEW,
        icon="phone-call",
        order=5,
        line=True,
        key="call",
        visible=_visible,
    )
)
client_card.register(
    Action(
        "Добавить заметку",
        lambda c: f"/clients/{c.pk}/notes/add/",
        right=Right.CLIENT_VIEW,
        icon="note",
        order=40,
        visible=_visible,
    )
)
client_card.register(
    Action(
        "Поставить задачу",
        lambda c: f"/clients/{c.pk}/tasks/add/",
        right=Right.CLIENT_VIEW,
        icon="list-check",
        order=41,
        visible=_visible,
    )
)


def _connectable(client: Client, request: HttpRequest) -> bool:
    return not client.is_ceased and client.accounts_count == 0


# A hint, no block: the button is highlighted once the checklist is complete or skipped with a reason (R2.56).
for highlighted in (True, False):
    client_card.register(
        Action(
            "Подключить",
            lambda c: f"/accounts/connect/?client={c.pk}",
            right=Right.ACCOUNT_ADD,
            icon="plus",
            order=1,
            main=highlighted,
            line=not highlighted,
            key="connect",
            visible=lambda c, r, when=highlighted: _connectable(c, r) and is_ready(c) is when,
        )
    )
