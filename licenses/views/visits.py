"""«Календарь визитов»: a week of engineers and of the office; what took place is marked here (R2.97–R2.100)."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from core import htmx
from core.pages import Page
from licenses.selectors.visits import visible_visits, week_of
from licenses.services import visits
from partners.rights import Right

TONES = {"planned": "info", "done": "ok", "missed": "bad"}


class VisitCalendar(Page):
    title, right, template_name = "Календарь визитов", Right.ACCOUNT_VIEW, "licenses/visits.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        monday = self.monday()
        lanes = week_of(request.user, monday)
        for lane in lanes:
            for day in lane.days:
                for visit in day:
                    visit.tone = TONES[visit.state]
                    visit.may_mark = visit.state == "planned" and visit.on <= self.today and self.may_mark(visit)
        days = [monday + timedelta(days=n) for n in range(7)]
        return self.render(lanes=lanes, days=days, before=monday - timedelta(days=7), after=monday + timedelta(days=7))

    def monday(self) -> date:
        """The asked week, this one by default."""
        try:
            asked = date.fromisoformat(self.request.GET.get("week", ""))
        except ValueError:
            asked = self.today
        if not 2000 <= asked.year <= 2100:
            asked = self.today
        return asked - timedelta(days=asked.weekday())

    def may_mark(self, visit) -> bool:
        user = self.request.user
        return visit.engineer_id == user.pk or user.may(Right.INVOICE_SHIP, visit.invoice.account)


class VisitMark(Page):
    """Took place, or nobody came; the engineer marks his own."""

    right = Right.ACCOUNT_VIEW

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        visit = get_object_or_404(visible_visits(request.user), pk=pk)
        step = visits.visit_done if request.POST.get("held") == "1" else visits.visit_missed
        step(visit_id=visit.pk, by=request.user, on=self.today)
        return htmx.done(request, "Визит отмечен", url=f"/visits/?week={visit.on.isoformat()}")
