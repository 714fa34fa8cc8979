"""The Excel of a long list as background work: rights are asked when it runs and again when it is fetched (A4, T3)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.module_loading import import_string

from . import exports
from .errors import DomainError, Forbidden
from .jobs.running import Run
from .models import ExportRecord, JobRun


def _source(params: dict, by) -> exports.ExportSource:
    """The list's rows as this person may export them now; Forbidden when he may not any more."""
    page = import_string(params["page"])
    return page.export_source(query=params["query"], by=by)


def export_list(run: Run) -> None:
    """Body of the job `core.export`: the same rows as the page, its counter and its inline Excel."""
    source = _source(run.params, run.owner)
    run.advance(0, source.total)
    path = run.result_path(f"{source.title}.xlsx")
    rows = exports.write_xlsx(
        path,
        source.columns,
        source.rows,
        params=[*source.params, ("Выгрузил", str(run.owner))],
        zone=run.owner.business_zone,
        progress=run.advance,
    )
    exports.check_quota(run.owner, rows)
    run.count(rows=rows)
    exports.export_record(
        by=run.owner,
        section=source.section,
        query=run.params["query"],
        rows=rows,
        sha256=exports.sha256_of(path),
        job=run.row,
    )


def may_download(row: JobRun, by) -> bool:
    """The person still may export this list."""
    try:
        _source(row.params, by)
    except (Forbidden, DomainError, ImportError):
        return False
    return True


def recorded_runs() -> QuerySet:
    """Runs that a record of an export names: they stay with it."""
    return ExportRecord.objects.filter(job__isnull=False).values("job")
