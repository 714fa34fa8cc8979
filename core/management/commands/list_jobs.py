"""`manage.py list_jobs`: the scheduled jobs, when they run and how they ended last."""

from __future__ import annotations

from celery import current_app
from celery.schedules import crontab
from django.core.management.base import BaseCommand

from core import formats
from core.jobs import selectors


class Command(BaseCommand):
    help = "Список задач по расписанию и их последние запуски"

    def handle(self, *args, **options) -> None:
        schedules = {
            entry["args"][0]: _words(entry["schedule"])
            for entry in current_app.conf.beat_schedule.values()
            if entry.get("args")
        }
        for line in selectors.last_runs():
            last = "не запускалась"
            if line.last:
                on = f" за {line.last.business_date:%d.%m.%Y}" if line.last.business_date else ""
                at = line.last.finished_at or line.last.started_at
                last = f"{line.last.get_state_display()}{on}" + (f", {formats.moment(at)}" if at else "")
            self.stdout.write(f"{line.name:<32} {line.title:<48} {schedules.get(line.name, 'вручную'):<24} {last}")


def _words(schedule: crontab | float) -> str:
    """«ежедневно 02:30 UTC», «каждые 5 мин»."""
    if not isinstance(schedule, crontab):
        return f"каждые {int(schedule) // 60} мин" if schedule >= 60 else f"каждые {int(schedule)} с"
    if len(schedule.hour) == len(schedule.minute) == 1:
        return f"ежедневно {min(schedule.hour):02}:{min(schedule.minute):02} UTC"
    return f"каждый час, {', '.join(f'{minute:02}' for minute in sorted(schedule.minute)[:4])} мин"
