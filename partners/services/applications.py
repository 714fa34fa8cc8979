"""«Как стать партнером»: a public application and the operator's work with it (R1.12)."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from core import clock, journal, locks
from core.errors import Conflict, DomainError
from core.identifiers import is_inn
from core.rights import require
from partners import consent, registry_lookup
from partners.models import Employee, Partner, PartnerApplication, Region, SalesPoint
from partners.rights import Right

from .network import partner_add, salespoint_add

log = logging.getLogger(__name__)
JOINED_FOR = timedelta(days=30)
State = PartnerApplication.State
OPEN = (State.NEW, State.IN_WORK)


@transaction.atomic
def application_submit(
    *, inn: str, name: str, region: Region, person: str, phone: str, email: str, comment: str = "", consent_version: str
) -> PartnerApplication:
    """A stranger's application. A second one of the same ИНН, while the first is open or within 30 days, joins it.

    The organisation's name is the register's where it is known there.
    """
    if not is_inn(inn):
        raise DomainError(
            "Такого ИНН не бывает. Проверьте цифры: 10 для организации, 12 для предпринимателя.", field="inn"
        )
    if consent_version not in consent.VERSIONS:
        raise DomainError("Текст согласия обновился. Прочитайте его и отправьте заявку еще раз.", field="consent")
    known = registry_lookup.find(inn)
    if known and known.is_ceased:
        raise DomainError("По реестру эта организация прекратила деятельность. Проверьте ИНН.", field="inn")
    locks.advisory_xact_lock("partners.application", inn)
    now = clock.now()
    same = PartnerApplication.objects.select_for_update().filter(inn=inn)
    first = same.filter(state__in=OPEN).first() or same.filter(created_at__gt=now - JOINED_FOR).first()
    if first:
        return _join(first, person=person, phone=phone, email=email, comment=comment)
    application = PartnerApplication.objects.create(
        inn=inn, name=known.name if known else name, region=region, person=person, phone=phone, email=email,
        comment=comment, consent_version=consent_version, consented_at=now, created_at=now,
    )  # fmt: skip
    journal.record(application, "application.submitted", by=None, data={"inn": inn}, source="system")
    transaction.on_commit(lambda: _confirm(application.pk), robust=True)
    return application


def _join(first: PartnerApplication, **new: str) -> PartnerApplication:
    """Whoever applies again may be another person: what he left stands in the comment, the first contact stays."""
    told = "; ".join(value for value in (new["person"], new["phone"], new["email"], new["comment"]) if value)
    first.repeats += 1
    first.comment = f"{first.comment}\n\nПовторная заявка {clock.today():%d.%m.%Y}: {told}".strip()[:10_000]
    first.save(update_fields=["repeats", "comment"])
    journal.record(first, "application.repeated", by=None, data={"repeats": first.repeats}, source="system")
    return first


def _confirm(application_id: int) -> None:
    application = PartnerApplication.objects.get(pk=application_id)
    text = (
        f"Здравствуйте, {application.person}!\n\nЗаявка на сотрудничество № {application.pk} получена. "
        f"Мы ответим на этот адрес.\n\n{settings.BRAND['name']}"
    )
    _send(application, "Заявка на сотрудничество получена", text)


def _send(application: PartnerApplication, subject: str, text: str) -> None:
    """A letter that cannot be sent must not lose the application: the failure is logged, the queue shows it anyway."""
    try:
        EmailMessage(subject, text, to=[application.email]).send()
    except OSError:
        log.exception("application_letter_failed", extra={"application": application.pk})


def _locked(application_id: int, by: Employee) -> PartnerApplication:
    require(by, Right.APPLICATION_PROCESS)
    return PartnerApplication.objects.select_for_update().get(pk=application_id)


@transaction.atomic
def application_take(*, application_id: int, by: Employee) -> PartnerApplication:
    """«Взять в работу»."""
    application = _locked(application_id, by)
    if application.state != State.NEW:
        raise Conflict("Заявку уже взяли в работу.", who=str(application.processed_by or ""), code="taken")
    application.state, application.processed_by = State.IN_WORK, by
    application.save(update_fields=["state", "processed_by"])
    journal.record(application, "application.taken", by=by)
    return application


@transaction.atomic
def application_reject(*, application_id: int, answer: str, by: Employee) -> PartnerApplication:
    """«Отклонить» with the reason, which the applicant gets by e-mail."""
    application = _close(application_id, State.REJECTED, answer, by)
    journal.record(application, "application.rejected", by=by, data={"answer": answer})
    text = f"Здравствуйте, {application.person}!\n\nПо заявке № {application.pk}: {answer}\n\n{settings.BRAND['name']}"
    transaction.on_commit(lambda: _send(application, "Ответ на заявку", text), robust=True)
    return application


@transaction.atomic
def application_accept(
    *, application_id: int, by: Employee, partner: Partner | None = None, answer: str = "", **point: object
) -> SalesPoint:
    """«Принять»: the partner (an existing one, or a new one named as the organisation) gets a sales point."""
    application = _close(application_id, State.ACCEPTED, answer, by)
    if partner is None:
        partner = partner_add(name=application.name, kind=Partner.Kind.PARTNER, by=by)
    created = salespoint_add(by=by, partner=partner, kind=SalesPoint.Kind.PARTNER, **point)
    application.salespoint = created
    application.save(update_fields=["salespoint"])
    journal.record(application, "application.accepted", by=by, data={"salespoint": created.pk, "point": str(created)})
    text = f"Здравствуйте, {application.person}!\n\nЗаявка № {application.pk} принята. {answer}\n\n{settings.BRAND['name']}"
    transaction.on_commit(lambda: _send(application, "Заявка принята", text), robust=True)
    return created


def _close(application_id: int, state: str, answer: str, by: Employee) -> PartnerApplication:
    application = _locked(application_id, by)
    if application.state not in OPEN:
        raise Conflict(
            "По заявке уже принято решение.", who=str(application.processed_by), when=application.processed_at
        )
    application.state, application.answer = state, answer
    application.processed_by, application.processed_at = by, clock.now()
    application.save(update_fields=["state", "answer", "processed_by", "processed_at"])
    return application
