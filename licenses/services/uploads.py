"""Statement files people bring or put into a folder: looked at first, then imported, each with its report (russia.md 3.7)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from core import clock, journal
from core.db import in_transaction
from core.errors import DomainError
from core.rights import require
from core.text import clean, shorten
from licenses.models import StatementUpload
from licenses.statements import StatementError
from partners.models import Employee
from partners.rights import Right, Scope

from .statements import ImportedStatement, statement_import, statement_preview

State = StatementUpload.State

MOST_BYTES = 20 * 1024 * 1024
ROWS_KEPT = 5_000
"""Documents of one report; a longer file is imported whole, its report says how many lines are left out."""
CONTENT_KEPT = timedelta(days=60)
INLINE_DOCUMENTS = 300
"""A file with more documents is imported in the background."""


def visible_uploads(employee: Employee):
    """One's own; those of the folder and of colleagues only for the right over the whole network."""
    if employee.scope_of(Right.PAYMENT_REGISTER) == Scope.ALL:
        return StatementUpload.objects.all()
    return StatementUpload.objects.filter(by=employee)


@in_transaction
def statement_upload(*, data: bytes, name: str, by: Employee | None) -> StatementUpload:
    """Keep a file and say what would come in. A file that is no statement is kept too, with the reason.

    The same bytes again, while they wait: the row that waits. `by` None: the folder.
    """
    if by is not None:
        require(by, Right.PAYMENT_REGISTER)
    sha256 = hashlib.sha256(data).hexdigest()
    if waiting := StatementUpload.objects.filter(sha256=sha256, state=State.WAITING, by=by).first():
        return waiting
    upload = StatementUpload.objects.create(**_looked_at(data), name=clean(Path(name).name)[-200:] or "без имени", size=len(data),
        sha256=sha256, at=clock.system_now(), by=by)  # fmt: skip
    journal.record(
        upload, "statement.uploaded", by=by, source="ui" if by else "job",
        data={"name": upload.name, "state": upload.state, "reason": upload.reason},
    )  # fmt: skip
    return upload


def statement_upload_import(*, upload_id: int, by: Employee | None, on: date) -> StatementUpload:
    """Take in what waits. Broken off, it is finished by the next call: what came in already counts as «already loaded».

    A second call for the same upload returns it as it is.
    """
    upload = (visible_uploads(by) if by else StatementUpload.objects).get(pk=upload_id)
    if upload.state == State.IMPORTED:
        return upload
    if upload.state != State.WAITING or upload.content is None:
        raise DomainError("Этот файл не загружается: выберите его на компьютере заново.", code="refused")
    done = statement_import(data=bytes(upload.content), name=upload.name, by=by, on=on)
    return _finish(upload.pk, done)


@in_transaction
def _finish(upload_id: int, done: ImportedStatement) -> StatementUpload:
    upload = StatementUpload.objects.select_for_update(of=("self",)).get(pk=upload_id)
    if upload.state == State.WAITING:  # of two at once the first one's report stands
        for name, value in _report(done).items():
            setattr(upload, name, value)
        upload.state, upload.content, upload.statement = State.IMPORTED, None, done.statement
        upload.save(update_fields=["state", "content", "statement", "counts", "rows", "warnings"])
    return upload


@in_transaction
def statement_upload_drop(*, upload_id: int, by: Employee) -> StatementUpload:
    """«Не загружать»: the file leaves the queue, its row stays."""
    require(by, Right.PAYMENT_REGISTER)
    upload = visible_uploads(by).select_for_update(of=("self",)).get(pk=upload_id)
    if upload.state != State.WAITING:
        raise DomainError("Этот файл уже не ждет загрузки: обновите страницу.", code="not_waiting")
    upload.state, upload.content, upload.reason = State.REFUSED, None, f"Не загружена: отменил {by.short_name}"[:300]
    upload.save(update_fields=["state", "content", "reason"])
    journal.record(upload, "statement.dropped", by=by, data={"name": upload.name})
    return upload


def statement_folder() -> Path | None:
    """Where the bank's client program puts statements; None when it is not set up or not there."""
    folder = Path(settings.STATEMENT_FOLDER) if settings.STATEMENT_FOLDER else None
    return folder if folder and folder.is_dir() else None


def folder_files(folder: Path) -> Iterable[tuple[Path, int]]:
    """Files nobody has taken yet, oldest first, with their sizes. A file still being written (younger than 5 s) waits."""
    now = clock.system_now().timestamp()
    taken = StatementUpload.objects.filter(by=None)
    found = [(path.stat(), path) for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    for facts, path in sorted(found, key=lambda pair: pair[0].st_mtime):
        fresh = now - facts.st_mtime < 5
        known = taken.filter(
            name=clean(path.name)[-200:], size=facts.st_size, at__gte=datetime.fromtimestamp(facts.st_mtime, UTC)
        )
        if not fresh and not known.exists():
            yield path, facts.st_size


def folder_file_take(*, path: Path, size: int, on: date) -> StatementUpload:
    """One file of the folder: kept, looked at, imported. What cannot be read is told, and not tried again until it changes."""
    data = b"" if size > MOST_BYTES else path.read_bytes()
    if size > MOST_BYTES:
        raise DomainError(f"Файл {path.name} больше {MOST_BYTES // 1024 // 1024} МБ.", code="too_big")
    upload = statement_upload(data=data, name=path.name, by=None)
    if upload.state == State.WAITING:
        upload = statement_upload_import(upload_id=upload.pk, by=None, on=on)
    return upload


def upload_contents_drop() -> int:
    """Bytes of what nobody imported for two months; the row with its report stays."""
    old = StatementUpload.objects.filter(at__lt=clock.system_now() - CONTENT_KEPT, content__isnull=False)
    return old.exclude(state=State.WAITING).update(content=None)


def _looked_at(data: bytes) -> dict[str, Any]:
    """Columns of a new upload: what would come in, or why it is no statement."""
    if len(data) > MOST_BYTES:
        most = MOST_BYTES // 1024 // 1024
        return {"state": State.REFUSED, "reason": f"Файл больше {most} МБ: выгрузите выписку за меньший период."}
    try:
        return {"content": data, **_report(statement_preview(data))}
    except StatementError as error:
        return {"content": data, "state": State.REFUSED, "reason": error.message[:300]}


def _report(done: ImportedStatement) -> dict[str, Any]:
    return {
        "counts": asdict(done.counts),
        "rows": [asdict(row) for row in done.rows[:ROWS_KEPT]],
        "warnings": [shorten(text, 300) for text in done.warnings],
    }
