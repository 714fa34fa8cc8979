"""«Календарь визитов»: a week or a day of engineers and of the office; booked, moved, called off and marked here (R2.97–R2.100)."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from core import htmx
from core.pages import FormPage, Page
from licenses import visit_forms as forms
from licenses.choices import AppointmentState
from licenses.models import Appointment, Invoice
from licenses.selectors.visits import (
    FIRST_HOUR,
    LAST_HOUR,
    engineers_of,
    points_of,
    visible_visits,
    waiting_for_visit,
    week_of,
)
from licenses.services import visits
from partners.models import Employee, SalesPoint
from partners.rights import Right

from .invoices import InvoiceForm

TONES = {"planned": "info", "done": "ok", "missed": "bad"}


class VisitCalendar(Page):
    """GET: `view` week (default) or day, `date`, `point`, `engineer`; anything else is the week of today."""

    title, right, template_name = "Календарь визитов", Right.ACCOUNT_VIEW, "licenses/visits.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        lanes = week_of(request.user, self.monday, salespoint_id=self.point.pk, engineer_id=self.engineer_id)
        for lane in lanes:
            for day in lane.days:
                for visit in day:
                    self.prepare(visit)
        is_day = request.GET.get("view") == "day"
        step = timedelta(days=1 if is_day else 7)
        days = [self.monday + timedelta(days=n) for n in range(7)]
        return self.render(
            lanes=lanes, days=days, is_day=is_day, hours=self.hours(lanes) if is_day else [], on=self.on,
            week=[(lane, list(zip(days, lane.days, strict=True))) for lane in lanes], points=points_of(request.user), point=self.point,
            engineers=engineers_of(self.point.pk), engineer_id=self.engineer_id, before=self.on - step, after=self.on + step,
            waiting=waiting_for_visit(request.user, salespoint_id=self.point.pk)[:20], may_plan=self.may_plan,
        )  # fmt: skip

    def prepare(self, visit: Appointment) -> None:
        user, account = self.request.user, visit.invoice.account
        visit.tone = TONES[visit.state]
        visit.may_change = visit.state == AppointmentState.PLANNED and user.may(Right.INVOICE_SHIP, account)
        visit.may_mark = (
            visit.state == AppointmentState.PLANNED
            and visit.on <= self.today
            and (visit.may_change or visit.engineer_id == user.pk)
        )

    def hours(self, lanes) -> list[tuple[int | None, list]]:
        """Rows of a day: (hour, visits by lane); None stands for visits without a time."""
        index = (self.on - self.monday).days
        rows = [None, *range(FIRST_HOUR, LAST_HOUR + 1)]
        found = [(hour, [(lane, lane.at(index, hour)) for lane in lanes]) for hour in rows]
        return [row for row in found if row[0] is not None or any(visits for _lane, visits in row[1])]

    @cached_property
    def on(self) -> date:
        """The asked day, today by default."""
        try:
            asked = date.fromisoformat(self.request.GET.get("date", ""))
        except ValueError:
            return self.today
        return asked if 2000 <= asked.year <= 2100 else self.today

    @property
    def monday(self) -> date:
        return self.on - timedelta(days=self.on.weekday())

    @cached_property
    def point(self) -> SalesPoint:
        asked = self.request.GET.get("point", "")
        found = points_of(self.request.user).filter(pk=int(asked)) if asked.isdecimal() and len(asked) < 19 else []
        return next(iter(found), self.request.user.salespoint)

    @cached_property
    def engineer_id(self) -> int | None:
        asked = self.request.GET.get("engineer", "")
        return int(asked) if asked.isdecimal() and len(asked) < 19 else None

    @property
    def may_plan(self) -> bool:
        return self.request.user.has_right(Right.INVOICE_SHIP)


class VisitForm(InvoiceForm, abstract=True):
    """The slot of a visit: agreed for the first time, or another one."""

    right, form_class = Right.INVOICE_SHIP, forms.VisitForm

    @cached_property
    def planned(self) -> Appointment | None:
        return self.object.appointments.filter(state=AppointmentState.PLANNED).first()

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"engineers": engineers_of(self.object.salespoint_id)}

    def get_initial(self) -> dict[str, Any]:
        return forms.initial_of(self.planned) if self.planned else {}

    def perform(self, form: forms.VisitForm) -> Appointment:
        return visits.visit_plan(
            invoice_id=self.object.pk, by=self.request.user, on=self.today, **forms.slot_of(form.cleaned_data)
        )


class InvoiceVisit(VisitForm):
    """«Назначить визит» of the invoice: moves the one that is planned."""

    def get_title(self) -> str:
        return "Перенести визит" if self.planned else "Назначить визит"

    def get_success_text(self) -> str:
        return "Визит назначен"


class VisitMove(VisitForm):
    """«Перенести» of the calendar: the page that was open stays."""

    title, submit, success_text = "Перенести визит", "Перенести", "Визит перенесен"

    def get_object(self) -> Invoice:
        visit = get_object_or_404(visible_visits(self.request.user), pk=self.kwargs["pk"], state="planned")
        return get_object_or_404(
            Invoice.objects.visible_to(self.request.user).select_related("account__salespoint"), pk=visit.invoice_id
        )

    def get_success_url(self) -> str:
        return f"/visits/?date={self.result.on.isoformat()}"

    def get_cancel_url(self) -> str:
        return "/visits/"


class VisitAdd(FormPage):
    """Book from the calendar: an invoice that waits, day, hour and engineer of the cell that was pressed."""

    title, right, submit, creates = "Назначить визит", Right.INVOICE_SHIP, "Назначить", True
    form_class, success_text = forms.VisitAddForm, "Визит назначен"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"engineers": self.engineers(), "invoices": waiting_for_visit(self.request.user)}

    def engineers(self):
        """Those of the sales points one may look at; the service refuses an engineer of another point."""
        ids = [
            pk for point in points_of(self.request.user) for pk in engineers_of(point.pk).values_list("pk", flat=True)
        ]
        return Employee.objects.filter(pk__in=ids).order_by("last_name", "first_name", "pk")

    def get_initial(self) -> dict[str, Any]:
        asked, found = self.request.GET, {}
        for name, read in (("visit_on", date.fromisoformat), ("visit_at", time.fromisoformat)):
            try:
                found[name] = read(asked.get(name, ""))
            except ValueError:
                continue
        if asked.get("engineer", "").isdecimal():
            found["engineer"] = asked["engineer"]
        elif "engineer" in asked:
            found["kind"] = "office"
        return found

    def perform(self, form: forms.VisitAddForm) -> Appointment:
        data = form.cleaned_data
        return visits.visit_plan(
            invoice_id=data["invoice"].pk, by=self.request.user, on=self.today, **forms.slot_of(data)
        )

    def get_success_url(self) -> str:
        return f"/visits/?date={self.result.on.isoformat()}"

    def get_cancel_url(self) -> str:
        return "/visits/"


class VisitCancel(FormPage):
    title, right, submit, submit_tone = "Отменить визит", Right.INVOICE_SHIP, "Отменить визит", "danger"
    form_class, success_text = forms.CancelForm, "Визит отменен"

    def get_object(self) -> Appointment:
        rows = visible_visits(self.request.user).select_related("invoice__account")
        visit = get_object_or_404(rows, pk=self.kwargs["pk"])
        if not Invoice.objects.visible_to(self.request.user).filter(pk=visit.invoice_id).exists():
            raise Http404
        return visit

    @property
    def lead(self) -> str:
        return f"{self.object.get_kind_display()} {self.object.on:%d.%m.%Y}: {self.object.invoice.account.name}"

    def perform(self, form: forms.CancelForm) -> Appointment:
        return visits.visit_cancel(
            visit_id=self.object.pk, reason=form.cleaned_data["reason"], by=self.request.user, on=self.today
        )

    def get_success_url(self) -> str:
        return f"/visits/?date={self.object.on.isoformat()}"

    def get_cancel_url(self) -> str:
        return "/visits/"


class VisitMark(Page):
    """Took place, or nobody came; the engineer marks his own."""

    right = Right.ACCOUNT_VIEW

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        visit = get_object_or_404(visible_visits(request.user), pk=pk)
        step = visits.visit_done if request.POST.get("held") == "1" else visits.visit_missed
        step(visit_id=visit.pk, by=request.user, on=self.today)
        return htmx.done(request, "Визит отмечен", url=f"/visits/?date={visit.on.isoformat()}")
