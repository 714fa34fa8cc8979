"""What an account keeps of its organisations: signature certificates and workplaces (R0.13, R2.154, R2.156)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from accounts.models import Account, AccountMember
from accounts.services.locking import locked_account
from core import journal
from core.db import in_transaction
from core.errors import Conflict, DomainError
from core.rights import require
from core.text import clean
from licenses.models import Certificate, Workplace
from partners.models import Employee
from partners.rights import Right


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """A certificate as typed or reported; both days included."""

    owner: str
    serial: str
    valid_from: date
    valid_to: date
    position: str = ""
    issuer: str = ""
    on_token: bool = False


@in_transaction
def certificate_add(
    *, account_id: int, client_id: int, facts: CertificateFacts, by: Employee, renews: Certificate | None = None
) -> Certificate:
    """Note a certificate of an organisation of the account; issuer and serial number are unique.

    `renews`: the certificate that this one follows: it has to end later; the old one stands until its last day.
    """
    account = _changed(account_id, client_id, by)
    if renews is not None and facts.valid_to <= renews.valid_to:
        raise DomainError(
            f"Прежний сертификат действует до {renews.valid_to:%d.%m.%Y}: новый должен закончиться позже.",
            field="valid_to",
        )
    owner, serial = clean(facts.owner), clean(facts.serial).upper()
    if not owner or not serial:
        raise DomainError("Укажите владельца и серийный номер сертификата.", field="owner" if not owner else "serial")
    if facts.valid_to < facts.valid_from:
        raise DomainError("Срок действия закончился раньше, чем начался: проверьте даты.", field="valid_to")
    if Certificate.objects.filter(issuer=clean(facts.issuer), serial=serial).exists():
        raise Conflict("Сертификат с таким номером уже есть.", field="serial", code="certificate_once")
    made = Certificate.objects.create(
        account=account, client_id=client_id, owner=owner[:200], position=clean(facts.position)[:120], serial=serial[:80], issuer=clean(facts.issuer)[:200],
        on_token=facts.on_token, valid_from=facts.valid_from, valid_to=facts.valid_to,
    )  # fmt: skip
    journal.record(
        account,
        "certificate.renewed" if renews else "certificate.added",
        by=by,
        data={"account": account.pk, "client": client_id, "until": made.valid_to},
    )
    return made


@in_transaction
def certificate_revoke(*, certificate_id: int, by: Employee, on: date) -> Certificate:
    """A revoked certificate counts as expired from the day on (R0.13). A repeat changes nothing."""
    found = Certificate.objects.select_for_update().get(pk=certificate_id)
    account = _changed(found.account_id, found.client_id, by)
    if found.revoked_on is None:
        found.revoked_on = on
        found.save(update_fields=["revoked_on"])
        journal.record(
            account, "certificate.revoked", by=by, data={"account": account.pk, "client": found.client_id, "on": on}
        )
    return found


@in_transaction
def workplace_add(
    *,
    account_id: int,
    client_id: int,
    title: str,
    by: Employee,
    on: date,
    kpp: str = "",
    address: str = "",
    crypto: str = "",
) -> Workplace:
    """Note a workplace; its title is unique within the organisation."""
    account = _changed(account_id, client_id, by)
    title = clean(title)
    if not title:
        raise DomainError("Назовите рабочее место.", field="title")
    if Workplace.objects.filter(account=account, client=client_id, title=title[:120]).exists():
        raise Conflict(
            "Рабочее место с таким названием уже есть: назовите иначе.", field="title", code="workplace_once"
        )
    made = Workplace.objects.create(
        account=account,
        client_id=client_id,
        title=title[:120],
        kpp=clean(kpp)[:9],
        address=clean(address)[:300],
        crypto=clean(crypto)[:120],
        set_up_on=on,
        by=by,
    )
    journal.record(
        account, "workplace.added", by=by, data={"account": account.pk, "client": client_id, "title": made.title}
    )
    return made


@in_transaction
def workplace_remove(*, workplace_id: int, by: Employee) -> None:
    """Take a workplace off the list."""
    found = Workplace.objects.select_for_update().get(pk=workplace_id)
    account = _changed(found.account_id, found.client_id, by)
    found.delete()
    journal.record(
        account,
        "workplace.removed",
        by=by,
        data={"account": account.pk, "client": found.client_id, "title": found.title},
    )


def _changed(account_id: int, client_id: int, by: Employee) -> Account:
    account = locked_account(account_id, by=by)
    require(by, Right.ACCOUNT_CHANGE, account)
    if not AccountMember.objects.present().filter(account=account, client=client_id).exists():
        raise Conflict("Организации уже нет в аккаунте: обновите страницу.", code="left")
    return account
