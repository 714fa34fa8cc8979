"""What the pages are compared with: the bare SQL floor, and three ways in which such a list is usually made."""

from __future__ import annotations

from html import escape

import django_tables2
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.views import View

from clients.choices import ProspectState
from clients.models import Client
from clients.rules import new_since
from core import clock

SIZE = 50
FIELDS = (
    "id", "name", "inn", "city", "registered_on", "phone_tail", "main_account_number", "prospect_state",
    "manager__last_name", "manager__first_name", "salespoint__code", "salespoint__name", "region_code",
)  # fmt: skip


def shown() -> QuerySet:
    """What the program's lists begin with, so that the baselines have the same indexes."""
    return Client.objects.exclude(prospect_state=ProspectState.MERGED)


def chosen(request: HttpRequest) -> QuerySet:
    """`what=new`: free new organisations with a phone of the viewer's regions; `what=point`: cards of his sales point."""
    rows, what = shown(), request.GET.get("what")
    if what == "new":
        codes = sorted(request.user.region_codes)
        rows = rows.filter(
            registered_on__gt=new_since(clock.today()), has_phone=True, salespoint=None, region_code__in=codes
        )
    if what == "point":
        rows = rows.filter(salespoint=request.user.salespoint_id)
    if q := request.GET.get("q"):
        rows = rows.filter(Q(name__icontains=q) | Q(inn__icontains=q))
    return rows.order_by("-registered_on", "-id")


class Baseline(View):
    """Without the program's limits of time: a slow baseline shall be seen, not cut off."""

    timeout = "job"


def rows_of(found: list[dict]) -> str:
    lines = []
    for row in found:
        cells = "".join(f"<td>{escape(str(row[name] if row[name] is not None else ''))}</td>" for name in FIELDS[1:])
        lines.append(f'<tr data-id="{row["id"]}">{cells}</tr>')
    return "".join(lines)


class Floor(Baseline):
    """One query on an index and one f-string per row, nothing else: no count, no form, no frame."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(f"<table>{rows_of(list(chosen(request).values(*FIELDS)[: SIZE + 1]))}</table>")


class Typical(Baseline):
    """OFFSET, COUNT(*) and ILIKE."""

    def get(self, request: HttpRequest) -> HttpResponse:
        pages = Paginator(chosen(request).values(*FIELDS), SIZE)
        page = pages.get_page(request.GET.get("page", "1"))
        return HttpResponse(f"<p>{pages.count}</p><table>{rows_of(list(page.object_list))}</table>")


class TypicalDistribution(Baseline):
    """GROUP BY over the cards."""

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = chosen(request).order_by().values("salespoint", "manager", "prospect_state").annotate(n=Count("id"))
        return HttpResponse("<br>".join(f"{r['salespoint']} {r['manager']} {r['n']}" for r in rows))


class PlainTable(django_tables2.Table):
    class Meta:
        model, template_name = Client, "django_tables2/table.html"
        fields = ("name", "inn", "registered_on", "phone_tail", "main_account_number", "prospect_state", "manager", "salespoint", "region_code")  # fmt: skip


class Tables2(Baseline):
    """django-tables2 as its manual shows it: its own template, its paginator with an exact count."""

    def get(self, request: HttpRequest) -> HttpResponse:
        table = PlainTable(chosen(request).select_related("manager", "salespoint"))
        django_tables2.RequestConfig(request, paginate={"per_page": SIZE}).configure(table)
        return HttpResponse(table.as_html(request))


class Open(admin.AdminSite):
    """An admin for whoever is signed in."""

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active


site = Open(name="bench-admin")


@admin.register(Client, site=site)
class ClientAdmin(admin.ModelAdmin):
    list_display = ("name", "inn", "registered_on", "phone_tail", "main_account_number", "prospect_state", "manager", "salespoint", "region_code")  # fmt: skip
    list_filter, search_fields = ("prospect_state", "has_phone", "kind"), ("name", "inn")
    list_per_page, ordering = SIZE, ("-registered_on", "-id")
    list_select_related = ("manager", "salespoint")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return shown().order_by(*self.ordering)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    has_view_permission = has_change_permission = lambda self, request, obj=None: True
