"""What renewals put on the account card: outcome links, «Продлить», «Итог продления», «История заметок» (R3.18, R3.22, R3.42)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from accounts.cards import account_card
from accounts.facts import Fact, head_fact
from accounts.models import Account
from accounts.models.account import NEVER
from core import clock
from core.cards import Action, Alert, Attention, Panel, Section
from core.text import counted
from partners.rights import Right
from renewals.choices import Category
from renewals.lists.columns import group_words
from renewals.models import Outcome, Reminder, RenewalRow
from renewals.selectors.notes import KINDS, note_lines
from renewals.selectors.options import title_of
from renewals.selectors.terms import SHOWN, history, latest_rows, moved_here


def renewal_section(account: Account, request: HttpRequest) -> dict[str, Any]:
    """The last term of each direction with its outcome, and every earlier outcome."""
    rows = latest_rows(account)
    for row in rows:
        row.words = title_of(row.outcome, "Нет итога")
    return {
        "rows": rows, "history": history(account), "moved_here": moved_here(account, request.user), "may_set": request.user.may(Right.OUTCOME_SET, account),
        "reminders": Reminder.objects.filter(account=account).select_related("term__direction")[:50],
    }  # fmt: skip


def card_rows(account: Account) -> list[RenewalRow]:
    """`latest_rows`, read once for all parts of one card."""
    if not hasattr(account, "renewal_rows"):
        account.renewal_rows = latest_rows(account)
    return account.renewal_rows


def waiting_rows(account: Account) -> list[RenewalRow]:
    """Of them, what waits or was refused, the earliest end first."""
    return sorted((row for row in card_rows(account) if row.category in SHOWN), key=lambda row: (row.ends_on, row.pk))


def renewal_panel(account: Account, request: HttpRequest) -> dict[str, Any]:
    """«Нет итога» of what waits or was refused, else of the last terms; the last outcome's comment (R3.22)."""
    rows, last = waiting_rows(account) or card_rows(account), None
    for row in rows:
        row.words = title_of(row.outcome, "Нет итога")
    if told := [row.pk for row in rows if row.outcome]:
        open_ = (
            Outcome.objects.filter(term__in=told, withdrawn_at=None).exclude(comment="").select_related("by").first()
        )
        last = {"text": open_.comment, "by": open_.by, "at": open_.at} if open_ else None
    return {"rows": rows[:5], "last": last, "may_set": request.user.may(Right.OUTCOME_SET, account)}


def notes_section(account: Account, request: HttpRequest) -> dict[str, Any]:
    """Notes, comments of calls and outcomes, newest first, read-only; by kind and author."""
    lines, authors = note_lines(account, request.GET)
    now = {"kind": request.GET.get("kind", ""), "by": request.GET.get("by", "")}

    def link(**more: str) -> str:
        return "?" + urlencode({name: value for name, value in {**now, **more}.items() if value})

    return {
        "lines": lines[:200], "kinds": [("Все", link(kind=""), not now["kind"])] + [(title, link(kind=kind), now["kind"] == kind) for kind, title in KINDS.items()],
        "authors": [(person.short_name, link(by="" if str(person.pk) == now["by"] else str(person.pk)), str(person.pk) == now["by"]) for person in authors],
        "excel": f"/accounts/{account.number}/notes/excel/{link()}", "may_export": request.user.has_right(Right.EXPORT),
    }  # fmt: skip


def renewal_alert(account: Account, request: HttpRequest) -> Alert | None:
    """«Лицензия заканчивается через 5 дней»: what waits first and has no outcome."""
    row = next((r for r in waiting_rows(account) if not r.outcome and r.category != Category.TERMINATED), None)
    if row is None:
        return None
    left = (row.ends_on - clock.today(account.salespoint.zone)).days
    days = counted(abs(left), "день", "дня", "дней")
    when = (
        "заканчивается сегодня"
        if left == 0
        else f"заканчивается через {days}"
        if left > 0
        else f"закончилась {days} назад"
    )
    may = request.user.may(Right.LICENSE_CHOOSE, account)  # a colleague's account is only looked at
    return Alert(
        f"Лицензия «{row.direction}» {when}", urgency=left, url=f"/accounts/{account.number}/renew/" if may else "",
        action="Продлить" if may else "", tone="bad" if left <= 7 else "warn", icon="clock",
    )  # fmt: skip


@head_fact
def group_fact(account: Account, request: HttpRequest) -> Fact | None:
    """An account of several organisations is a group of companies, ГК (R3.31)."""
    if not (words := group_words(account.members_count)):
        return None
    return Fact("group", words, title="Организации одной группы компаний", url=f"/accounts/{account.number}/members/")


account_card.register(
    Section(
        "renewal",
        "Итог продления",
        "renewals/sections/renewal.html",
        order=60,
        right=Right.ACCOUNT_VIEW,
        context=renewal_section,
    )
)
account_card.register(
    Section(
        "notes",
        "История заметок",
        "renewals/sections/notes.html",
        order=80,
        right=Right.ACCOUNT_VIEW,
        context=notes_section,
    )
)
account_card.register(
    Panel(
        "renewal",
        "renewals/panels/renewal.html",
        order=10,
        right=Right.ACCOUNT_VIEW,
        context=renewal_panel,
        place="side",
    )
)
account_card.register(Attention(renewal_alert, right=Right.ACCOUNT_VIEW))
account_card.register(
    Action(
        "Продлить",
        lambda a: f"/accounts/{a.number}/renew/",
        right=Right.LICENSE_CHOOSE,
        icon="refresh",
        order=5,
        line=True,
        key="renew",
        visible=lambda account, request: (
            account.paid_until != NEVER and request.user.may(Right.LICENSE_CHOOSE, account)
        ),
    )
)
account_card.register(
    Action(
        "Указать итог",
        lambda a: f"/accounts/{a.number}/outcome/",
        right=Right.OUTCOME_SET,
        icon="flag",
        order=30,
        key="outcome",
        visible=lambda account, request: request.user.may(Right.OUTCOME_SET, account),
    )
)
account_card.register(
    Action("История заметок", lambda a: f"/accounts/{a.number}/notes/", icon="note", order=60, dialog=False)
)
