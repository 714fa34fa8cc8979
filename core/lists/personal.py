"""What a person does to a list: columns and saved selections. All by POST to the list's own URL (decision 27)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from core import clock, htmx
from core.errors import DomainError
from core.lists.state import ONCE, POSITION, canonical
from core.models import SavedSelection
from core.preferences import preference_set
from core.reference import kept
from core.text import clean

if TYPE_CHECKING:
    from core.lists.page import ListPage

LIMIT = 50


def selections_of(request: HttpRequest, section: str) -> list[SavedSelection]:
    """Own selections, those shared with the viewer's sales point, and the operator's."""
    user, every = request.user, kept(f"core.selections.{section}", lambda: _by_reader(section))
    mine = (SavedSelection.Scope.PERSONAL, user.pk)
    shared = (SavedSelection.Scope.SHARED, getattr(user, "salespoint_id", None))
    found = [*every.get(mine, ()), *every.get(shared, ()), *every.get((SavedSelection.Scope.SYSTEM, None), ())]
    return found[:LIMIT]


def _by_reader(section: str) -> dict[tuple[str, int | None], list[SavedSelection]]:
    """{(scope, owner or who it is shared with): selections} of a list, of everybody."""
    found: dict[tuple[str, int | None], list[SavedSelection]] = {}
    for one in SavedSelection.objects.filter(section=section).order_by("title", "pk"):
        reader = {one.Scope.PERSONAL: one.owner_id, one.Scope.SHARED: one.shared_with}.get(one.scope)
        found.setdefault((one.scope, reader), []).append(one)
    return found


def columns_set(page: ListPage) -> HttpResponse:
    """Which columns are shown; all of them forgets the choice."""
    known = [column.name for column in page.all_columns() if not column.fixed]
    chosen = [name for name in known if name in page.request.POST.getlist("column")]
    default = [column.name for column in page.all_columns() if not column.fixed and not column.hidden]
    value = None if chosen == default or "reset" in page.request.POST else chosen
    preference_set(by=page.request.user, section=page.section, key="columns", value=value)
    return _back(page, "Колонки сохранены")


def selection_save(page: ListPage) -> HttpResponse:
    """Save the current filter under a name; the same name is overwritten."""
    title = clean(page.request.POST.get("title", ""))
    if not title:
        raise DomainError("Введите название отбора.", field="title")
    if len(title) > 100:
        raise DomainError("Название отбора длиннее 100 знаков. Сократите его.", field="title")
    query = _clean(page.request.POST.get("query", ""))
    user, scope = page.request.user, SavedSelection.Scope
    shared = page.request.POST.get("shared") == "1"
    if SavedSelection.objects.filter(section=page.section, owner=user).exclude(title=title).count() >= LIMIT:
        raise DomainError(f"Сохранено уже {LIMIT} отборов. Удалите ненужный.")
    SavedSelection.objects.update_or_create(
        section=page.section,
        owner=user,
        title=title,
        defaults={
            "query": query,
            "scope": scope.SHARED if shared else scope.PERSONAL,
            "shared_with": getattr(user, "salespoint_id", None) if shared else None,
            "is_default": page.request.POST.get("default") == "1",
            "created_at": clock.now(),
        },
    )
    if page.request.POST.get("default") == "1":
        SavedSelection.objects.filter(section=page.section, owner=user).exclude(title=title).update(is_default=False)
    return _back(page, f"Отбор «{title}» сохранен", query)


def selection_delete(page: ListPage) -> HttpResponse:
    """Delete one of one's own selections."""
    number = page.request.POST.get("selection", "")
    if number.isascii() and number.isdigit() and len(number) < 18:
        SavedSelection.objects.filter(pk=number, section=page.section, owner=page.request.user).delete()
    return _back(page, "Отбор удален")


def _clean(text: str) -> str:
    query = QueryDict(text[:4000], mutable=True)
    for name in (*POSITION, *ONCE):
        query.pop(name, None)
    return (canonical(query) or query).urlencode()


def _back(page: ListPage, text: str, query: str | None = None) -> HttpResponse:
    request = page.request
    query = _clean(request.POST.get("query", "")) if query is None else query
    if request.htmx:
        return htmx.toast(htmx.trigger(HttpResponse(status=204), "page-reload"), text)
    messages.success(request, text)
    return HttpResponseRedirect(f"{request.path}?{query}" if query else request.path)


def default_query(selections: list[SavedSelection], user) -> str:
    """The query of the selection that the viewer made his default."""
    return next((s.query for s in selections if s.is_default and s.owner_id == user.pk), "")
