"""Organisations of an account with what they hold: licences, certificates, documents (R2.151–R2.158)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import QuerySet

from accounts.models import Account, AccountMember
from clients.models import EdoDocument
from licenses.choices import ItemKind, LicenseState
from licenses.models import Allocation, Certificate, License

SOON = timedelta(days=30)
MOST = 200
HELD = (LicenseState.ACTIVE, LicenseState.SHIPPED)


@dataclass
class MemberRow:
    """One organisation: `held` (licence, quantity) today; `certificate` the longest valid one."""

    member: AccountMember
    held: list[Allocation] = field(default_factory=list)
    certificate: Certificate | None = None
    on: date = date.min

    @property
    def tariff(self) -> Allocation | None:
        """What «Сменить тариф» starts with; hidden when there is none (R2.128)."""
        return next(
            (a for a in self.held if a.license.item.kind == ItemKind.TARIFF and a.license.state == LicenseState.ACTIVE),
            None,
        )

    @property
    def signature(self) -> tuple[str, str]:
        """(words, tone) of the certificate."""
        return signature_words(self.certificate, self.on)


def signature_words(certificate: Certificate | None, on: date) -> tuple[str, str]:
    if certificate is None:
        return "нет", ""
    if certificate.revoked_on:
        return "отозвана", "bad"
    if certificate.valid_to < on:
        return "закончилась", "bad"
    return f"до {certificate.valid_to:%d.%m.%Y}", "warn" if certificate.valid_to <= on + SOON else "ok"


def member_rows(
    account: Account,
    *,
    on: date,
    members: Iterable[AccountMember] | None = None,
    held: Iterable[Allocation] | None = None,
) -> list[MemberRow]:
    """Present members in the order of the card. Three queries; `members` and `held` where the page has them already."""
    if members is None:
        members = account.members.present().select_related("client__manager")[:MOST]
    rows = {m.client_id: MemberRow(m, on=on) for m in members}
    if held is None:
        held = Allocation.objects.filter(license__account=account, client__in=rows).select_related(
            "license__item__line"
        )
    today = [a for a in held if a.starts_on <= on <= a.ends_on and a.license.state in HELD]
    for allocation in sorted(today, key=lambda a: (a.license.item.line.order, a.pk)):
        if allocation.client_id in rows:
            rows[allocation.client_id].held.append(allocation)
    for certificate in Certificate.objects.filter(client__in=rows).order_by("revoked_on", "valid_to"):
        row = rows[certificate.client_id]
        if row.certificate is None or certificate.revoked_on is None:
            row.certificate = certificate
    return list(rows.values())


def tariff_of(licenses: QuerySet[License], client_id: int, *, on: date) -> License | None:
    """The active tariff among `licenses` that the organisation holds on a day; the first of the price list's order."""
    held = licenses.active(on=on).filter(
        item__kind=ItemKind.TARIFF, allocations__client=client_id, allocations__starts_on__lte=on, allocations__ends_on__gte=on
    )  # fmt: skip
    return held.order_by("item__line__order", "allocations__pk").first()


def exchange_of(account: Account, member: AccountMember, *, on: date) -> dict:
    """«ЭДО/ЭО» of an organisation: licences it holds by product, unfinished documents, signature (read only, R2.153)."""
    row = next((r for r in member_rows(account, on=on) if r.member.pk == member.pk), MemberRow(member, on=on))
    waiting = EdoDocument.objects.filter(client=member.client_id, finished_on__isnull=True)
    return {
        "row": row,
        "incoming": waiting.filter(direction="in").count(),
        "outgoing": waiting.filter(direction="out").count(),
        "oldest": waiting.order_by("sent_on").values_list("sent_on", flat=True).first(),
        "details": getattr(member.client, "details", None),
    }
