"""`manage.py run_job NAME [--on DATE]`: a scheduled job by hand, for a business date."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from core.errors import DomainError
from core.jobs import registry, scheduling, selectors
from core.models import JobRun


class Command(BaseCommand):
    help = "Выполнить задачу по расписанию вручную, за рабочую дату"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="имя задачи, см. list_jobs")
        parser.add_argument("--on", type=date.fromisoformat, help="рабочая дата ГГГГ-ММ-ДД; без нее сегодня")

    def handle(self, *args, name: str, on: date | None, **options) -> None:
        scheduling.read_offset()
        try:
            job = registry.get(name)
        except DomainError as error:
            raise CommandError(error.message) from None
        if job.user:
            raise CommandError(f"Задачу «{job.title}» запускает сотрудник на странице.")
        with clock.override(on=on) if on else nullcontext():
            rows = scheduling.run_by_hand(job, on)
        for row in rows:
            self._tell(row)
        if not rows or any(row.state != JobRun.State.DONE for row in rows):
            raise CommandError("Задача не выполнена." if rows else "Задача уже выполняется в другом процессе.")

    def _tell(self, row: JobRun) -> None:
        on = f" за {row.business_date:%d.%m.%Y}" if row.business_date else ""
        zone = f" [{row.scope}]" if row.scope else ""
        told = selectors.outcome_of(row)
        self.stdout.write(f"{row.job}{on}{zone}: {row.get_state_display()}{'. ' + told if told else ''}")
