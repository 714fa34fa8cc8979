"""Cards of sales points and employees; apps above may add their parts (core.cards)."""

from __future__ import annotations

from django.http import HttpRequest

from core.cards import Action, Alert, Attention, Card, Panel, Section
from partners import handover, selectors
from partners.models import Employee, SalesPoint
from partners.rights import Right

point_card = Card("salespoint", title="Карточка точки продаж")
employee_card = Card("employee", title="Карточка сотрудника")


def _changeable(point: SalesPoint, request: HttpRequest) -> bool:
    return request.user.may(Right.SALESPOINT_CHANGE, point)


def _open(point: SalesPoint, request: HttpRequest) -> bool:
    return point.state == SalesPoint.State.ACTIVE and _changeable(point, request)


def _closed(point: SalesPoint, request: HttpRequest) -> bool:
    return point.state == SalesPoint.State.CLOSED and _changeable(point, request)


point_card.register(Panel("card", "partners/panels/point.html", order=10, context=selectors.point_panel))
point_card.register(
    Panel(
        "departments", "partners/panels/departments.html", order=20, place="side", context=selectors.departments_panel
    )
)
point_card.register(Panel("bound", "partners/panels/bound.html", order=30, place="side", context=selectors.bound_panel))
point_card.register(
    Section("employees", "Сотрудники", "", order=10, right=Right.EMPLOYEE_VIEW, badge=selectors.working_people)
)
point_card.register(
    Section("history", "История", "partners/sections/history.html", order=90, right=Right.JOURNAL_VIEW,
            context=selectors.history)
)  # fmt: skip
point_card.register(
    Action("Изменить", lambda p: f"/partners/{p.pk}/edit/", right=Right.SALESPOINT_CHANGE, icon="pencil", order=10,
           main=True, dialog=False, visible=_changeable)
)  # fmt: skip
point_card.register(
    Action("Передать все", lambda p: f"/partners/{p.pk}/hand-over/", right=Right.SALESPOINT_CHANGE, icon="transfer",
           order=20, visible=_open)
)  # fmt: skip
point_card.register(
    Action("Закрыть", lambda p: f"/partners/{p.pk}/close/", right=Right.SALESPOINT_CHANGE, icon="lock", order=30,
           danger=True, visible=_open)
)  # fmt: skip
point_card.register(
    Action("Открыть снова", lambda p: f"/partners/{p.pk}/reopen/", right=Right.SALESPOINT_CHANGE, icon="lock-open",
           order=30, visible=_closed)
)  # fmt: skip


def _other(employee: Employee, request: HttpRequest) -> bool:
    return employee.pk != request.user.pk


def _self(employee: Employee, request: HttpRequest) -> bool:
    return employee.pk == request.user.pk


def _holds(right: Right):
    def visible(employee: Employee, request: HttpRequest) -> bool:
        return _other(employee, request) and request.user.may(right, employee)

    return visible


def _blockable(employee: Employee, request: HttpRequest) -> bool:
    return employee.is_active and _holds(Right.EMPLOYEE_BLOCK)(employee, request)


def _blocked(employee: Employee, request: HttpRequest) -> bool:
    return not employee.is_active and _holds(Right.EMPLOYEE_BLOCK)(employee, request)


def sees_access(employee: Employee, request: HttpRequest) -> bool:
    """«Настройки доступа»: one's own, or of somebody whose rights one sets."""
    return _self(employee, request) or _holds(Right.EMPLOYEE_GRANT)(employee, request)


def _sees_history(employee: Employee, request: HttpRequest) -> bool:
    return _self(employee, request) or request.user.may(Right.JOURNAL_VIEW, employee)


employee_card.register(Panel("main", "partners/panels/employee.html", order=10, context=selectors.employee_panel))
employee_card.register(Panel("work", "partners/panels/work.html", order=20, place="side", context=selectors.work_panel))
employee_card.register(
    Section("access", "Настройки доступа", "partners/sections/access.html", order=10, visible=sees_access)
)
employee_card.register(
    Section("sessions", "Сеансы", "partners/sections/sessions.html", order=20, context=selectors.sessions,
            visible=lambda e, r: _self(e, r) or _holds(Right.EMPLOYEE_BLOCK)(e, r))
)  # fmt: skip
employee_card.register(
    Section("history", "История", "partners/sections/history.html", order=90, context=selectors.history,
            visible=_sees_history)
)  # fmt: skip


def _orphaned(employee: Employee, request: HttpRequest) -> Alert | None:
    """Blocked, and work still hangs on him."""
    if employee.is_active:
        return None
    left = handover.of_employee(employee)
    told = ", ".join(f"{line.title.lower()} — {line.number}" for line in left)
    if not left or not _blocked(employee, request):
        return None
    return Alert("За заблокированным сотрудником остались дела", detail=told, urgency=0,
                 url=f"/employees/{employee.pk}/hand-over/", action="Передать")  # fmt: skip


employee_card.register(Attention(_orphaned))
employee_card.register(
    Action("Изменить", lambda e: f"/employees/{e.pk}/edit/", icon="pencil", order=10, line=True,
           visible=lambda e, r: _self(e, r) or _holds(Right.EMPLOYEE_ADD)(e, r))
)  # fmt: skip
employee_card.register(
    Action("Запретить доступ", lambda e: f"/employees/{e.pk}/block/", right=Right.EMPLOYEE_BLOCK, icon="lock", order=20,
           danger=True, visible=_blockable)
)  # fmt: skip
employee_card.register(
    Action("Разрешить доступ", lambda e: f"/employees/{e.pk}/unblock/", right=Right.EMPLOYEE_BLOCK, icon="lock-open",
           order=20, main=True, visible=_blocked)
)  # fmt: skip
employee_card.register(
    Action("Передать дела", lambda e: f"/employees/{e.pk}/hand-over/", right=Right.EMPLOYEE_BLOCK, icon="transfer",
           order=30, visible=_holds(Right.EMPLOYEE_BLOCK))
)  # fmt: skip
employee_card.register(
    Action("Перевести в другую точку продаж", lambda e: f"/employees/{e.pk}/move/", right=Right.SALESPOINT_CHANGE,
           icon="switch-horizontal", order=40, visible=_holds(Right.EMPLOYEE_ADD))
)  # fmt: skip
employee_card.register(
    Action("Задать пароль", lambda e: f"/employees/{e.pk}/password/", right=Right.EMPLOYEE_ADD, icon="key", order=50,
           visible=_holds(Right.EMPLOYEE_ADD))
)  # fmt: skip
employee_card.register(
    Action("Снять второй фактор", lambda e: f"/employees/{e.pk}/second-factor-reset/", right=Right.EMPLOYEE_BLOCK,
           icon="shield-lock", order=60, visible=_holds(Right.EMPLOYEE_BLOCK))
)  # fmt: skip
employee_card.register(Action("Сменить пароль", lambda e: "/profile/password/", icon="key", order=50, visible=_self))
employee_card.register(
    Action(
        "Второй фактор", lambda e: "/profile/second-factor/", icon="shield-lock", order=60, dialog=False, visible=_self
    )
)
