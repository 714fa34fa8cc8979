"""«История»: one stream of a client or an account — notes, calls, bindings, licences, charges, tickets (C7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import CallLog, Note
from clients.selectors.merging import ids_with_merged
from core import keyset
from core.models import JournalEntry
from core.timeline import describe

SHOWN = 50
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "notes": ("Заметки", ("note.",)),
    "calls": ("Звонки и задачи", ("call.", "task.", "next_contact.")),
    "binding": (
        "Закрепления",
        ("client.bound", "client.released", "client.transferred", "account.assigned", "account.transferred"),
    ),
    "invitations": ("Приглашения", ("invitation.", "client.registered", "client.declined", "client.returned")),
    "accounts": ("Аккаунты", ("account.", "member.")),
    "licenses": (
        "Лицензии и счета",
        (
            "license",
            "tariff.",
            "term.",
            "invoice.",
            "payment.",
            "shipment.",
            "visit.",
            "certificate.",
            "workplace.",
            "outcome.",
        ),
    ),
    "charges": ("Доп. начисления", ("charge.",)),
    "tickets": ("Обращения", ("ticket.",)),
}
"""Filter → title and beginnings of codes."""


@dataclass(frozen=True, slots=True)
class Line:
    """One event: `title` in words, `text` of a note or a call's comment; `note_id` of a note of this very card."""

    entry: JournalEntry
    title: str
    text: str = ""
    note_id: int | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    lines: list[Line]
    pinned: Note | None
    after: str
    kind: str


def timeline(params: Mapping[str, str], *, client_id: int | None = None, account_id: int | None = None) -> Timeline:
    """A page of 50 events, the newest first; `kind` of KINDS and `after` (a position) come from the query string."""
    rows = JournalEntry.objects.filter(account_id=account_id) if account_id else JournalEntry.objects.all()
    if client_id:
        rows = rows.filter(client_id__in=ids_with_merged(client_id))
    kind = params.get("kind", "") if params.get("kind") in KINDS else ""
    if kind:
        rows = rows.filter(_starts(KINDS[kind][1]))
    order = ["-at", "-id"]
    fields = keyset.fields_of(JournalEntry, order)
    if (token := params.get("after")) and (at := keyset.unpack(token, fields)):
        rows = keyset.beyond(rows, order, at[1])
    found = list(rows.order_by(*order)[: SHOWN + 1])
    more, found = len(found) > SHOWN, found[:SHOWN]
    own = Note.objects.filter(client_id=client_id) if client_id else Note.objects.filter(account_id=account_id)
    pinned = own.filter(is_pinned=True).select_related("by").first()
    after = keyset.pack(keyset.values_of(found[-1], order), 0) if more else ""
    return Timeline(_lines(found, client_id), pinned, after, kind)


def _starts(prefixes: tuple[str, ...]) -> Q:
    condition = Q()
    for prefix in prefixes:
        condition |= Q(code__startswith=prefix)
    return condition


def _lines(entries: list[JournalEntry], client_id: int | None) -> list[Line]:
    """Texts of notes and calls stand in their own tables: the journal holds no personal data twice."""
    notes = Note.objects.in_bulk([e.data["note"] for e in entries if e.code == "note.added" and "note" in e.data])
    calls = CallLog.objects.select_related("person").in_bulk(
        [e.data["call"] for e in entries if e.code == "call.logged" and "call" in e.data]
    )
    lines = []
    for entry in entries:
        title, text, note_id = describe(entry), "", None
        if note := notes.get(entry.data.get("note")) if entry.code == "note.added" else None:
            text, note_id = note.text, note.pk if note.client_id == client_id else None
        if call := calls.get(entry.data.get("call")) if entry.code == "call.logged" else None:
            title = f"{title}: {call.get_result_display().lower()}{f', {call.person.full_name}' if call.person else ''}"
            text = call.comment
        lines.append(Line(entry, title, text, note_id))
    return lines
