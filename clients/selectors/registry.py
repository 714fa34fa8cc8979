"""What is missing of the registers: whether their files still come, and without holes (russia 1.7)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from statistics import median_low

from django.db.models import QuerySet

from clients.models_import import ImportFile, RegistrySource
from core import clock
from partners.models import Employee

# Daily files of a register come every working day; a longer silence is a failure somewhere, not good news (russia 1.7).
LONGEST_SILENCE = timedelta(days=5)
WATCHED = timedelta(days=60)
NEWEST = 1000
ONE_DAY, WEEKEND = timedelta(days=1), timedelta(days=3)
# Labour Code, article 112.
HOLIDAYS = {*((1, n) for n in range(1, 9)), (2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)}
_DAY_IN_NAME = re.compile(r"(?<!\d)(20\d\d)-?(\d\d)-?(\d\d)(?!\d)")


def registry_silence(*, on: date) -> list[str]:
    """Registers whose newest file is too old, or with a hole between two files, as sentences (russia 1.7).

    A day is what the name of a file says; of files that say none only the day they were loaded is known.
    """
    found = []
    rows = list(_newest(RegistrySource.EGRUL).union(_newest(RegistrySource.EGRIP), all=True))
    for source in (RegistrySource.EGRUL, RegistrySource.EGRIP):
        done = [(name, loaded) for kind, name, loaded in rows if kind == source]
        # A day ahead is a slip or a part of some other number: it must not pass for the newest file.
        days = sorted({day for day in days_in(name for name, _ in done) if day <= on + ONE_DAY})
        loaded = max((loaded.date() for _, loaded in done), default=on)
        if days and on - days[-1] > LONGEST_SILENCE:
            found.append(f"{source.label}: последний файл за {days[-1]:%d.%m.%Y}, проверьте получение файлов")
        elif not days and on - loaded > LONGEST_SILENCE:
            found.append(f"{source.label}: последний файл загружен {loaded:%d.%m.%Y}, проверьте получение файлов")
        found += (f"{source.label}: {hole}, догрузите их" for hole in holes([d for d in days if d > on - WATCHED]))
    return found


def _newest(source: RegistrySource) -> QuerySet:
    """(register, name, moment it was done) of its last files."""
    done = ImportFile.objects.filter(source=source, state=ImportFile.State.DONE).order_by("-id")
    return done.values_list("source", "name", "finished_at")[:NEWEST]


def holes(days: list[date]) -> list[str]:
    """Where files are missing between sorted days, as words; days of rest are none where files come daily.

    Files are daily when half of the steps between them are no longer than a weekend: then a single working day counts.
    """
    steps = [after - before for before, after in pairwise(days)]
    daily = bool(steps) and median_low(steps) <= WEEKEND
    found = []
    for before, after in pairwise(days):
        missing = [day for n in range(1, (after - before).days) if is_working(day := before + n * ONE_DAY)]
        if not daily and after - before <= LONGEST_SILENCE:
            continue
        if len(missing) == 1:
            found.append(f"нет файлов за {missing[0]:%d.%m.%Y}")
        elif missing:
            found.append(f"нет файлов между {before:%d.%m.%Y} и {after:%d.%m.%Y}")
    return found


def is_working(day: date) -> bool:
    """Monday to Friday but for holidays of a fixed date; moved days of rest the operator knows himself."""
    return day.weekday() < 5 and (day.month, day.day) not in HOLIDAYS


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


def gaps_count(employee: Employee) -> int:
    """Alarms of «Загрузки реестров», for the menu of whoever loads registers."""
    return len(registry_silence(on=clock.today()))
