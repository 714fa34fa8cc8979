"""`manage.py import_statement FILE` (contracts: commands)."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from core.jobs import scheduling
from licenses.services.statements import statement_import
from licenses.statements import StatementError


class Command(BaseCommand):
    """What was mended goes to stderr, the counts as one line of JSON to stdout. Exit 2 for what is no statement."""

    help = "Загрузить банковскую выписку 1CClientBankExchange"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        scheduling.read_offset()
        try:
            data = file.read_bytes()
        except OSError as error:
            raise CommandError(f"Файл {file} не прочитан: проверьте путь и права доступа.", returncode=2) from error
        try:
            done = statement_import(data=data, name=file.name, by=None, on=clock.today())
        except StatementError as error:
            raise CommandError(str(error), returncode=2) from error
        for warning in done.warnings:
            self.stderr.write(warning)
        self.stdout.write(json.dumps(asdict(done.counts)))
