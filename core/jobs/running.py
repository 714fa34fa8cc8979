"""One run of a job: claim it, do it, record it. The row in the database is the truth, the queue only a hint (F1-F5).

A claim stamps `started_at`; every later write of the attempt asks for the same stamp. So a worker that was
taken for dead and comes back cannot write over the attempt that replaced it: its chunk rolls back.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from core import clock, db, faults, locks, logs
from core.errors import DomainError
from core.models import JobRun

from . import registry
from .registry import ATTEMPTS

log = logging.getLogger(__name__)
State = JobRun.State

HEARTBEAT_SECONDS = 10
WRITE_SECONDS = 0.5  # `advance` writes at most twice a second


class RunCancelled(Exception):
    """The person took the work back: leave the body."""


class RunLost(Exception):
    """Another attempt owns the run now: leave the body, write nothing."""


class Chunk(list):
    """A slice of ids. Used as a context it is one transaction: the work and its checkpoint commit together."""

    def __init__(self, run: Run, ids: Iterable, name: str) -> None:
        super().__init__(ids)
        self.run, self.name, self.saved = run, name, False

    @contextmanager
    def _transaction(self):
        with transaction.atomic():
            yield self
            self.run._save_checkpoint(self)
            faults.hit("jobs.chunk.before_commit")
        faults.hit("jobs.chunk.after_commit")

    def __enter__(self) -> Chunk:
        self._context = self._transaction()
        return self._context.__enter__()

    def __exit__(self, *error) -> bool | None:
        return self._context.__exit__(*error)


class Run:
    """What a job's body sees of its run."""

    def __init__(self, row: JobRun) -> None:
        self.row = row
        self.id: int = row.pk
        self.scope: str = row.scope
        self.params: dict[str, Any] = row.params
        self.counts: dict[str, int] = dict(row.counts)
        self.owner = row.owner
        self.message = ""
        self.result_url = ""
        self._file = ""
        self._moved_at = self._written_at = time.monotonic()

    def _mine(self):
        return JobRun.objects.filter(pk=self.id, started_at=self.row.started_at, state=State.RUNNING)

    def count(self, **more: int) -> None:
        """Add to the counts shown at the end: run.count(formed=3)."""
        for name, number in more.items():
            self.counts[name] = self.counts.get(name, 0) + number

    def advance(self, done: int | None = None, total: int | None = None, counts: dict[str, int] | None = None) -> None:
        """Say how far the work is; cheap enough for every row.

        Raises RunCancelled when the person asked for it and RunLost when another attempt took over.
        """
        self._moved_at = time.monotonic()
        self.counts.update(counts or {})
        if done is not None:
            self.row.progress_done = done
        news = total is not None and total != self.row.progress_total
        if news:
            self.row.progress_total = total
        if news or self._moved_at - self._written_at >= WRITE_SECONDS:
            self._write()

    def _write(self, **more: Any) -> None:
        self._written_at = time.monotonic()
        written = (
            self._mine()
            .filter(cancel_requested_at__isnull=True)
            .update(
                progress_done=self.row.progress_done,
                progress_total=self.row.progress_total,
                counts=self.counts,
                heartbeat_at=Now(),
                **more,
            )
        )
        if not written:
            raise RunCancelled if self._mine().exists() else RunLost

    def chunks(self, ids: Iterable, size: int = 500, *, total: int | None = None, name: str = "ids") -> Iterator[Chunk]:
        """Slices of `ids`, which ascend; after a crash the loop goes on behind the last slice that was finished.

            for chunk in run.chunks(ids, 500):
                with chunk:                     # one transaction with its checkpoint: exactly once
                    for pk in chunk: …

        Without the `with` the checkpoint is written after the body: a crash repeats that slice, which
        a body that marks what it did can bear. `name` tells several loops of one body apart.
        """
        after = self.row.checkpoint.get(name)
        if total is None and hasattr(ids, "__len__"):
            total = len(ids)
        rest, skipped = iter(ids), 0
        if after is not None:
            for pk in rest:
                if pk > after:
                    rest = chain([pk], rest)
                    break
                skipped += 1
        self.advance(done=skipped, total=total)
        while ids_now := list(islice(rest, size)):
            chunk = Chunk(self, ids_now, name)
            yield chunk
            if not chunk.saved:
                self._save_checkpoint(chunk)

    def _save_checkpoint(self, chunk: Chunk) -> None:
        self._moved_at = time.monotonic()
        checkpoint = {**self.row.checkpoint, chunk.name: chunk[-1]}
        done, self.row.progress_done = self.row.progress_done, self.row.progress_done + len(chunk)
        try:
            # Finished work is no failed attempt: only three crashes at one place park a run.
            self._write(checkpoint=checkpoint, attempts=1)
        except BaseException:
            self.row.progress_done = done
            raise
        self.row.checkpoint, chunk.saved = checkpoint, True

    def result_path(self, filename: str) -> Path:
        """Where to write the file the person will fetch for 24 hours under the name `filename`."""
        folder = Path(settings.MEDIA_ROOT) / "jobs"
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        self._file = f"{self.id}-{secrets.token_urlsafe(16)}{Path(filename).suffix}"
        self.params = self.row.params = {**self.params, "filename": filename}
        return folder / self._file

    def quiet_seconds(self) -> float:
        """Since the body last said something."""
        return time.monotonic() - self._moved_at

    def finish(self, state: str, message: str = "") -> None:
        """Record the end; silently nothing when another attempt owns the run."""
        done = {"result_file": self._file, "result_url": self.result_url} if state == State.DONE else {}
        if state == State.DONE:
            done |= {"progress_done": self.row.progress_total or self.row.progress_done, "counts": self.counts}
        self._mine().update(
            state=state,
            message=message or self.message,
            params=self.row.params,
            finished_at=Now(),
            heartbeat_at=Now(),
            **done,
        )

    def release(self, *, counted: bool, message: str = "") -> None:
        """Back to the queue for the next attempt; a failure of the surroundings is not counted as one."""
        self._mine().update(
            state=State.QUEUED,
            heartbeat_at=Now(),
            message=message,
            attempts=F("attempts") if counted else Greatest(F("attempts") - 1, 0),
        )


