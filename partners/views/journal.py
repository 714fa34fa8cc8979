"""Journals for whoever watches: exports, views of contacts, erasure of a person's data (152-ФЗ, T3)."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from core.errors import DomainError
from core.lists import ListPage, registry
from core.models import ExportRecord, ViewEntry
from core.pages import Page
from partners import erasure, filters, forms, tables
from partners.models import Employee, Erasure
from partners.rights import Right
from partners.scopes import scope_q
from partners.services import erasing

from .network import HOME

SEEN = {"contacts": "контакты", "card": "карточку", "file": "вложение"}


class JournalList(ListPage, abstract=True):
    right, parents, order = Right.JOURNAL_VIEW, (HOME,), "-at"
    noun = ("запись", "записи", "записей")

    def of_visible_people(self, rows: QuerySet) -> QuerySet:
        """Records of the people whom the viewer's right reaches."""
        people = Employee.objects.filter(scope_q(self.request.user, Right.JOURNAL_VIEW, manager=None))
        return rows.filter(by__in=people).select_related("by__salespoint")


class Exports(JournalList):
    """/partners/exports/: «кто выгружал»."""

    title, section = "Кто выгружал", "partners-exports"
    table_class, filterset_class = tables.ExportTable, filters.ExportFilter
    empty_text = "Из ваших сотрудников никто еще ничего не выгружал."

    def get_queryset(self) -> QuerySet:
        return self.of_visible_people(ExportRecord.objects.all())

    def decorate(self, found: list[ExportRecord]) -> None:
        for row in found:
            page = registry.get(row.section)
            row.title = page.title if page and page.title else row.section


class Views(JournalList):
    """/partners/views/: who looked at whose contacts."""

    title, section = "Кто смотрел контакты", "partners-views"
    table_class, filterset_class = tables.ViewTable, filters.ViewFilter
    empty_text = "Карточки с контактами еще никто не открывал."

    def get_queryset(self) -> QuerySet:
        return self.of_visible_people(ViewEntry.objects.all())

    def decorate(self, found: list[ViewEntry]) -> None:
        for row in found:
            row.kind = _kind(row.subject_type)
            row.what_title = SEEN.get(row.what, row.what)


def _kind(label: str) -> str:
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return label


class ErasurePage(Page):
    """/partners/erasure/: find a person everywhere, tick what is his, erase it under an act."""

    right, title, template_name = Right.ADMIN, "Удаление персональных данных", "partners/erasure.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(forms.ErasureForm())

    def show(self, act: forms.ErasureForm, *, status: int = 200) -> HttpResponse:
        asked = self.request.POST
        search = forms.ErasureSearchForm(asked if set(asked) & {"phone", "email", "name"} else None)
        found: list[Any] = []
        if search.is_bound and search.is_valid():
            found = erasure.find(erasure.Wanted(**search.cleaned_data))
        return self.render(
            status=status, parents=(HOME,), search=search, form=act, found=found,
            asked=search.is_bound and search.is_valid(), acts=Erasure.objects.select_related("by")[:20],
        )  # fmt: skip

    def post(self, request: HttpRequest) -> HttpResponse:
        act = forms.ErasureForm(request.POST)
        # A telephone stands in no URL and no server's log: searching is a POST as well (spec: no personal data in URLs).
        if request.POST.get("do") != "erase":
            return self.show(forms.ErasureForm())
        if not act.is_valid():
            return self.show(act, status=422)
        chosen: dict[str, set[int]] = {}
        for line in request.POST.getlist("found"):
            code, _, pk = line.partition(":")
            if pk.isascii() and pk.isdigit() and len(pk) < 19:
                chosen.setdefault(code, set()).add(int(pk))
        try:
            done = erasing.person_erase(
                number=act.cleaned_data["number"], reason=act.cleaned_data["reason"], chosen=chosen, by=request.user
            )
        except DomainError as error:
            act.add_error(None, error.message)
            return self.show(act, status=error.status)
        return self.render(parents=(HOME,), done=done, total=sum(done.counts.values()))
