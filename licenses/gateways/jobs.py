"""The exchange as background work: send what waits, read what happened, follow the staff."""

from __future__ import annotations

from datetime import date

from core.jobs import job
from core.jobs.running import Run
from licenses.gateways import GatewayDown, GatewayRefused
from licenses.services import inbox, outbox, uploads


@job("licenses.deliver_outbox", "Отправка в учетную систему и почтой",
     labels={"sent": "отправлено", "waiting": "ждут", "parked": "требуют внимания"})  # fmt: skip
def deliver_outbox(run: Run, on: date) -> None:
    """What is due, oldest first. One that fails does not hold up those of other invoices."""
    while ids := outbox.due():
        for pk in ids:
            if state := outbox.deliver(pk):
                run.count(**{state.value: 1})
            run.advance()


@job("licenses.follow_accounting", "События учетной системы",
     labels={"taken": "принято", "failed": "требуют внимания", "known": "уже были"})  # fmt: skip
def follow_accounting(run: Run, on: date) -> None:
    """A system that is silent is asked again at the next round."""
    try:
        run.count(**inbox.follow(on=on, advance=run.advance))
    except (GatewayDown, GatewayRefused) as error:
        run.message = str(error)


@job(
    "licenses.accounting_staff", "Сотрудники учетной системы", daily=True, catch_up=False, labels={"people": "изменено"}
)
def accounting_staff(run: Run, on: date) -> None:
    """New people may be hired, who left is blocked by the directory's own job. Old files of statements go, too."""
    uploads.upload_contents_drop()
    try:
        run.count(people=inbox.staff_take())
    except (GatewayDown, GatewayRefused) as error:
        run.message = str(error)