class Heartbeat(threading.Thread):
    """Says every ten seconds that the process lives, over its own connection; dies with it and when the body hangs."""

    def __init__(self, run: Run, silence: int) -> None:
        super().__init__(daemon=True, name=f"heartbeat-{run.id}")
        self._run, self._silence, self._over = run, silence, threading.Event()

    def run(self) -> None:
        try:
            while not self._over.wait(HEARTBEAT_SECONDS) and self._run.quiet_seconds() < self._silence:
                try:
                    self._run._mine().update(heartbeat_at=Now())
                except (DatabaseError, InterfaceError):
                    connection.close()  # the next beat opens a new one
        finally:
            connection.close()

    def __enter__(self) -> Heartbeat:
        self.start()
        return self

    def __exit__(self, *_error) -> None:
        self._over.set()
        self.join(timeout=5)


@transaction.atomic
def claim(run_id: int) -> JobRun | None:
    """Take a queued run for this process; None when there is nothing to do (F7: two beats, two deliveries)."""
    row = JobRun.objects.filter(pk=run_id, state=State.QUEUED).first()
    if row is None:
        return None
    if faults.protected("jobs.claim.lock"):
        if row.owner_id is None:
            locks.advisory_xact_lock("job", f"{row.job}/{row.scope}")
        row = JobRun.objects.select_for_update(of=("self",)).filter(pk=run_id, state=State.QUEUED).first()
    faults.hit("jobs.claim.read")
    if row is None or (row.owner_id is None and _must_wait(row)):
        return None
    refused = _refusal(row)
    if refused:
        row.state, row.message = refused
        row.finished_at = clock.system_now()
        row.save(update_fields=["state", "message", "finished_at"])
        return None
    JobRun.objects.filter(pk=row.pk).update(
        state=State.RUNNING,
        attempts=F("attempts") + 1,
        started_at=Now(),
        heartbeat_at=Now(),
        finished_at=None,
        message="",
    )
    row.refresh_from_db()
    return row


