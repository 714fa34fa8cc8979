"""Scheduled jobs of selling; when they run stands in sbilling/celery.py."""

from __future__ import annotations

from datetime import date

from core.jobs import job
from licenses.gateways import jobs as gateway_jobs  # noqa: F401  (declares the jobs of the exchange)
from licenses.importers import jobs  # noqa: F401  (declares the jobs of statements)
from licenses.selectors.distributed import clients_to_tell
from licenses.services import account_copies_of_day
from licenses.services.daily import (
    accounts_to_rewrite,
    certificates_remind,
    certificates_to_remind,
    visits_ask,
    visits_to_mark,
)
from licenses.services.distributed import connections_follow
from partners.selectors import business_zones


# What is due is found from facts and the date: the newest missed day alone leaves the same.
@job("licenses.new_day", "Лицензии: начавшиеся периоды и закончившиеся акции", daily=True, zones=business_zones, catch_up=False,
     labels={"changed": "обновлено аккаунтов"})  # fmt: skip
def new_day(run, on: date) -> None:
    """Accounts whose paid period begins today are paid from today on."""
    ids = accounts_to_rewrite(on=on, zone=run.scope)
    for chunk in run.chunks(ids, 100, total=len(ids)):
        with chunk:
            run.count(changed=sum(account_copies_of_day(account_id=pk, on=on) for pk in chunk))


@job("licenses.reminders", "Подписи, которые заканчиваются, и неотмеченные визиты", daily=True, zones=business_zones, catch_up=False,
     labels={"made": "поставлено задач"})  # fmt: skip
def reminders(run, on: date) -> None:
    """Tasks with a key: a second run, or one after three missed days, makes none twice."""
    for ids, make in (
        (certificates_to_remind(on=on, zone=run.scope), certificates_remind),
        (visits_to_mark(on=on, zone=run.scope), visits_ask),
    ):
        for start in range(0, len(ids), 500):
            run.count(made=make(ids[start : start + 500], on=on))
            run.advance()


@job(
    "licenses.distribution",
    "Клиенты платных аккаунтов без своей лицензии",
    daily=True,
    catch_up=False,
    labels={"told": "обновлено карточек"},
)
def distribution(run, on: date) -> None:
    """R2.5: the card says connected or trial by the distribution of the day."""
    ids = clients_to_tell(on)
    for chunk in run.chunks(ids, 100, total=len(ids)):
        with chunk:
            run.count(told=connections_follow(client_ids=chunk, on=on))
