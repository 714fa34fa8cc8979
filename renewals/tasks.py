"""Scheduled jobs of renewals; when they run stands in sbilling/celery.py."""

from __future__ import annotations

import logging
from datetime import date

from core.jobs import job
from partners.selectors import business_zones
from renewals.services import (
    accounts_to_write,
    compare_is_due,
    digests_write,
    letters_write,
    prompts_make,
    reminder_send,
    renewals_compare,
    renewals_night,
    rows_to_prompt,
    waiting,
)

log = logging.getLogger(__name__)


# A category follows from facts and the date, not from yesterday's row: the newest missed day alone leaves the same.
@job("renewals.sweep", "Требуют продления: категории на сегодня", daily=True, zones=business_zones, catch_up=False,
     labels={"made": "добавлено", "gone": "убрано", "drift": "исправлено при сверке"})  # fmt: skip
def sweep(run, on: date) -> None:
    """R3.40–R3.41: rows enter the window of 60 days and leave it after the end. Every seventh night all is compared."""
    zone = run.scope
    for swept in renewals_night(on=on, zone=zone):
        run.count(made=swept.made, changed=swept.changed, gone=swept.gone)
        run.advance()
    if compare_is_due(on=on, zone=zone):
        for swept in renewals_compare(on=on, zone=zone):
            if swept.written:
                run.count(drift=swept.written)
            run.advance()


# Keys make a task once; a term whose day was missed is still in its window the day after.
@job("renewals.prompts", "Требуют продления: задачи «Позвонить» за 60 и 40 дней", daily=True, zones=business_zones, catch_up=False,
     labels={"made": "поставлено задач"})  # fmt: skip
def prompts(run, on: date) -> None:
    """R3.3: a call is due 60…40 days before the end. Runs after the sweep of its day."""
    ids = rows_to_prompt(on=on, zone=run.scope)
    for chunk in run.chunks(ids, 500, total=len(ids)):
        with chunk:
            run.count(made=prompts_make(chunk, on=on))


# A letter whose day was missed goes out within three days, each once by its key.
@job("renewals.letters", "Требуют продления: письма клиентам", daily=True, zones=business_zones, catch_up=False,
     labels={"made": "написано"})  # fmt: skip
def letters(run, on: date) -> None:
    """Letters to clients by day of the window; runs after the sweep of its day, sent by `renewals.deliver`."""
    ids = accounts_to_write(on=on, zone=run.scope)
    for chunk in run.chunks(ids, 500, total=len(ids)):
        with chunk:
            run.count(made=letters_write(chunk, on=on))


@job("renewals.digests", "Требуют продления: сводки менеджерам", daily=True, zones=business_zones, catch_up=False,
     labels={"made": "написано"})  # fmt: skip
def digests(run, on: date) -> None:
    """A letter a day to who asked for it in «Настройки вида»."""
    run.count(made=digests_write(on=on, zone=run.scope))


@job("renewals.deliver", "Отправка напоминаний о продлении", labels={"sent": "отправлено", "failed": "не отправлено"})
def deliver(run, on: date) -> None:
    """What waits, oldest first; a letter that fails waits for the next run and does not hold up the others."""
    for pk in waiting():
        try:
            run.count(sent=int(reminder_send(reminder_id=pk)))
        except OSError as error:  # SMTPException is one
            run.count(failed=1)
            log.warning("reminder_not_sent", extra={"reminder": pk, "error": f"{type(error).__name__}: {error}"})
        run.advance()
