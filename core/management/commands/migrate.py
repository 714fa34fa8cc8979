"""`manage.py migrate`, which does not queue behind a busy table: everybody else would queue behind it (decision 30)."""

from __future__ import annotations

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError

from core.db import LOCK_NOT_AVAILABLE, sqlstate, timeouts


class Command(migrate.Command):
    def handle(self, *args, **options) -> None:
        try:
            with timeouts("migration"):
                super().handle(*args, **options)
        except OperationalError as error:
            if sqlstate(error) != LOCK_NOT_AVAILABLE:
                raise
            raise CommandError(
                "Таблица занята другим сеансом, база осталась на последней законченной миграции."
                " Дождитесь конца долгих задач и повторите."
            ) from error
