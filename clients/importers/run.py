"""A run of the importer: every file is staged to its end, then merged batch by batch with its checkpoint.

Killed at any moment, a second run over the same input goes on: contents that were finished are known by their
sha256, a half-merged one by its checkpoint, which moves in the transaction of the records it stands for (F16, C9).
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial, wraps
from inspect import signature
from typing import BinaryIO

from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F

from clients.models_import import COUNTERS, ImportBatch, ImportFile
from core import clock, faults, journal
from core.db import sqlstate
from core.locks import advisory_xact_lock

from . import reasons, sources, staging
from .merge import Counts, Slice, merge
from .parallel import Workers
from .reader import RegistryFile
from .records import RegistryFileError

BATCH = 5_000
ATTEMPTS = 5
STALE = timedelta(minutes=10)
# Somebody holds a card, two transactions met, a card was made meanwhile: the batch is done once more.
PASSING = frozenset(("55P03", "40001", "40P01", "23505"))
# Clocks differ and people try next year's files; further ahead no register dates anything.
FUTURE = timedelta(days=366)
STEP_SECONDS = 0.2
VACUUM_FROM = 100_000

State = ImportFile.State
Progress = Callable[[ImportBatch], None]


def import_paths(
    paths: Iterable[str | os.PathLike],
    *,
    source: str = "",
    by=None,
    progress: Progress | None = None,
    size: int = BATCH,
    stopped: tuple[type[BaseException], ...] = (),
) -> ImportBatch:
    """Import files, ZIPs and folders; the finished batch. `source` says which register they must be of.

    `progress` is called now and then with the batch, whose `bytes_done` moves; what it raises stops the run, and the
    types in `stopped` are no failure: somebody wanted it.
    """
    return RegistryRun(paths, source=source, by=by, progress=progress, size=size, stopped=stopped).run()


def surviving(method: Callable) -> Callable:
    """Do a step again after the connection was lost: PostgreSQL restarts, an import of hours goes on (F9).

    A method that counts takes `again=True` then, so as not to count twice what was committed.
    """

    @wraps(method)
    def wrapper(self, *args, **kwargs):
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return method(self, *args, **kwargs)
            except (OperationalError, InterfaceError) as error:
                if connection.in_atomic_block or attempt == ATTEMPTS or not _is_lost(error):
                    raise
                connection.close()
                time.sleep(2 ** (attempt - 1))
                if "again" in signature(method).parameters:
                    kwargs["again"] = True
        raise AssertionError("unreachable")

    return wrapper


class RegistryRun:
    """One run and its row."""

    def __init__(self, paths, *, source: str, by, progress: Progress | None, size: int, stopped: tuple) -> None:
        self._search = sources.search(list(paths))
        self._source = source
        self._progress = progress or (lambda batch: None)
        self._size = size
        self._stopped = stopped
        self._stepped_at = 0.0
        self._seen = 0, 0
        now = clock.system_now()
        ImportBatch.objects.filter(state=ImportBatch.State.RUNNING, heartbeat_at__lt=now - STALE).update(
            state=ImportBatch.State.FAILED, finished_at=now, message="Прервана: процесс не отвечал."
        )
        self.batch = ImportBatch.objects.create(
            source=source, paths=[reasons.shown(path) for path in paths], by=by, started_at=now, heartbeat_at=now,
            bytes_total=self._search.size,
        )  # fmt: skip
        self._until = max(clock.today(), now.date()) + FUTURE
        self._with_msp = ImportFile.objects.filter(source="msp").exclude(state=State.FAILED).exists()

    def run(self) -> ImportBatch:
        try:
            with Workers(self._search.size) as self._workers:
                for found in self._search.found:
                    before = self.batch.bytes_done
                    self._import(found)
                    self.batch.bytes_done = before + found.size
                    self._file_done()
            staging.clear()
            self._tidy_up()
        except self._stopped:
            self._close(ImportBatch.State.CANCELLED, "Остановлена. Новая загрузка продолжит с этого места.")
            raise
        except BaseException as error:
            self._close(
                ImportBatch.State.FAILED, f"Прервана ({type(error).__name__}). Новая загрузка продолжит с этого места."
            )
            raise
        missing = self._search.missing
        if self.batch.new or self.batch.changed or self.batch.ceased:
            self._record()
        self._close(
            ImportBatch.State.DONE, f"Не найдено или не открывается: {', '.join(missing)}"[:300] if missing else ""
        )
        return self.batch

    def _close(self, state: str, message: str) -> None:
        if connection.in_atomic_block and connection.needs_rollback:
            return
        try:
            self._write_end(state, message)
        except (OperationalError, InterfaceError):
            connection.close()  # the next run finds the row stale

    @surviving
    def _write_end(self, state: str, message: str) -> None:
        now = clock.system_now()
        ImportBatch.objects.filter(pk=self.batch.pk).update(
            state=state, message=message, finished_at=now, heartbeat_at=now, bytes_done=self.batch.bytes_done
        )
        self.batch.refresh_from_db()

    def _step(self, *, now: bool = False) -> None:
        """Move the bar, a few times a second. Not `surviving`: with the connection the staging table is lost."""
        moment = time.monotonic()
        if now or moment - self._stepped_at >= STEP_SECONDS:
            self._stepped_at = moment
            ImportBatch.objects.filter(pk=self.batch.pk).update(
                bytes_done=self.batch.bytes_done, heartbeat_at=clock.system_now()
            )
            self._progress(self.batch)

    @surviving
    def _file_done(self) -> None:
        self._step(now=True)

    @surviving
    def _record(self) -> None:
        self.batch.refresh_from_db(fields=["read", *COUNTERS, "files", "failed_files"])
        journal.record(self.batch, "registry.imported", by=self.batch.by, data=report(self.batch), source="import")

    def _tidy_up(self) -> None:
        """Rows written all over the heap spoil the visibility map: counts became a hundred times slower (performance 3)."""
        if connection.in_atomic_block or self.batch.new + self.batch.changed + self.batch.ceased < VACUUM_FROM:
            return
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE) clients_client")
            cursor.execute("VACUUM (ANALYZE) clients_clientdetails")

    @surviving
    def _so_far(self) -> ImportBatch:
        return ImportBatch.objects.get(pk=self.batch.pk)

    # --- files ---------------------------------------------------------------------------------------------------

    def _import(self, found: sources.Found) -> None:
        with sources.Digest(found.path) as digest:
            try:
                known = self._known(found, digest)
                if known is not None:
                    self._repeat(known)
                elif sources.is_zip(found.path):
                    self._import_archive(found, digest)
                else:
                    self._load(found.name, "", digest, found.size, partial(found.path.open, "rb"), found.size)
            except RegistryFileError as error:
                reason = sources.CHANGED if digest.changed() else str(error)
                self._failed(digest.value_or_path(), found.name, "", found.size, reason)

    @surviving
    def _known(self, found: sources.Found, digest: sources.Digest) -> ImportFile | None:
        """The same content, finished before. A size never seen is no known content: it is hashed while it is parsed."""
        seen = ImportFile.objects.filter(size=found.size, state=State.DONE, archive="")
        if not seen.exists():
            return None
        known = seen.filter(sha256=digest.value()).first()
        return known if known and self._source in ("", known.source) else None

    def _import_archive(self, found: sources.Found, digest: sources.Digest) -> None:
        """The members of a ZIP; when all of them went in, the ZIP as a whole is known too."""
        before = self._so_far()
        archive = sources.Archive(found.path)
        with archive.opened() as infos:
            packed = sum(info.compress_size for info in infos) or 1
            for info in infos:
                share = found.size * info.compress_size // packed
                name = sources.shown_name(info)
                done = self.batch.bytes_done
                try:
                    self._load(name, found.name, None, info.file_size, lambda i=info: archive.member(i), share)
                except RegistryFileError as error:
                    key = hashlib.sha256(f"{digest.value_or_path()}:{info.header_offset}".encode()).hexdigest()
                    self._failed(key, name, found.name, info.file_size, str(error))
                self.batch.bytes_done = done + share
        after = self._so_far()
        if infos and after.failed_files == before.failed_files:
            self._remember_archive(found, digest.value(), before, after)

    @surviving
    def _remember_archive(self, found: sources.Found, digest: str, before: ImportBatch, after: ImportBatch) -> None:
        counts = {name: getattr(after, name) - getattr(before, name) for name in ("read", *COUNTERS, "files")}
        sources_in = set(
            ImportFile.objects.filter(batch=self.batch, archive=found.name).values_list("source", flat=True).distinct()
        )
        ImportFile.objects.update_or_create(
            sha256=digest,
            defaults=counts | {
                "batch": self.batch, "name": found.name, "is_archive": True, "size": found.size, "state": State.DONE,
                "source": sources_in.pop() if len(sources_in) == 1 else "", "reason": "",
                "started_at": self.batch.started_at, "finished_at": clock.system_now(),
            },
        )  # fmt: skip

    def _repeat(self, known: ImportFile) -> None:
        """A content that went in before: everything of it is as it was."""
        self._add(
            Counts(unchanged=known.read - known.rejected, rejected=known.rejected),
            files=known.files if known.is_archive else 1,
            repeated_files=1,
        )

    @surviving
    def _failed(self, digest: str, name: str, archive: str, size: int, reason: str) -> None:
        """A file that does not parse to its end contributes this line and nothing else."""
        now = clock.system_now()
        with transaction.atomic():
            row, _ = ImportFile.objects.get_or_create(
                sha256=digest, defaults={"batch": self.batch, "name": name, "started_at": now}
            )
            if row.checkpoint == 0 and row.state != State.DONE:
                ImportFile.objects.filter(pk=row.pk).update(
                    batch=self.batch, name=name[-500:], archive=archive[-500:], size=size, state=State.FAILED,
                    reason=reason[:300], finished_at=now,
                )  # fmt: skip
            self._add(Counts(), files=1, failed_files=1)

    # --- one file ------------------------------------------------------------------------------------------------

    @surviving
    def _load(
        self, name: str, archive: str, digest: sources.Digest | None, size: int,
        opened: Callable[[], AbstractContextManager[BinaryIO]], share: int, again: bool = False,
    ) -> None:  # fmt: skip
        """Stage and merge one XML file; a lost connection takes the staging table with it: then from its start."""
        hasher = None if digest else hashlib.sha256()
        start, read = self.batch.bytes_done, 0

        def on_bytes(piece: bytes) -> None:
            nonlocal read
            read += len(piece)
            self.batch.bytes_done = start + min(share, share * read // max(size, 1))
            if hasher:
                hasher.update(piece)

        try:
            context = opened()
            with context as stream:
                file = RegistryFile(stream, source=self._source, on_bytes=on_bytes, until=self._until)
                staged = staging.stage(file, workers=self._workers, advance=self._step)
        except OSError as error:
            raise RegistryFileError(f"Файл не читается: {reasons.disk_words(error)}.") from error
        row = self._claim(digest.value() if digest else hasher.hexdigest(), name, archive, size, staged, again)
        if row is None:
            return
        self._with_msp = self._with_msp or staged.source == "msp"
        while self._merge_batch(row, staged):
            self._step()

    def _claim(
        self, digest: str, name: str, archive: str, size: int, staged: staging.Staged, again: bool
    ) -> ImportFile | None:
        """The manifest's row, ready to be merged; None when this content is finished already."""
        now = clock.system_now()
        facts = {
            "batch": self.batch, "name": name[-500:], "archive": archive[-500:], "size": size, "state": State.MERGING,
            "source": staged.source, "format_version": staged.format_version, "reason": "",
        }  # fmt: skip
        with transaction.atomic():
            ImportFile.objects.get_or_create(sha256=digest, defaults=facts | {"started_at": now})
            row = ImportFile.objects.select_for_update().get(sha256=digest)
            if row.state == State.DONE:
                if not (again and row.batch_id == self.batch.pk):
                    self._repeat(row)
                return None
            if row.batch_id != self.batch.pk:
                # What an interrupted run merged is there and unchanged for this one.
                self._add(Counts(unchanged=row.read - row.rejected, rejected=row.rejected))
            ImportFile.objects.filter(pk=row.pk).update(**facts)
        self._seen = row.read, row.rejected
        return row

    def _merge_batch(self, row: ImportFile, staged: staging.Staged) -> bool:
        """The next batch and its checkpoint; False when the file is finished."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with transaction.atomic():
                    more, seen = self._merge_locked(row.pk, staged)
                    faults.hit("import.batch.before_commit")
                self._seen = seen
                faults.hit("import.batch.after_commit")
                return more
            except (OperationalError, IntegrityError) as error:
                if connection.in_atomic_block or sqlstate(error) not in PASSING or attempt == ATTEMPTS:
                    raise
                time.sleep(0.1 * attempt)
        raise AssertionError("unreachable")

    def _merge_locked(self, pk: int, staged: staging.Staged) -> tuple[bool, tuple[int, int]]:
        """(is there more, records of the file that are accounted for by now and how many of them were refused).

        Another run may be at the same file: what it merged in between is there, and unchanged for this one.
        """
        with connection.cursor() as cursor:
            # A lost commit takes its checkpoint along; the last transaction of a run waits for the disk.
            cursor.execute("SET LOCAL synchronous_commit TO off")
        advisory_xact_lock("registry", "merge")
        row = ImportFile.objects.select_for_update().get(pk=pk)
        after = row.checkpoint if faults.protected("import.checkpoint") else self._blind_checkpoint(pk)
        upto = min(after + self._size, staged.total)
        counts = Counts()
        if upto > after:
            counts = merge(
                Slice(pk, staged.source, after, upto), with_msp=self._with_msp, with_branches=staged.branches > 0
            )
            faults.hit("import.batch.merged")
        done = upto >= staged.total
        changes = {name: F(name) + getattr(counts, name) for name in ("read", *COUNTERS)}
        if done:
            changes |= {"state": State.DONE, "finished_at": clock.system_now()}
        ImportFile.objects.filter(pk=pk).update(checkpoint=F("checkpoint") + counts.read, **changes)
        rejected = row.rejected - self._seen[1]
        others = Counts(unchanged=row.read - self._seen[0] - rejected, rejected=rejected)
        if others.read:
            self._add(others)
        self._add(counts, files=int(done))
        return not done, (row.read + counts.read, row.rejected + counts.rejected)

    def _blind_checkpoint(self, pk: int) -> int:
        """For the control of chaos tests only: what an importer that remembers nothing would start from."""
        self._blind = getattr(self, "_blind", {})
        self._blind[pk] = self._blind.get(pk, -self._size) + self._size
        return self._blind[pk]

    def _add(self, counts: Counts, **more: int) -> None:
        changes = {name: getattr(counts, name) for name in ("read", *COUNTERS)} | more
        for name, number in changes.items():  # what progress shows; the row itself is read again at the end
            setattr(self.batch, name, getattr(self.batch, name) + number)
        ImportBatch.objects.filter(pk=self.batch.pk).update(
            heartbeat_at=clock.system_now(), **{name: F(name) + number for name, number in changes.items() if number}
        )


def _is_lost(error: Exception) -> bool:
    """The connection is gone: no state, or PostgreSQL said that it is going down."""
    return isinstance(error, InterfaceError) or not sqlstate(error) or sqlstate(error).startswith(("57P", "08"))


def report(batch: ImportBatch) -> dict[str, int]:
    """The last line of `import_registry` (contracts)."""
    return {name: getattr(batch, name) for name in ("read", *COUNTERS, "files", "failed_files")}
