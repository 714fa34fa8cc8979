"""The importer as background work: started by a person, and the nightly watch over the folder."""

from __future__ import annotations

import logging
from datetime import date

from clients.importers.run import report
from clients.selectors.registry import registry_silence
from clients.services import registry
from core.jobs import job
from core.jobs.running import Run, RunCancelled

log = logging.getLogger(__name__)
LABELS = {
    "read": "записей", "new": "новых", "changed": "изменено", "ceased": "прекратили деятельность",
    "unchanged": "без изменений", "rejected": "отклонено", "files": "файлов", "failed_files": "не прочитано файлов",
}  # fmt: skip


@job(registry.JOB, "Загрузка реестра", user=True, labels=LABELS)
def import_registry(run: Run, on: date) -> None:
    """What the operator chose in the folder. Stopped or killed, the next run goes on from where it was."""
    batch = registry.registry_import(
        name=run.params["name"], source=run.params["source"], by=run.row.owner, run=run, stopped=(RunCancelled,)
    )
    _tell(run, batch)


@job("clients.watch_registry", "Реестры: новые файлы в папке", daily=True, catch_up=False, labels=LABELS)
def watch_registry(run: Run, on: date) -> None:
    """Everything in the folder: what went in before is known by its content and costs a hash (russia 1.7)."""
    if registry.registry_folder() is None:
        run.message = "Папка реестров не настроена."
        return
    if registry.registry_has_files():
        _tell(run, registry.registry_import(name=registry.WHOLE_FOLDER, source="", by=None, run=run))
    if silence := registry_silence(on=on):
        run.message = " ".join([*filter(None, [run.message]), *(f"{sentence}." for sentence in silence)])
        log.error("registry_gap", extra={"told": silence})


def _tell(run: Run, batch) -> None:
    run.counts.update(report(batch))
    run.result_url = batch.get_absolute_url()
    told = [batch.message] if batch.message else []
    if batch.failed_files:
        told.append(f"Не прочитано файлов: {batch.failed_files}. Причины — в отчете.")
    if told:
        run.message = " ".join(told)
