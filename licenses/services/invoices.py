"""Invoices: issue with a number without gaps, cancel, replace (manual ch. 2.2, R2.96; billing 3.4, decision 7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import F, Sum

from accounts.models import Account
from accounts.services.locking import locked_account
from clients.services.cards import check_version
from core import clock, journal
from core.counters import next_number
from core.db import in_transaction
from core.errors import DomainError
from core.rights import require
from core.text import clean
from licenses import rules
from licenses.choices import InvoiceState, LicenseState
from licenses.events import invoice_cancelled, invoice_issued
from licenses.models import Invoice, InvoiceLine, Item, License, PaymentAllocation, Promo
from licenses.selectors.promos import discount_of
from licenses.selectors.vat import Vat, vat_for
from licenses.seller import frozen_seller
from partners.models import Employee
from partners.rights import Right

from .choosing import check_payer
from .locking import held_invoice, locked_licenses

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line that is no licence (an extra charge): `amount` in roubles, VAT included, positive."""

    title: str
    amount: Decimal
    item: Item | None = None
    quantity: int = 1
    unit: str = "шт"
    okei: str = "796"
    explanation: list[str] = field(default_factory=list)


@in_transaction
def invoice_issue(
    *, account_id: int, by: Employee, on: date, license_ids: Sequence[int] | None = None, extra: Sequence[LineDraft] = (),
    payer_id: int | None = None, promo_code: str = "", right: str = Right.INVOICE_ISSUE, replaces: Invoice | None = None,
) -> Invoice:  # fmt: skip
    """An issued invoice over the chosen licences (all planned ones of one payer by default) and `extra` lines.

    `on`: the date of the invoice in the legal entity's zone; number and year follow from it. Lines, payer, date and
    sums are frozen then; VAT is fixed again on shipment. A promo code is reserved. Nothing to invoice, two payers,
    a bad code: DomainError.
    """
    account = locked_account(account_id, by=by)
    require(by, right, account)
    licenses = _licenses_to_invoice(account, license_ids, payer_id, bool(extra))
    valid_until = _offer_until(licenses, on)
    payer_id = payer_id or licenses[0].payer_id
    payer = check_payer(account, payer_id)
    promo = _reserved(promo_code, account, licenses, on)
    entity = account.salespoint.legal_entity
    invoice = Invoice.objects.create(
        account=account,
        legal_entity=entity,
        salespoint_id=account.salespoint_id,
        manager_id=account.manager_id,
        payer_id=payer_id,
        payer_data=_payer_data(payer),
        seller_data=frozen_seller(entity),
        promo=promo,
        replaces=replaces,
        created_at=clock.now(),
        created_by=by,
    )
    lines = _license_lines(invoice, licenses, promo, on) + _extra_lines(invoice, extra, len(licenses), on)
    InvoiceLine.objects.bulk_create(lines)
    for license, line in zip(licenses, lines, strict=False):
        _mark_invoiced(license, line)
    _number(invoice, lines, on, valid_until)
    journal.record(
        invoice,
        "invoice.issued",
        by=by,
        data={"account": account.pk, "client": payer_id, "number": invoice.number, "total": invoice.total},
    )
    invoice_issued.send(sender=Invoice, invoice=invoice, by=by, on=on)
    return invoice


@in_transaction
def invoice_cancel(
    *, invoice_id: int, reason: str, by: Employee, on: date, version: int | None = None, replaced: bool = False
) -> Invoice:
    """Annul: the number stays, the licences are planned again, the promo is released.

    Refused while money stands on it or a shipment lives.
    """
    account, invoice = held_invoice(invoice_id, by=by)
    require(by, Right.INVOICE_ISSUE, account)
    check_version(invoice, version)
    check_cancellable(invoice)
    if not clean(reason):
        raise DomainError("Укажите причину аннулирования.", field="reason")
    licenses = list(License.objects.filter(invoice_lines__invoice=invoice, state=LicenseState.INVOICED).order_by("pk"))
    for license in licenses:
        license.state = LicenseState.SELECTED
        # What a promo took off comes back: the next invoice counts it anew.
        line = invoice.lines.get(license=license)
        if invoice.promo_id and not license.replaces_id:
            license.amount += line.discount
        license.version += 1
        license.save(update_fields=["state", "amount", "version"])
    if invoice.promo_id:
        Promo.objects.filter(pk=invoice.promo_id, used__gt=0).update(used=F("used") - 1)
    invoice.state, invoice.cancelled_on, invoice.cancel_reason = InvoiceState.CANCELLED, on, clean(reason)[:300]
    invoice.version += 1
    invoice.save(update_fields=["state", "cancelled_on", "cancel_reason", "version"])
    journal.record(
        invoice,
        "invoice.cancelled",
        by=by,
        data={"account": account.pk, "number": invoice.number, "reason": invoice.cancel_reason},
    )
    invoice_cancelled.send(sender=Invoice, invoice=invoice, replaced=replaced, by=by, on=on)
    return invoice


