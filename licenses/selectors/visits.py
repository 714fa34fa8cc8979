"""The calendar of visits: a week of engineers and of the office (R2.97–R2.98)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from licenses.choices import AppointmentKind, AppointmentState
from licenses.models import Appointment
from partners.models import Employee
from partners.rights import Right
from partners.scopes import scope_q

WEEK = 7


@dataclass
class Lane:
    """One engineer, or the office: visits by day of the week."""

    title: str
    days: list[list[Appointment]] = field(default_factory=lambda: [[] for _ in range(WEEK)])


def visible_visits(by: Employee) -> QuerySet[Appointment]:
    """Visits by invoices in scope, and one's own as an engineer."""
    scope = scope_q(by, Right.ACCOUNT_VIEW, salespoint="invoice__salespoint", manager="invoice__manager")
    mine = Q(engineer=by)
    rows = Appointment.objects.all() if scope == Q() else Appointment.objects.filter(scope | mine)
    return rows.exclude(state=AppointmentState.MOVED)


def week_of(by: Employee, monday: date) -> list[Lane]:
    """The lanes of a week: the office first, then engineers by name. One query."""
    rows = visible_visits(by).filter(on__range=(monday, monday + timedelta(days=WEEK - 1)))
    lanes: dict[int, Lane] = {}
    office = Lane("Визиты в офис")
    for visit in rows.select_related("engineer", "invoice__account", "invoice__payer").order_by("on", "time", "pk"):
        lane = office
        if visit.kind == AppointmentKind.ENGINEER:
            lane = lanes.setdefault(visit.engineer_id, Lane(str(visit.engineer or "Инженер не назначен")))
        lane.days[(visit.on - monday).days].append(visit)
    return [office, *sorted(lanes.values(), key=lambda lane: lane.title)]
