"""What people do with jobs: start, cancel, restart, fetch the result, confirm the clock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from core import clock, journal
from core.errors import Conflict, DomainError
from core.models import JobRun
from core.rights import require

from . import registry
from .scheduling import RESULT_KEPT, hint, mark_clock, reset
from .selectors import RIGHT_ALL, visible_to

State = JobRun.State
OPEN = (State.QUEUED, State.RUNNING)


@transaction.atomic
def start_user_job(name: str, params: dict[str, Any], by, *, title: str = "") -> JobRun:
    """Queue work that `by` waits for and return its row; it runs after the commit.

    The same work of the same person that still goes on is returned instead of a second one (F11).
    `title` is shown instead of the job's. The caller has checked the right; the job checks it again when it runs.
    """
    job = registry.get(name)
    if not job.user:
        raise DomainError(f"Задача «{job.title}» запускается по расписанию.", code="not_user_job")
    params = {**journal.plain(params), **({"title": title} if title else {})}
    by.__class__.objects.select_for_update().get(pk=by.pk)  # two clicks: one after the other; request.user is lazy
    running = JobRun.objects.filter(job=name, owner=by, state__in=OPEN, params__contains=params).first()
    if running:
        return running
    now = clock.system_now()
    row = JobRun.objects.create(job=name, owner=by, params=params, created_at=now, heartbeat_at=now)
    transaction.on_commit(lambda: hint(row.pk), robust=True)
    return row


@transaction.atomic
def job_cancel(*, run_id: int, by) -> JobRun:
    """Cancel one's own work (or any, with the operator's right): at once in the queue, at the next step when it runs."""
    row = visible_to(by).select_for_update(of=("self",)).get(pk=run_id)
    if row.owner_id != by.pk:
        require(by, RIGHT_ALL)
    if row.state not in OPEN:
        raise Conflict("Задача уже завершена: отменять нечего.")
    _cancel([row.pk], "Отменено.")
    row.refresh_from_db()
    return row


def cancel_all_of(owner) -> int:
    """Cancel what a blocked employee started; called in the transaction that blocks him, and by the sweeper (A3)."""
    ids = list(JobRun.objects.filter(owner=owner, state__in=OPEN).values_list("pk", flat=True))
    return _cancel(ids, "Отменено: сотрудник заблокирован.")


def _cancel(ids: list[int], message: str) -> int:
    rows = JobRun.objects.filter(pk__in=ids)
    stopped = rows.filter(state=State.QUEUED).update(
        state=State.CANCELLED, message=message, finished_at=Now(), cancel_requested_at=Now()
    )
    return stopped + rows.filter(state=State.RUNNING, cancel_requested_at=None).update(cancel_requested_at=Now())


@transaction.atomic
def job_restart(*, run_id: int, by) -> JobRun:
    """Queue a parked, failed or cancelled run once more: what it finished before stays finished."""
    row = visible_to(by).select_for_update(of=("self",)).get(pk=run_id)
    if row.owner_id != by.pk:
        require(by, RIGHT_ALL)
    if row.state in (*OPEN, State.DONE):
        raise Conflict("Задача не останавливалась: повторять нечего.")
    reset(row)
    transaction.on_commit(lambda: hint(row.pk), robust=True)
    return row


def result_of(run_id: int, by) -> tuple[Path, str]:
    """The file and its name for the person who started the job, 24 hours long; the right is asked again.

    JobRun.DoesNotExist for another person's run (404), DomainError when the file is gone.
    """
    row = JobRun.objects.filter(owner=by).get(pk=run_id)
    job = registry.get(row.job)
    if job.may_download and not job.may_download(row, by):
        raise JobRun.DoesNotExist
    path = Path(settings.MEDIA_ROOT) / "jobs" / row.result_file
    gone = not row.result_file or row.finished_at < clock.system_now() - RESULT_KEPT or not path.is_file()
    if gone:
        raise DomainError("Файл хранится сутки и уже удален. Выгрузите данные еще раз.", code="expired")
    return path, row.params.get("filename") or path.name


@transaction.atomic
def clock_confirm(*, by) -> None:
    """The operator says that the server's clock is right: scheduled jobs go on from now (F22)."""
    require(by, RIGHT_ALL)
    mark_clock()
    mark = JobRun.objects.get(job="core.clock")
    journal.record(mark, "clock.confirmed", by=by)
