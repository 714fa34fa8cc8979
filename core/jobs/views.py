"""«Фоновые задачи»: what runs, what ran, one run with its progress, the result; operators see everybody's."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from core import exports, formats, htmx, tables
from core.jobs import scheduling, selectors, services
from core.lists import ListPage, Segment, Tab
from core.models import JobRun
from core.pages import EMPLOYEE, Page, SimplePage

TONES = {"queued": "", "running": "info", "done": "ok", "failed": "bad", "parked": "bad", "cancelled": ""}
TABS = (Tab("Задачи", "/jobs/"), Tab("Последний запуск", "/jobs/last/", selectors.RIGHT_ALL))


class StateBadge(tables.Badge):
    def value(self, row: JobRun) -> str:
        return selectors.state_of(row)


class JobTable(tables.Table):
    title = tables.Link("Задача", value=selectors.title_of, sub=selectors.summary_of)
    state = StateBadge("Состояние", tones=TONES)
    progress = tables.Column("Ход", value=selectors.progress_of, css="r num")
    message = tables.Column("Итог", value=selectors.outcome_of, hidden=True)
    created_at = tables.Moment("Создана", order_by="created_at")
    finished_at = tables.Moment("Закончена", order_by="finished_at", low=1)
    owner = tables.Person("Кто запустил", empty="по расписанию")


class JobList(ListPage):
    """One's own runs of 90 days; with the right «Смотреть все фоновые задачи» all runs."""

    title, section, right = "Фоновые задачи", "jobs", EMPLOYEE
    noun = ("задача", "задачи", "задач")
    table_class, order, tabs = JobTable, "-created_at", TABS
    export_right = selectors.RIGHT_ALL
    segments = (
        Segment("", "Все"),
        Segment("mine", "Мои", lambda page: Q(owner=page.request.user)),
        Segment("open", "Выполняются", Q(state__in=["queued", "running"])),
        Segment("stopped", "Остановлены", Q(state__in=["parked", "failed"]), tone="bad"),
    )
    empty_text = "Здесь появятся выгрузки, загрузки и действия над многими строками, которые вы запустите."

    def get_queryset(self) -> QuerySet[JobRun]:
        return selectors.visible_to(self.request.user).select_related("owner")

    def row_url(self, row: JobRun) -> str:
        return f"/jobs/{row.pk}/"


class LastRuns(SimplePage):
    """Every scheduled job with its newest run; here the operator confirms a clock that jumped (F22)."""

    title, right, template_name = "Последний запуск", selectors.RIGHT_ALL, "jobs/last.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        return super().get_context(
            lines=selectors.last_runs(),
            refused=scheduling.clock_refusal(),
            swept_at=scheduling.last_sweep_at(),
            tabs=TABS,
            tones=TONES,
            **extra,
        )


class _OneRun(Page, abstract=True):
    right = EMPLOYEE

    @cached_property
    def run(self) -> JobRun:
        rows = selectors.visible_to(self.request.user).select_related("owner")
        return get_object_or_404(rows, pk=self.kwargs["pk"])


class JobCard(_OneRun):
    """One run. htmx asks for it every two seconds while it is open and gets the part that changes."""

    template_name = "jobs/run.html"

    def get_title(self) -> str:
        return selectors.title_of(self.run)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        polled = request.htmx and request.htmx.target == "job-run"
        return self.render(
            template="jobs/progress.html" if polled else None,
            run=self.run,
            state=selectors.state_of(self.run),
            buttons=self.run.state != JobRun.State.DONE or self.run.result_file or self.run.result_url,
            facts=selectors.facts_of(self.run),
            percent=selectors.percent_of(self.run),
            is_open=self.run.state in services.OPEN,
            is_mine=self.run.owner_id == request.user.pk,
            tone=TONES[self.run.state],
        )


class JobCancel(_OneRun):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        services.job_cancel(run_id=self.run.pk, by=request.user)
        return htmx.done(request, "Задача отменена", url=f"/jobs/{self.run.pk}/")


class JobRestart(_OneRun):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        services.job_restart(run_id=self.run.pk, by=request.user)
        return htmx.done(request, "Задача поставлена в очередь", url=f"/jobs/{self.run.pk}/")


class JobFile(_OneRun):
    """The result for the person who asked for it, for 24 hours."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            path, filename = services.result_of(self.run.pk, request.user)
        except JobRun.DoesNotExist:
            raise Http404 from None
        content_type = exports.MIME if path.suffix == ".xlsx" else "application/octet-stream"
        response = FileResponse(path.open("rb"), as_attachment=True, filename=filename, content_type=content_type)
        response["Cache-Control"] = "private, no-store"
        return response


class ClockConfirm(Page):
    right = selectors.RIGHT_ALL

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        services.clock_confirm(by=request.user)
        return htmx.done(request, f"Часы подтверждены: {formats.moment(scheduling.last_sweep_at())}", url="/jobs/last/")
