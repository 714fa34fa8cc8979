"""Background work of the network: handing over, and following the directory every night."""

from __future__ import annotations

from datetime import date

from core.jobs.registry import job
from core.jobs.running import Run

from .services import handing, people, sessions

LABELS = {
    "clients": "клиентов", "accounts": "аккаунтов", "tickets": "обращений", "tasks": "задач", "visits": "визитов",
    "refused": "осталось",
}  # fmt: skip


@job("partners.hand_over", "Передача дел сотрудника", user=True, labels=LABELS)
def hand_over(run: Run, on: date) -> None:
    handing.hand_over(run)


@job("partners.hand_over_point", "Передача дел точки продаж", user=True, labels=LABELS)
def hand_over_point(run: Run, on: date) -> None:
    handing.hand_over_point(run)


@job("partners.follow_directory", "Учетная система: уволенные сотрудники", daily=True, catch_up=False,
     labels={"checked": "проверено", "blocked": "заблокировано"})  # fmt: skip
def follow_directory(run: Run, on: date) -> None:
    run.count(**people.directory_follow())


@job("partners.prune_sessions", "Сеансы: уборка истекших", daily=True, catch_up=False, labels={"ended": "убрано"})
def prune_sessions(run: Run, on: date) -> None:
    run.count(**sessions.sessions_prune())
