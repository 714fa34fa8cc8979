"""`manage.py import_registry PATH… [--source egrul|egrip|msp]` (contracts: commands)."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clients.importers.run import BATCH, import_paths, report
from clients.models_import import ImportBatch, ImportFile, RegistrySource

BAR = 30
TTY_SECONDS, LOG_SECONDS = 0.2, 10
SHOWN_FAILURES = 20
STOPPED = "Остановлено. Запустите ту же команду еще раз: загрузка продолжит с этого места."


class Command(BaseCommand):
    """Progress and failures go to stderr, the counts as one line of JSON to stdout. Exit 2 when nothing could be read."""

    help = "Загрузить файлы ЕГРЮЛ, ЕГРИП или реестра малого бизнеса: XML, ZIP, папки"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH")
        parser.add_argument(
            "--source", choices=RegistrySource.values, default="", help="не принимать файлы других реестров"
        )
        parser.add_argument("--batch", type=int, default=BATCH, help="записей в одной транзакции")

    def handle(self, *args: Any, paths: list[str], source: str, batch: int, **options: Any) -> None:
        if batch < 1:
            raise CommandError("--batch: хотя бы одна запись.")
        bar = Bar(self.stderr, quiet=options["verbosity"] == 0)
        try:
            done = import_paths(paths, source=source, progress=bar, size=batch, stopped=(KeyboardInterrupt,))
        except KeyboardInterrupt:
            raise CommandError(f"\n{STOPPED}", returncode=130) from None
        bar.end(done)
        for row in ImportFile.objects.filter(batch=done, state=ImportFile.State.FAILED)[:SHOWN_FAILURES]:
            self.stderr.write(f"{row.archive and row.archive + ': '}{row.name}: {row.reason}")
        if done.message:
            self.stderr.write(done.message)
        self.stdout.write(json.dumps(report(done)))
        if done.files == done.failed_files:
            raise CommandError("Не прочитан ни один файл.", returncode=2)


class Bar:
    """A line that redraws itself in a terminal; a line now and then in a log."""

    def __init__(self, stream: Any, *, quiet: bool) -> None:
        self._stream = stream
        self._tty = sys.stderr.isatty()
        self._quiet = quiet
        self._started = self._shown = time.monotonic()

    def __call__(self, batch: ImportBatch) -> None:
        now = time.monotonic()
        if not self._quiet and now - self._shown >= (TTY_SECONDS if self._tty else LOG_SECONDS):
            self._shown = now
            self._write(batch, "\r" if self._tty else "", "" if self._tty else "\n")

    def end(self, batch: ImportBatch) -> None:
        if not self._quiet and self._tty:
            self._write(batch, "\r", "\n")

    def _write(self, batch: ImportBatch, start: str, end: str) -> None:
        part = batch.percent
        filled = BAR * part // 100
        seconds = time.monotonic() - self._started
        speed = batch.bytes_done / seconds / 2**20 if seconds else 0
        line = f"{start}[{'#' * filled}{'.' * (BAR - filled)}] {part:3d} %  {speed:5.1f} МБ/с  {int(seconds)} с"
        self._stream.write(line, ending=end)
        self._stream.flush()