@in_transaction
def invoice_replace(*, invoice_id: int, by: Employee, on: date, reason: str = "Заменен новым счетом") -> Invoice:
    """Cancel and issue again over the same licences at the same sums: another payer's data or date. Linked by `replaces`."""
    account, invoice = held_invoice(invoice_id, by=by)
    ids = list(invoice.lines.filter(license__isnull=False).values_list("license_id", flat=True))
    extra = [_as_draft(line) for line in invoice.lines.filter(license__isnull=True).select_related("item")]
    code = invoice.promo.code if invoice.promo_id else ""
    old = invoice_cancel(invoice_id=invoice.pk, reason=reason, by=by, on=on, replaced=True)
    return invoice_issue(
        account_id=account.pk,
        license_ids=ids,
        extra=extra,
        payer_id=old.payer_id,
        promo_code=code,
        by=by,
        on=on,
        replaces=old,
    )


def check_cancellable(invoice: Invoice) -> None:
    """No money on it, no live shipment (as a voided invoice must never be a paid one)."""
    if invoice.state != InvoiceState.ISSUED:
        raise DomainError("Аннулировать можно только выставленный счет: обновите страницу.", code="not_issued")
    if invoice.shipments.filter(cancelled_on__isnull=True).exists():
        raise DomainError("Счет отгружен: сначала отмените отгрузку.", code="shipped")
    if paid_of(invoice):
        raise DomainError("На счет разнесена оплата: сначала снимите ее со счета.", code="paid")


def paid_of(invoice: Invoice) -> Decimal:
    """Σ live allocations, roubles."""
    return (
        PaymentAllocation.objects.filter(invoice=invoice, undone_at__isnull=True).aggregate(s=Sum("amount"))["s"]
        or ZERO
    )


def _licenses_to_invoice(
    account: Account, ids: Sequence[int] | None, payer_id: int | None, has_extra: bool
) -> list[License]:
    if ids is None:
        planned = License.objects.filter(account=account, state=LicenseState.SELECTED, item__is_trial=False)
        ids = (
            []
            if has_extra
            else list((planned.filter(payer=payer_id) if payer_id else planned).values_list("pk", flat=True))
        )
    licenses = locked_licenses(ids, account)
    if len(licenses) != len(set(ids)):
        raise DomainError("Одной из лицензий уже нет в аккаунте: обновите страницу.", code="gone")
    for license in licenses:
        if license.state != LicenseState.SELECTED:
            raise DomainError(
                f"{license.item}: состояние «{license.get_state_display()}», счет уже есть. Обновите страницу.",
                code="not_selected",
            )
    if not licenses and not has_extra:
        raise DomainError("Нет выбранных лицензий: откройте прайс и отметьте позиции.", code="nothing")
    if len({license.payer_id for license in licenses}) > 1 and payer_id is None:
        raise DomainError(
            "Выбраны лицензии для разных плательщиков: выставьте каждому свой счет.", field="payer", code="payers"
        )
    return licenses


def _payer_data(member) -> dict:
    client = member.client
    details = getattr(client, "details", None)
    return {
        "name": client.name,
        "inn": client.inn,
        "kpp": member.kpp or client.kpp,
        "address": details.address if details else "",
    }


def _reserved(code: str, account: Account, licenses: list[License], on: date) -> Promo | None:
    """The promo under lock, with one more use; DomainError when it does not fit."""
    if not clean(code):
        return None
    promo = Promo.objects.select_for_update().filter(code__iexact=clean(code)).first()
    if promo is None or not promo.valid_from <= on <= promo.valid_to:
        raise DomainError("Такой акции сейчас нет: проверьте код и сроки.", field="promo", code="promo")
    if promo.max_uses is not None and promo.used >= promo.max_uses:
        raise DomainError("Акция закончилась: все применения использованы.", field="promo", code="promo_used")
    if promo.new_clients_only and account.paid_since is not None:
        raise DomainError("Акция только для новых клиентов, этот аккаунт уже покупал.", field="promo", code="promo_new")
    regions = set(promo.regions.values_list("code", flat=True))
    if regions and account.region_code not in regions:
        raise DomainError("Акция не действует в регионе этого аккаунта.", field="promo", code="promo_region")
    if not any(discount_of(promo, license) for license in licenses):
        raise DomainError("На выбранные позиции акция не действует.", field="promo", code="promo_items")
    promo.used += 1
    promo.save(update_fields=["used"])
    return promo


