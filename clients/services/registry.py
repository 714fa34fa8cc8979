"""Loading registers from the installation's own folder: by hand, from «Загрузки реестров», or by the nightly watch.

Files are put into the folder by whoever fetches them (a subscription to the registers, a monthly download): nothing is
uploaded through a browser, a full register has tens of gigabytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings

from clients.importers import reasons, sources
from clients.importers.run import import_paths
from clients.models_import import ImportBatch, RegistrySource
from core.errors import DomainError
from core.jobs import services as jobs
from core.models import JobRun
from core.rights import require
from partners.models import Employee
from partners.rights import Right

JOB = "clients.import_registry"
WHOLE_FOLDER = "."
OFFERED = 200


def registry_folder() -> Path | None:
    """Where register files are put, SBILLING_REGISTRY_FOLDER; None when it is not set or not there."""
    folder = Path(settings.REGISTRY_FOLDER) if settings.REGISTRY_FOLDER else None
    return folder if folder and folder.is_dir() else None


def registry_choices() -> list[tuple[str, str]]:
    """(name inside the folder, label) of what may be loaded: all of it, its folders and files."""
    folder = registry_folder()
    if folder is None:
        return []
    try:
        inside = sorted(_offered(folder))
    except OSError as error:
        raise DomainError(f"Папка реестров не открывается: {reasons.disk_words(error)}.", field="name") from error
    return [(WHOLE_FOLDER, "Вся папка"), *((name, name) for name in inside[:OFFERED])]


def _offered(folder: Path) -> Iterator[str]:
    """Names that a form can send back: those in old encodings go in with the whole folder."""
    for item in os.scandir(folder):
        can_be_sent = item.name.isprintable() and item.name == reasons.shown(item.name)
        if can_be_sent and (item.is_dir() or item.name.lower().endswith((".xml", ".zip"))):
            yield item.name


def registry_has_files() -> bool:
    """Something lies in the folder, or something there does not open and must be told."""
    folder = registry_folder()
    if folder is None:
        return False
    search = sources.search([folder])
    return bool(search.found or search.missing)


def registry_import_start(*, name: str, source: str, by: Employee) -> JobRun:
    """Queue the import of something in the folder. Raises DomainError for what is not in it."""
    require(by, Right.REGISTRY_IMPORT)
    _inside(name)
    if source and source not in RegistrySource.values:
        raise DomainError("Такого реестра нет. Выберите ЕГРЮЛ, ЕГРИП или реестр МСП.", field="source")
    title = f"Загрузка реестра: {'вся папка' if name == WHOLE_FOLDER else name}"
    return jobs.start_user_job(JOB, {"name": name, "source": source}, by, title=title[:200])


def registry_import(
    *, name: str, source: str, by: Employee | None, run: Any = None, stopped: tuple = ()
) -> ImportBatch:
    """Import something in the folder now; `run` (a job's) is told how far it is. The right is asked again."""
    if by is not None:
        require(by, Right.REGISTRY_IMPORT)
    path = _inside(name)
    progress = partial(_advance, run) if run is not None else None
    return import_paths([path], source=source, by=by, progress=progress, stopped=stopped)


def _inside(name: str) -> Path:
    folder = registry_folder()
    if folder is None:
        raise DomainError("Папка реестров не настроена: задайте SBILLING_REGISTRY_FOLDER.", field="name")
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.exists():
        raise DomainError("Этого файла в папке уже нет. Обновите страницу и выберите другой.", field="name")
    search = sources.search([path])
    if not search.found and not search.missing:
        raise DomainError("В выбранной папке нет файлов XML и ZIP.", field="name")
    return path


def _advance(run: Any, batch: ImportBatch) -> None:
    """Megabytes say more of a register than rows: how many rows there are nobody knows before the end."""
    run.advance(batch.bytes_done >> 20, max(batch.bytes_total >> 20, 1), {"read": batch.read})
