"""«История заметок»: notes about the account's organisations, comments of calls and of outcomes, newest first (R3.42)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.models import Account, AccountMember, CallLog, Note
from partners.models import Employee

from .terms import history

KINDS = {"notes": "Заметки", "outcomes": "Комментарии к итогам", "calls": "Звонки"}
MOST = 500


@dataclass(frozen=True, slots=True)
class NoteLine:
    """`about`: whose note, or which outcome of which term."""

    at: datetime
    by: Employee | None
    kind: str
    about: str
    text: str

    @property
    def kind_title(self) -> str:
        return KINDS[self.kind]


def note_lines(account: Account, params: Mapping[str, str]) -> tuple[list[NoteLine], list[Employee]]:
    """Lines under `kind` and `by` of the query string (what is no value of them is ignored), and every author."""
    clients = AccountMember.objects.filter(account=account).values("client")
    mine = Q(account=account) | Q(account=None, client__in=clients)
    notes = Note.objects.filter(mine).select_related("by", "client").order_by("-at")[:MOST]
    calls = CallLog.objects.filter(mine).exclude(comment="").select_related("by", "client").order_by("-at")[:MOST]
    lines = [NoteLine(note.at, note.by, "notes", note.client.name, note.text) for note in notes]
    lines += [
        NoteLine(call.at, call.by, "calls", f"{call.client.name}: {call.get_result_display()}", call.comment)
        for call in calls
    ]
    for outcome in history(account):
        if outcome.comment:
            term = f"{outcome.term.direction} по {outcome.term.ends_on:%d.%m.%Y}"
            state = " (отменен)" if outcome.withdrawn_at else ""
            about = f"{outcome.title}{state}, {term}"
            lines.append(NoteLine(outcome.at, outcome.by, "outcomes", about, outcome.comment))
    authors = sorted({line.by for line in lines if line.by}, key=lambda person: person.short_name)
    kind, by = params.get("kind", ""), params.get("by", "")
    lines = [
        line
        for line in lines
        if (kind not in KINDS or line.kind == kind) and (not by.isdigit() or (line.by and str(line.by.pk) == by))
    ]
    return sorted(lines, key=lambda line: line.at, reverse=True), authors