def _license_lines(invoice: Invoice, licenses: list[License], promo: Promo | None, on: date) -> list[InvoiceLine]:
    lines = []
    for position, license in enumerate(licenses, 1):
        item = license.item
        credit = sum((Decimal(closed["credit"]) for closed in license.closes), ZERO)
        discount = min(credit, license.amount) if license.closes else (discount_of(promo, license) if promo else ZERO)
        amount = license.amount - discount
        vat = vat_for(invoice.legal_entity, item.vat_kind, item.vat_ground, on=on)
        lines.append(
            InvoiceLine(
                invoice=invoice, position=position, item=item, license=license, title=_title(license), quantity=license.quantity,
                unit=item.unit, okei=item.okei, price=license.price.amount if license.price_id else ZERO, list_amount=license.amount,
                discount=discount, amount=amount, explanation=license.explanation, **_vat_columns(vat, amount),
            )
        )  # fmt: skip
    return lines


def _extra_lines(invoice: Invoice, extra: Sequence[LineDraft], after: int, on: date) -> list[InvoiceLine]:
    lines = []
    for position, draft in enumerate(extra, after + 1):
        item = draft.item
        vat = vat_for(
            invoice.legal_entity, item.vat_kind if item else "standard", item.vat_ground if item else "", on=on
        )
        lines.append(
            InvoiceLine(
                invoice=invoice, position=position, item=item, title=draft.title[:300], quantity=draft.quantity, unit=draft.unit,
                okei=draft.okei, price=rules.prorate(draft.amount, 1, draft.quantity), list_amount=draft.amount, amount=draft.amount,
                explanation=draft.explanation, **_vat_columns(vat, draft.amount),
            )
        )  # fmt: skip
    return lines


def _vat_columns(vat: Vat, amount: Decimal) -> dict:
    return {
        "vat_kind": vat.kind,
        "vat_rate": vat.rate,
        "vat_ground": vat.ground,
        "vat_amount": rules.vat_of(amount, vat.rate),
    }


def _title(license: License) -> str:
    if license.term is None:
        return str(license.item)
    return f"{license.item}, с {license.starts_on:%d.%m.%Y} по {license.ends_on:%d.%m.%Y}"


def _mark_invoiced(license: License, line: InvoiceLine) -> None:
    license.state = LicenseState.INVOICED
    if not license.closes:
        license.amount = line.amount  # what is really charged: later credits count from it (E9)
    license.version += 1
    license.save(update_fields=["state", "amount", "version"])


def _offer_until(licenses: list[License], on: date) -> date:
    """The last day of the offer. A change of tariff was counted for its first day: the invoice does not make it younger (Q5)."""
    quoted_on = min((license.starts_on for license in licenses if license.closes), default=on)
    until = min(quoted_on, on) + timedelta(days=settings.INVOICE_VALID_DAYS)
    if on > until:
        raise DomainError(
            f"Расчет смены тарифа действовал до {until:%d.%m.%Y}: уберите его и рассчитайте заново.",
            code="quote_expired",
        )
    return until


def _number(invoice: Invoice, lines: Iterable[InvoiceLine], on: date, valid_until: date) -> None:
    """The number is the last lock of the transaction: a rollback gives it back."""
    lines = list(lines)
    invoice.state, invoice.issued_on, invoice.year = InvoiceState.ISSUED, on, on.year
    invoice.valid_until = valid_until
    invoice.total = sum((line.amount for line in lines), ZERO)
    invoice.vat_total = sum((line.vat_amount for line in lines), ZERO)
    invoice.sequence = next_number(f"invoice:{invoice.legal_entity_id}:{on.year}")
    invoice.number = f"{invoice.legal_entity.invoice_prefix}{invoice.sequence}"
    invoice.save(
        update_fields=["state", "issued_on", "year", "valid_until", "total", "vat_total", "sequence", "number"]
    )


def _as_draft(line: InvoiceLine) -> LineDraft:
    return LineDraft(line.title, line.amount, line.item, line.quantity, line.unit, line.okei, line.explanation)
