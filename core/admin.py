"""Django admin: reference data to edit, a few more models to look at; nothing about money, owners or people is written here.

    @register(Region)
    class RegionAdmin(Reference): ...          # edited by who holds DICTIONARY_CHANGE, every change in the journal

    look(Invoice, "number", "state", "total")  # read-only

The door is the program's: whoever may not enter gets 403, whoever has not signed in or shown his second factor is sent
there (partners.middleware). Django's own log table is not used: changes stand in the journal (source «admin»).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, auth
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode

from core import journal
from core.models import ExportRecord, JobRun, JournalEntry, ViewEntry
from core.timeline import describe

SHOWN = 100


class Site(admin.AdminSite):
    """Entered with the right of `enter_right`; signing in, out and passwords are the program's own pages."""

    site_header = site_title = "Администрирование"
    index_title = "Справочники и записи"
    site_url = "/"
    enable_nav_sidebar = True
    enter_right = "admin.enter"

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and request.user.has_right(self.enter_right)

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        if request.user.is_authenticated:
            raise PermissionDenied
        return HttpResponseRedirect("/login/?" + urlencode({"next": request.GET.get("next", "/admin/")}))

    def logout(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        if request.method == "POST":
            auth.logout(request)
        return HttpResponseRedirect("/login/")

    def password_change(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return HttpResponseRedirect("/profile/password/")


site = Site(name="admin")


class ReadOnly(admin.ModelAdmin):
    """Looked at. Filters are those that are declared: no lookup of a request reaches a column that is not shown."""

    titles: tuple[str, str] = ("", "")
    list_per_page = 50
    show_full_result_count = False
    actions = None

    def __init__(self, model: type[Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        one, many = self.titles
        if one:  # a model that only shows itself here has no name of its own
            model._meta.verbose_name, model._meta.verbose_name_plural = one, many

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup.partition("__")[0] in {f for f in self.list_filter if isinstance(f, str)}

    def get_list_select_related(self, request: HttpRequest):
        related = {f.name for f in self.model._meta.fields if f.is_relation}
        return [name for name in self.list_display if name in related] or False

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        """The journal of the row: the log of Django admin stays empty."""
        if not self.has_view_permission(request) or (obj := self.get_object(request, object_id)) is None:
            raise PermissionDenied
        rows = JournalEntry.objects.filter(subject_type=self.opts.label_lower, subject_id=obj.pk)
        lines = [(entry, describe(entry)) for entry in rows.order_by("-pk")[:SHOWN]]
        context = self.admin_site.each_context(request) | {
            "title": f"История: {obj}", "opts": self.opts, "object": obj, "lines": lines,
        }  # fmt: skip
        return TemplateResponse(request, "admin/journal.html", context)


class Reference(ReadOnly):
    """Edited here. Rows are not deleted: others stand on them (`may_delete` for those that nothing refers to)."""

    right = "dictionaries.change"
    may_delete = False

    def _may(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request) and request.user.has_right(self.right)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may_delete and self._may(request)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:
        journal.record(obj, "reference.added", by=request.user, data={"name": str(obj)}, source="admin")

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:
        told = [part["changed"] for part in message if isinstance(part, dict) and "changed" in part]
        fields = ", ".join(str(name) for change in told for name in change.get("fields", ()))
        if told:
            data = {"name": str(obj), "fields": fields}
            journal.record(obj, "reference.changed", by=request.user, data=data, source="admin")

    def log_deletions(self, request: HttpRequest, queryset) -> None:
        for obj in queryset:
            journal.record(obj, "reference.deleted", by=request.user, data={"name": str(obj)}, source="admin")


def register(*models: type[Model]) -> Callable[[type[ReadOnly]], type[ReadOnly]]:
    """Decorator: put models on the program's site."""
    return admin.register(*models, site=site)


def reference(model: type[Model], *columns: str, **options: Any) -> None:
    """Edited here, without a class of its own."""
    site.register(model, type(f"{model.__name__}Admin", (Reference,), {"list_display": columns, **options}))


def look(model: type[Model], *columns: str, **options: Any) -> None:
    """Only looked at, without a class of its own."""
    site.register(model, type(f"{model.__name__}Admin", (ReadOnly,), {"list_display": columns, **options}))


look(
    JournalEntry, "at", "by_name", "code", "subject_type", "subject_id", "source",
    list_filter=("source",), search_fields=("=subject_id", "=code"), ordering=("-pk",), titles=("запись журнала", "журнал"))  # fmt: skip
look(
    ViewEntry,
    "at",
    "by",
    "subject_type",
    "subject_id",
    "what",
    ordering=("-pk",),
    titles=("просмотр контактов", "просмотры контактов"),
)
look(ExportRecord, "at", "by", "section", "rows", ordering=("-pk",), titles=("выгрузка", "выгрузки"))
look(
    JobRun, "job", "scope", "business_date", "state", "started_at",
    list_filter=("state",), exclude=("result_file", "result_url"), ordering=("-pk",), titles=("фоновая задача", "фоновые задачи"))  # fmt: skip
