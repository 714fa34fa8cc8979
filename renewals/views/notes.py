"""Excel of «История заметок» (R3.42)."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import Account
from core import formats
from core.exports import Column, xlsx_response
from core.pages import Page
from core.rights import require
from partners.rights import Right
from renewals.selectors.notes import KINDS, note_lines

COLUMNS = (
    Column("Когда", "datetime", "at"),
    Column("Вид", "text", "kind_title"),
    Column("О чем", "text", "about", width=40),
    Column("Текст", "text", "text", width=80),
    Column("Кто", "text", "by.short_name"),
)


class NotesExcel(Page):
    """What the section shows under its filter."""

    right = Right.ACCOUNT_VIEW

    def get(self, request: HttpRequest, number: int) -> FileResponse:
        account = get_object_or_404(Account.objects.visible_to(request.user), number=number)
        require(request.user, Right.EXPORT)
        lines, _authors = note_lines(account, request.GET)
        asked = [
            ("Аккаунт", f"{account.name}, № {formats.group(account.number)}"),
            ("Вид", KINDS.get(request.GET.get("kind", ""), "все")),
        ]
        return xlsx_response(
            f"История_заметок_{account.number}", COLUMNS, lines, params=asked, by=request.user, section="notes",
            query=request.GET.urlencode()[:500],
        )  # fmt: skip
