"""Columns of the network's lists."""

from __future__ import annotations

from django.utils.html import format_html

from core import formats, tables
from core.icons import icon
from partners.models import Employee, SalesPoint


def _open_point(point: SalesPoint) -> str:
    # «>>» of the manual: always in sight, not a hover action (R1.16).
    return format_html(
        '<a class="btn btn-line btn-xs" href="{}" aria-label="Открыть карточку: {}" title="Открыть карточку">»</a>',
        point.get_absolute_url(), point,
    )  # fmt: skip


def _people(point: SalesPoint) -> str:
    return format_html('<a class="num" href="/partners/{}/employees/">{}</a>', point.pk, formats.group(point.people))


class PointTable(tables.Table):
    name = tables.Link("Точка продаж", order_by="name", sub=lambda p: p.path)
    open = tables.Column("", html=_open_point, value=lambda p: "", export=False, fixed=True)
    code = tables.Column("Код", order_by="code", css="num")
    partner = tables.Column("Партнер", value=lambda p: p.partner.name, order_by=("partner__name", "code"), low=2)
    region = tables.Column("Регион", value=lambda p: str(p.region), order_by="region_id", low=1)
    people = tables.Number("Сотрудников", order_by="people", html=_people)
    head = tables.Person("Руководитель", empty="не назначен")
    state = tables.Badge("Состояние", tones={"active": "ok", "closed": ""})


def _access(employee: Employee) -> str:
    if employee.is_active:
        return format_html('<span class="bdg bdg-ok">{}</span>', employee.get_access_display())
    when = formats.day(employee.blocked_at) if employee.blocked_at else ""
    return format_html(
        '<span class="bdg">{} Заблокирован</span><span class="sub num">{}</span>', icon("lock", "ico-s"), when
    )


class EmployeeTable(tables.Table):
    name = tables.Link(
        "Сотрудник",
        value=lambda e: e.full_name,
        order_by=("last_name", "first_name", "middle_name"),
        sub=lambda e: e.login,
    )
    position = tables.Column("Должность", order_by="position")
    department = tables.Column(
        "Отдел", value=lambda e: e.department.name if e.department else "", order_by="department__name", low=1
    )
    roles = tables.Column("Роль", value=lambda e: ", ".join(a.role.title for a in e.live_roles))
    phone = tables.Column("Телефон", css="num", low=1)
    last_login = tables.Moment("Вход", order_by="last_login", low=1)
    access = tables.Column(
        "Доступ", value=lambda e: "Разрешен" if e.is_active else "Заблокирован", html=_access, order_by="access"
    )


class EmployeeTableOfAll(EmployeeTable):
    point = tables.Column("Точка продаж", value=lambda e: str(e.salespoint), order_by=("salespoint__code", "last_name"))


class ApplicationTable(tables.Table):
    name = tables.Link("Организация", order_by="name", sub=lambda a: f"ИНН {a.inn}")
    created_at = tables.Moment("Подана", order_by="created_at")
    person = tables.Column("Контактное лицо", sub=lambda a: formats.phone(a.phone))
    region = tables.Column("Регион", value=lambda a: str(a.region), order_by="region_id", low=1)
    repeats = tables.Number("Повторов", order_by="repeats", low=1)
    state = tables.Badge(
        "Состояние", order_by="state", tones={"new": "info", "in_work": "acc", "accepted": "ok", "rejected": ""}
    )
    processed_by = tables.Person("Обработал", empty="—", low=1)


class ExportTable(tables.Table):
    at = tables.Moment("Когда", order_by="at", fixed=True)
    by = tables.Person("Кто")
    point = tables.Column("Точка продаж", value=lambda r: str(r.by.salespoint), low=1)
    section = tables.Column("Раздел", value=lambda r: getattr(r, "title", r.section))
    rows = tables.Number("Строк", order_by="rows", total=True)
    query = tables.Column("Отбор", value=lambda r: r.query[:200], low=1)
    sha256 = tables.Column("Отпечаток файла", value=lambda r: r.sha256[:12], hidden=True)


class ViewTable(tables.Table):
    at = tables.Moment("Когда", order_by="at", fixed=True)
    by = tables.Person("Кто")
    point = tables.Column("Точка продаж", value=lambda r: str(r.by.salespoint), low=1)
    subject = tables.Column("Карточка", value=lambda r: f"{r.kind} № {r.subject_id}")
    what = tables.Column("Что смотрел", value=lambda r: getattr(r, "what_title", r.what))
