"""Loading registers from the installation's own folder: by hand, from «Загрузки реестров», or by the nightly watch.

Files are put into the folder by whoever fetches them (a subscription to the registers, a monthly download): nothing is
uploaded through a browser, a full register has tens of gigabytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings

from clients.importers import sources
from clients.importers.run import import_paths
from clients.models_import import ImportBatch, ImportFile, RegistrySource
from core.errors import DomainError
from core.jobs import services as jobs
from core.models import JobRun
from core.rights import require
from partners.models import Employee
from partners.rights import Right

JOB = "clients.import_registry"
WHOLE_FOLDER = "."
OFFERED = 200
# Daily files of a register come every working day; a longer silence is a failure somewhere, not good news (russia 1.7).
LONGEST_SILENCE = timedelta(days=5)
WATCHED = timedelta(days=60)
_DAY_IN_NAME = re.compile(r"(?<!\d)(20\d\d)-?(\d\d)-?(\d\d)(?!\d)")


def registry_folder() -> Path | None:
    """Where register files are put, SBILLING_REGISTRY_FOLDER; None when it is not set or not there."""
    folder = Path(settings.REGISTRY_FOLDER) if settings.REGISTRY_FOLDER else None
    return folder if folder and folder.is_dir() else None


def registry_choices() -> list[tuple[str, str]]:
    """(name inside the folder, label) of what may be loaded: all of it, its folders and files."""
    folder = registry_folder()
    if folder is None:
        return []
    inside = sorted(item.name for item in folder.iterdir() if item.is_dir() or item.suffix.lower() in (".xml", ".zip"))
    return [(WHOLE_FOLDER, "Вся папка"), *((name, name) for name in inside[:OFFERED])]


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


def registry_silence(*, on: date) -> list[str]:
    """Registers whose newest file is too old, or with a hole between two files, as sentences (russia 1.7)."""
    found = []
    for source in (RegistrySource.EGRUL, RegistrySource.EGRIP):
        names = ImportFile.objects.filter(source=source, state=ImportFile.State.DONE).values_list("name", flat=True)
        days = sorted(set(days_in(names.order_by("-id")[:1000])))
        recent = [day for day in days if day > on - WATCHED]
        if days and on - days[-1] > LONGEST_SILENCE:
            found.append(f"{source.label}: последний файл за {days[-1]:%d.%m.%Y}, проверьте получение файлов")
        for before, after in pairwise(recent):
            if after - before > LONGEST_SILENCE:
                found.append(f"{source.label}: нет файлов между {before:%d.%m.%Y} и {after:%d.%m.%Y}, догрузите их")
    return found


def days_in(names: Iterable[str]) -> list[date]:
    """The days that file names carry: VO_RUGFO_0000_9965_20251105_….xml, EGRUL_2022-09-21_10.zip."""
    found = []
    for name in names:
        for parts in _DAY_IN_NAME.findall(name):
            try:
                found.append(date(*map(int, parts)))
            except ValueError:
                continue
    return found


def _inside(name: str) -> Path:
    folder = registry_folder()
    if folder is None:
        raise DomainError("Папка реестров не настроена: задайте SBILLING_REGISTRY_FOLDER.", field="name")
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.exists():
        raise DomainError("Этого файла в папке уже нет. Обновите страницу и выберите другой.", field="name")
    if not sources.search([path]).found:
        raise DomainError("В выбранной папке нет файлов XML и ZIP.", field="name")
    return path


def _advance(run: Any, batch: ImportBatch) -> None:
    """Megabytes say more of a register than rows: how many rows there are nobody knows before the end."""
    run.advance(batch.bytes_done >> 20, max(batch.bytes_total >> 20, 1), {"read": batch.read})
