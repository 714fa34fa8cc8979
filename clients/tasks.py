"""Scheduled jobs of clients; when they run stands in sbilling/celery.py."""

from __future__ import annotations

import logging
from datetime import date

from clients.importers import jobs  # noqa: F401  (declares the jobs of registers)
from clients.models import Invitation
from clients.services import (
    cube_drift,
    cube_rewrite,
    distribution_clock_move,
    frequencies_rewrite,
    prospects_lose_silent,
    queue_take,
)
from clients.services.copies import copies_drift
from clients.services.invitations import invitation_deliver, invitations_expire
from core.jobs import job

log = logging.getLogger(__name__)
BATCH = 500


@job("clients.lose_silent", "Потерянные: более квартала без документов и отчетов", daily=True, catch_up=False)
def lose_silent(run, on: date) -> None:
    """R2.4 b. Run late it leaves the same: what counts is the day, not yesterday."""
    while found := prospects_lose_silent(on=on):
        run.count(lost=found)
        run.advance()


@job("clients.expire_invitations", "Приглашения, срок которых вышел", daily=True, catch_up=False)
def expire_invitations(run, on: date) -> None:
    while found := invitations_expire(on=on):
        run.count(expired=found)
        run.advance()


@job("clients.deliver_invitations", "Отправка приглашений")
def deliver_invitations(run, on: date) -> None:
    """What is waiting, oldest first; a letter that fails waits for the next run and does not hold up the others."""
    ids = Invitation.objects.filter(delivered_at=None, closed_at=None, channel=Invitation.Channel.EMAIL).exclude(
        address=""
    )
    for pk in list(ids.order_by("sent_at", "pk").values_list("pk", flat=True)[:BATCH]):
        try:
            run.count(sent=int(invitation_deliver(invitation_id=pk)))
        except (
            OSError,
            ValueError,
        ) as error:  # SMTPException is the first, a header that no letter may have the second
            run.count(failed=1)
            log.warning("invitation_not_sent", extra={"invitation": pk, "error": f"{type(error).__name__}: {error}"})
        run.advance()


@job("clients.signals", "Связи организаций: реквизиты, измененные реестром")
def signals(run, on: date) -> None:
    """Rule C6 for cards that a register load changed."""
    while found := queue_take():
        run.count(cards=found)
        run.advance()


@job("clients.frequencies", "Массовые телефоны и адреса", daily=True, catch_up=False)
def frequencies(run, on: date) -> None:
    run.count(values=frequencies_rewrite())


@job("clients.spread", "Распределение: день новых организаций", daily=True, catch_up=False)
def spread(run, on: date) -> None:
    """Cards that are half a year old today leave «Новые»; on Mondays every cell is counted anew and drift reported."""
    run.count(moved=distribution_clock_move(on=on))
    if on.weekday() == 0:
        if drift := cube_drift():
            log.error("distribution_drift", extra={"cells": drift})
            run.count(drift=drift)
        run.count(cells=cube_rewrite())


@job("clients.copies", "Сверка копий в карточках клиентов", daily=True, catch_up=False)
def copies(run, on: date) -> None:
    """Report what drifted (decision 17): a defect to look for, mended by hand with `copies_rewrite`."""
    for name, number in copies_drift().items():
        log.error("copies_drift", extra={"copy": name, "cards": number})
        run.count(**{name: number})
