"""«Машина времени» of a demo installation: watch an account walk from sale to renewal, to not renewed, to won back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from core import clock
from core.errors import DomainError
from core.forms import DateField
from core.jobs.services import start_user_job
from core.models import JobRun
from core.pages import Page
from core.text import counted
from partners.rights import Right
from renewals.choices import Category
from renewals.models import RenewalRow
from sbilling.demo import days

STEPS = {"day": ("На день", 1), "week": ("На неделю", 7), "month": ("На месяц", 30), "quarter": ("На квартал", 91)}
SHOWN = (
    Category.REQUIRES, Category.NOT_RENEWED, Category.TERMINATED, Category.RENEWED, Category.RENEWED_LATE, Category.WON_BACK,
)  # fmt: skip
LISTS = {
    Category.REQUIRES: "requires", Category.NOT_RENEWED: "not_renewed", Category.TERMINATED: "terminated",
    Category.RENEWED: "renewed", Category.RENEWED_LATE: "renewed", Category.WON_BACK: "won_back",
}  # fmt: skip


class MoveForm(forms.Form):
    to = DateField(label="До даты", error_messages={"required": "Укажите день или нажмите «На день»."})


class TimeMachine(Page):
    """GET shows the day and what stands where; POST starts the walk as a background job with its progress."""

    title, right, template_name = "Машина времени", Right.ADMIN, "demo/time.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.check_right(request.user)
        days.require_demo()
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(MoveForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form, step = MoveForm(request.POST), STEPS.get(request.POST.get("step", ""))
        if step:
            to = clock.today() + timedelta(days=step[1])
        elif form.is_valid():
            to = form.cleaned_data["to"]
        else:
            return self.show(form, status=422)
        try:
            until = days.target_of(to, by=request.user)
        except DomainError as error:
            form.add_error("to", error.message)
            return self.show(form, status=422)
        if running := self.running():
            return HttpResponseRedirect(f"/jobs/{running.pk}/")
        title = f"Машина времени: до {to:%d.%m.%Y}"
        run = start_user_job(
            "sbilling.move_clock", {"until": until, "first": days.days_ahead()}, request.user, title=title
        )
        return HttpResponseRedirect(f"/jobs/{run.pk}/")

    def running(self) -> JobRun | None:
        return JobRun.objects.filter(job="sbilling.move_clock", state__in=["queued", "running"]).first()

    def show(self, form: MoveForm, status: int = 200) -> HttpResponse:
        counts = _counts()
        ahead = days.days_ahead()
        return self.render(
            status=status, form=form, steps=[(slug, title) for slug, (title, _days) in STEPS.items()], running=self.running(),
            on=clock.today(), real=clock.system_now(), ahead=counted(ahead, "день", "дня", "дней") if ahead else "",
            lines=[(kind.label, counts.get(kind, 0), f"/accounts/renewals/?state={LISTS[kind]}") for kind in SHOWN],
        )  # fmt: skip


def _counts() -> dict[str, int]:
    rows = RenewalRow.objects.order_by().values("category").annotate(n=Count("pk"))
    return {row["category"]: row["n"] for row in rows}
