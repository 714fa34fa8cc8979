"""When an invoice may be shipped, a shipment cancelled, a tariff changed (billing 3.4–3.6, decisions 6, 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from core.errors import DomainError
from core.money import format_money

VISIT_DAYS = timedelta(days=3)
CANCEL_DAYS = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """What decides about a shipment.

    state: draft, issued, cancelled · total, paid: roubles, gross · shipped_on: of the live shipment
    visit_on: of the planned visit · quote_valid_until: last good day of a change quote, None for other invoices
    debt_reason: not empty when the right «отгрузка в долг» is used
    """

    state: str
    total: Decimal
    paid: Decimal
    issued_on: date | None = None
    shipped_on: date | None = None
    visit_on: date | None = None
    quote_valid_until: date | None = None
    debt_reason: str = ""


@dataclass(frozen=True, slots=True)
class PaidLicense:
    """What decides about a change: the old licence and its invoice. Dates both included; money gross."""

    starts_on: date
    ends_on: date
    is_active: bool
    total: Decimal
    paid: Decimal
    has_overdue_charge: bool = False
    has_open_change: bool = False


def check_shippable(invoice: InvoiceFacts, *, on: date) -> None:
    """`DomainError` unless the invoice may be shipped on this date: issued, paid in full (or in debt with a reason),
    not shipped yet, not earlier than 3 days before the visit, its change quote still valid (R2.97–R2.99)."""
    if invoice.state == "draft":
        raise DomainError("Счет еще не выставлен: выставьте его и дождитесь оплаты.", code="not_issued")
    if invoice.state != "issued":
        raise DomainError("Счет аннулирован: выставьте новый.", code="cancelled")
    if invoice.shipped_on is not None:
        raise DomainError(f"Счет уже отгружен {_day(invoice.shipped_on)}: обновите страницу.", code="already_shipped")
    if invoice.issued_on is not None and on < invoice.issued_on:
        raise DomainError(
            f"Дата отгрузки раньше даты счета: укажите {_day(invoice.issued_on)} или позже.",
            field="on",
            code="too_early",
        )
    if invoice.paid < invoice.total and not invoice.debt_reason.strip():
        missing = format_money(invoice.total - invoice.paid, "₽")
        raise DomainError(f"Счет оплачен не полностью, не хватает {missing}: дождитесь оплаты.", code="not_paid")
    earliest = earliest_shipment(invoice.visit_on)
    if earliest is not None and on < earliest:
        raise DomainError(
            f"До визита больше 3 дней: отгрузите счет {_day(earliest)} или позже.", field="on", code="before_visit"
        )
    if invoice.quote_valid_until is not None and on > invoice.quote_valid_until:
        raise DomainError(
            f"Расчет смены тарифа действовал до {_day(invoice.quote_valid_until)}: пересчитайте его.",
            code="quote_expired",
        )


def earliest_shipment(visit_on: date | None) -> date | None:
    """The first day to ship before a visit; None when there is no visit."""
    return None if visit_on is None else visit_on - VISIT_DAYS


def cancel_until(shipped_on: date) -> date:
    """The last day on which the head may cancel: ship date + 3 calendar days (14.03.2025 → 17.03.2025)."""
    return shipped_on + CANCEL_DAYS


def check_shipment_cancellable(
    shipped_on: date, *, on: date, reason: str, by_operator: bool = False, has_dependents: bool = False
) -> None:
    """`DomainError` unless the shipment may be cancelled on this date: a reason, 3 days (later the operator alone),
    no later shipment that stands on its licences (R2.100, decision 6)."""
    if not reason.strip():
        raise DomainError("Укажите причину отмены отгрузки.", field="reason", code="no_reason")
    if on < shipped_on:
        raise DomainError("Дата отмены раньше отгрузки: проверьте дату.", field="on", code="too_early")
    if has_dependents:
        raise DomainError("На этих лицензиях держится более поздняя отгрузка: сначала отмените ее.", code="dependents")
    if on > cancel_until(shipped_on) and not by_operator:
        raise DomainError(
            f"Отменить отгрузку можно было до {_day(cancel_until(shipped_on))}: обратитесь к оператору.",
            code="too_late",
        )


def check_changeable(license: PaidLicense, *, on: date) -> None:
    """`DomainError` unless the tariff of this licence may be changed on this date (billing 3.6, E18): active and
    running, paid in full, no overdue debt on its product, no other open change."""
    if not license.is_active or not license.starts_on <= on <= license.ends_on:
        raise DomainError(
            "Сменить тариф можно только у действующей лицензии: продлите или активируйте ее.", code="not_active"
        )
    if license.paid < license.total:
        missing = format_money(license.total - license.paid, "₽")
        raise DomainError(f"Старая лицензия не оплачена на {missing}: сначала получите оплату.", code="not_paid")
    if license.has_overdue_charge:
        raise DomainError(
            "По этому продукту просрочено начисление: сначала выставьте и отгрузите счет на него.", code="overdue"
        )
    if license.has_open_change:
        raise DomainError("Смена тарифа уже оформляется: завершите или отмените ее.", code="open_change")


def _day(value: date) -> str:
    return f"{value:%d.%m.%Y}"