def _must_wait(row: JobRun) -> bool:
    """Runs of one scheduled job go one by one, in the order of their dates."""
    others = JobRun.objects.filter(job=row.job, scope=row.scope, owner__isnull=True).exclude(pk=row.pk)
    if others.filter(state=State.RUNNING).exists():
        return True
    if row.business_date is None or row.params.get("by_hand"):
        return False
    return others.filter(state=State.QUEUED, business_date__lt=row.business_date).exists()


def _refusal(row: JobRun) -> tuple[str, str] | None:
    if row.owner_id is not None and not row.owner.is_active:
        return State.CANCELLED, "Отменено: сотрудник заблокирован."
    if row.cancel_requested_at is not None:
        return State.CANCELLED, "Отменено."
    if row.attempts >= ATTEMPTS:
        return State.PARKED, "Остановлено: три попытки прервались."
    try:
        registry.get(row.job)
    except DomainError as error:
        return State.PARKED, error.message
    return None


def execute(run_id: int, *, heartbeat: bool = False) -> JobRun | None:
    """Do a queued run in this process and return its row; None when it was not ours to do."""
    row = claim(run_id)
    if row is None:
        return None
    job, run = registry.get(row.job), Run(row)
    on = row.business_date or clock.today(row.scope if job.zones else None)
    zone = row.scope if job.zones else getattr(row.owner, "business_zone", "")
    with (
        timezone.override(zone or settings.TIME_ZONE),
        logs.bound(job=job.name, run=run.id),
        Heartbeat(run, job.silence) if heartbeat else nullcontext(),
    ):
        log.info("job_started", extra={"on": str(on), "attempt": row.attempts})
        faults.hit("jobs.claimed")
        _attempt(job, run, on)
        row.refresh_from_db()
        log.info("job_ended", extra={"state": row.state, "counts": row.counts})
    return row


def _attempt(job: registry.Job, run: Run, on: date) -> None:
    try:
        with db.timeouts("job"):
            job.body(run, on)
        faults.hit("jobs.done.before_mark")
        run.finish(State.DONE)
    except RunCancelled:
        run.finish(State.CANCELLED, "Отменено.")
    except RunLost:
        log.warning("job_lost")
    except Exception as error:
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        _failed(job, run, error)
    except BaseException:
        run.release(counted=False)  # Ctrl-C, shutdown of the worker
        raise


def _failed(job: registry.Job, run: Run, error: Exception) -> None:
    if isinstance(error, DomainError) and job.user:
        run.finish(State.FAILED, error.message)
        return
    log.exception("job_failed", extra={"attempt": run.row.attempts})
    if isinstance(error, OperationalError | InterfaceError) and _is_outage(error):
        run.release(counted=False, message="Прервано: база данных перезапущена.")
        return
    # A checkpoint of this attempt has set the counter back: what counts stands in the row.
    attempts = JobRun.objects.values_list("attempts", flat=True).get(pk=run.id)
    told = error.message if isinstance(error, DomainError) else f"Внутренняя ошибка ({type(error).__name__})."
    if attempts >= ATTEMPTS:
        run.finish(State.PARKED, f"{told} Остановлено после трех попыток, подробности в журнале сервера.")
    else:
        run.release(counted=True, message=f"{told} Попытка {attempts} из {ATTEMPTS}, повтор через минуту.")


def _is_outage(error: Exception) -> bool:
    """The connection or the server went away, as against a statement that is wrong."""
    state = db.sqlstate(error)
    return not state or state.startswith(("08", "57P"))
