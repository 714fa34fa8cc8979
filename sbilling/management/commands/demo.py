"""`./run manage demo [--scale N] [--on YYYY-MM-DD]`: load the demo into an empty database."""

from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import clock
from sbilling import demo
from sbilling.demo.days import clock_set


class Command(BaseCommand):
    help = "Load invented demo data into an empty database. Logins and their password stand in README.md."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--scale", type=int, default=400, help="accounts; five organisations come with each")
        parser.add_argument("--on", type=date.fromisoformat, default=None, help="the day the demo lives on from now")

    def handle(self, *, scale: int, on: date | None, **options) -> None:
        if scale < 30:
            raise CommandError("--scale: укажите не меньше 30 аккаунтов.")
        if not demo.is_empty():
            raise CommandError("В базе уже есть данные: демонстрация загружается только в пустую базу.")
        counts = demo.load(on=on or clock.today(), scale=scale)
        if on is not None:
            # The installation lives on that day from now on; «Машина времени» moves it further.
            clock_set(days=(on - clock.system_now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()).days)
        self.stdout.write("Демонстрация загружена: " + ", ".join(f"{name} {count}" for name, count in counts.items()))
