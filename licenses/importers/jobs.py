"""Bank statements as background work: many files at once for a person, and the watch over the bank's folder."""

from __future__ import annotations

import logging
from datetime import date

from core.errors import DomainError
from core.jobs import job
from core.jobs.running import Run
from licenses.models import StatementUpload
from licenses.services import uploads

log = logging.getLogger(__name__)
LABELS = {
    "documents": "документов", "new": "новых платежей", "duplicates": "уже были", "skipped": "пропущено",
    "matched": "разнесено", "suggested": "с предложением", "unmatched": "не опознано", "refused": "не прочитано файлов",
}  # fmt: skip


@job("licenses.import_statements", "Загрузка выписок", user=True, labels=LABELS)
def import_statements(run: Run, on: date) -> None:
    """Files a person has looked at. Killed in the middle, the next attempt goes on: what came in is a duplicate then."""
    ids = sorted(run.params["ids"])
    for done, pk in enumerate(ids, 1):
        upload = uploads.statement_upload_import(upload_id=pk, by=run.owner, on=on)
        run.count(**upload.counts)
        run.advance(done=done, total=len(ids))
        run.result_url = upload.get_absolute_url() if len(ids) == 1 else "/payments/statements/"


@job("licenses.watch_statements", "Выписки: новые файлы в папке банка", labels=LABELS)
def watch_statements(run: Run, on: date) -> None:
    """Every few minutes. A file that is no statement is told once and stays where it is."""
    folder = uploads.statement_folder()
    if folder is None:
        run.message = "Папка выписок не настроена."
        return
    for path, size in uploads.folder_files(folder):
        try:
            upload = uploads.folder_file_take(path=path, size=size, on=on)
        except (OSError, DomainError) as error:  # gone meanwhile, unreadable, too big: the others go on
            log.warning("statement_not_taken", extra={"file": path.name, "error": str(error)})
            run.count(refused=1)
            run.message = f"{path.name}: {error}"[:300]
            continue
        if upload.state == StatementUpload.State.REFUSED:
            run.count(refused=1)
        else:
            run.count(**upload.counts)
        run.advance()
