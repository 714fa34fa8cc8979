"""The calendar of visits: a week or a day of engineers and of the office, and who still waits for a date (R2.97–R2.99)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from licenses.choices import AppointmentKind, AppointmentState, InvoiceState
from licenses.models import Appointment, Invoice, InvoiceLine, Shipment
from partners.models import Employee, SalesPoint
from partners.rights import Right
from partners.scopes import scope_q

WEEK = 7
FIRST_HOUR, LAST_HOUR = 8, 19
SHOWN = [AppointmentState.PLANNED, AppointmentState.DONE, AppointmentState.MISSED]


@dataclass
class Lane:
    """One engineer, or the office: visits by day of the week."""

    title: str
    engineer: Employee | None = None
    days: list[list[Appointment]] = field(default_factory=lambda: [[] for _ in range(WEEK)])

    def at(self, index: int, hour: int | None) -> list[Appointment]:
        """Visits of a day that begin in this hour; None: those without a time."""
        found = self.days[index]
        return [v for v in found if (hour is None) is (v.time is None) and (v.time is None or _hour(v.time) == hour)]


def _hour(at: time) -> int:
    return min(max(at.hour, FIRST_HOUR), LAST_HOUR)


def visible_visits(by: Employee) -> QuerySet[Appointment]:
    """Visits by invoices in scope, and one's own as an engineer. Moved and cancelled ones stay on the invoice only."""
    scope = scope_q(by, Right.ACCOUNT_VIEW, salespoint="invoice__salespoint", manager="invoice__manager")
    mine = Q(engineer=by)
    rows = Appointment.objects.all() if scope == Q() else Appointment.objects.filter(scope | mine)
    return rows.filter(state__in=SHOWN)


def points_of(by: Employee) -> QuerySet[SalesPoint]:
    """Sales points whose calendar one may open."""
    return SalesPoint.objects.visible_to(by).order_by("code")


def engineers_of(salespoint_id: int) -> QuerySet[Employee]:
    """Who goes out from a sales point: employees with the role «Инженер», by name."""
    rows = Employee.objects.unblocked().filter(salespoint=salespoint_id)
    held = rows.filter(role_assignments__role__code="engineer", role_assignments__revoked_at__isnull=True)
    return held.distinct().order_by("last_name", "first_name", "pk")


def week_of(by: Employee, monday: date, *, salespoint_id: int, engineer_id: int | None = None) -> list[Lane]:
    """The lanes of a week: the office first, then engineers by name, those without visits too. Two queries."""
    rows = visible_visits(by).filter(on__range=(monday, monday + timedelta(days=WEEK - 1)))
    rows = rows.filter(Q(invoice__salespoint=salespoint_id) | Q(engineer__salespoint=salespoint_id))
    lanes = {engineer.pk: Lane(engineer.short_name, engineer) for engineer in engineers_of(salespoint_id)}
    office = Lane("Визиты в офис")
    for visit in rows.select_related("engineer", "invoice__account__salespoint", "invoice__payer").order_by(
        "on", "time", "pk"
    ):
        lane = office
        if visit.kind == AppointmentKind.ENGINEER:
            lane = lanes.setdefault(visit.engineer_id, Lane(visit.engineer.short_name, visit.engineer))
        lane.days[(visit.on - monday).days].append(visit)
    if engineer_id is not None:
        return [lane for pk, lane in lanes.items() if pk == engineer_id]
    return [office, *sorted(lanes.values(), key=lambda lane: lane.title)]


def waiting_for_visit(by: Employee, *, salespoint_id: int | None = None) -> QuerySet[Invoice]:
    """Issued invoices with a service that needs a visit and none agreed: the manager calls the client (R2.97)."""
    line = InvoiceLine.objects.filter(invoice=OuterRef("pk"), item__needs_visit=True)
    agreed = Appointment.objects.filter(
        invoice=OuterRef("pk"), state__in=[AppointmentState.PLANNED, AppointmentState.DONE]
    )
    shipped = Shipment.objects.filter(invoice=OuterRef("pk"), cancelled_on__isnull=True)
    rows = Invoice.objects.visible_to(by).filter(Exists(line), ~Exists(agreed), state=InvoiceState.ISSUED)
    rows = rows.filter(~Exists(shipped) | Q(appointments__state=AppointmentState.MISSED)).distinct()
    if salespoint_id is not None:
        rows = rows.filter(salespoint=salespoint_id)
    return rows.with_paid().select_related("account", "payer").order_by("issued_on", "pk")
