"""What a choice in the price list would make: periods, prices, sums. The dialog shows it, `licenses_choose` saves it (invariant 19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from accounts.models import Account
from core.dates import days_inclusive
from core.errors import DomainError
from core.money import format_money
from licenses import rules
from licenses.choices import LIVE_STATES, ItemKind
from licenses.models import Direction, Item, License, Price, Term

from .prices import Place, price_for

MAX_AHEAD = timedelta(days=731)
ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Choice:
    """A ticked position."""

    item_id: int
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Period:
    """The period a direction gets. `term` is the standing one that is joined, None: a new one."""

    direction: Direction
    starts_on: date
    ends_on: date
    months: int
    anchor_day: int
    term: Term | None = None
    renews: Term | None = None

    @property
    def full_days(self) -> int:
        if self.term is None:
            return days_inclusive(self.starts_on, self.ends_on)
        return rules.full_days(self.term.starts_on, self.term.ends_on, self.term.months, self.term.anchor_day)

    @property
    def days(self) -> int:
        return days_inclusive(self.starts_on, self.ends_on)

    @property
    def is_part(self) -> bool:
        """An item joins a running period: only its days are paid (E19)."""
        return self.term is not None and self.days < self.full_days


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """One position as it will be saved: `list_amount` for the whole term, `amount` to pay; roubles, VAT included."""

    item: Item
    quantity: int
    period: Period | None
    starts_on: date
    ends_on: date
    price: Price | None
    list_amount: Decimal
    amount: Decimal
    explanation: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """All lines and their sum."""

    lines: list[PlannedLine]

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)


def plan_choice(
    account: Account, choices: Sequence[Choice], *, months: int, starts_on: date, payer_kind: str, on: date, earliest: date | None = None
) -> Plan:  # fmt: skip
    """Periods and prices of the ticked positions. `DomainError` says in words what does not fit (R2.86–R2.94).

    `earliest`: a first day before `on`, for a renewal without a gap (R3.18).
    """
    if not choices:
        raise DomainError("Отметьте хотя бы одну позицию прайса.", field="items", code="empty")
    if not (earliest or on) <= starts_on <= on + MAX_AHEAD:
        raise DomainError("Начало периода — сегодня или позже, не дальше двух лет вперед.", field="starts_on")
    ids = [choice.item_id for choice in choices]
    if len(set(ids)) != len(ids):
        raise DomainError("Позиция отмечена дважды: укажите количество.", field="items")
    items = {
        item.pk: item for item in Item.objects.select_related("line__direction").filter(pk__in=ids, is_archived=False)
    }
    if missing := set(ids) - items.keys():
        raise DomainError(
            "Позиция снята с продажи: обновите прайс и выберите другую.", field="items", code=f"gone:{min(missing)}"
        )
    lines, periods = [], {}
    for choice in sorted(
        choices,
        key=lambda c: (
            items[c.item_id].line.direction.order,
            items[c.item_id].line_id,
            items[c.item_id].kind != ItemKind.TARIFF,
            items[c.item_id].order,
            c.item_id,
        ),
    ):
        item = items[choice.item_id]
        _check_item(account, item, choice, items.values(), starts_on)
        if item.kind == ItemKind.SERVICE:
            lines.append(_service_line(account, item, choice, payer_kind, starts_on, months, on))
            continue
        direction = item.line.direction
        if direction.pk not in periods:
            periods[direction.pk] = period_for(account, direction, months=months, starts_on=starts_on)
        lines.append(_line(account, item, choice, periods[direction.pk], payer_kind, on))
    return Plan(lines)


def period_for(account: Account, direction: Direction, *, months: int, starts_on: date) -> Period:
    """The period that a licence of this direction gets from a day: the standing one it falls into, or a new one (R2.88).

    A new one continues the anchor day of the period it follows. `DomainError` when it would run into a later one.
    """
    if not 1 <= months <= 60:
        raise DomainError("Срок — от 1 до 60 месяцев.", field="months")
    terms = list(Term.objects.standing().filter(account=account, direction=direction).order_by("starts_on"))
    running = next((term for term in terms if term.starts_on <= starts_on <= term.ends_on), None)
    if running is not None:
        return Period(direction, starts_on, running.ends_on, running.months, running.anchor_day, term=running)
    before = next((term for term in reversed(terms) if term.ends_on < starts_on), None)
    follows = before is not None and before.ends_on + timedelta(days=1) == starts_on
    anchor = before.anchor_day if follows else starts_on.day
    ends_on = rules.term_end(starts_on, months, anchor)
    later = next((term for term in terms if term.starts_on > starts_on), None)
    if later is not None and later.starts_on <= ends_on:
        raise DomainError(
            f"В направлении «{direction.title}» уже есть период {_span(later)}, а лицензии одного направления стоят в одном периоде: "
            f"выберите начало {later.starts_on:%d.%m.%Y}, чтобы войти в него, или срок короче.",
            field="starts_on",
            code="one_period",
        )
    return Period(direction, starts_on, ends_on, months, anchor, renews=before)


def _line(account: Account, item: Item, choice: Choice, period: Period, payer_kind: str, on: date) -> PlannedLine:
    if item.is_trial:
        return PlannedLine(
            item,
            choice.quantity,
            period,
            period.starts_on,
            period.ends_on,
            None,
            ZERO,
            ZERO,
            ["Пробный период: бесплатно"],
        )
    price = price_for(item, place=Place.of(account), payer_kind=payer_kind, months=period.months, on=on)
    full = rules.line_amount(price.amount, choice.quantity)
    why = [] if choice.quantity == 1 else [f"{format_money(price.amount)} × {choice.quantity} = {format_money(full)}"]
    amount = full
    if period.is_part:
        amount = rules.prorate(full, period.days, period.full_days)
        why.append(rules.explain_share(full, period.days, period.full_days))
    return PlannedLine(item, choice.quantity, period, period.starts_on, period.ends_on, price, full, amount, why)


def _service_line(
    account: Account, item: Item, choice: Choice, payer_kind: str, starts_on: date, months: int, on: date
) -> PlannedLine:
    price = price_for(item, place=Place.of(account), payer_kind=payer_kind, months=months, on=on)
    full = rules.line_amount(price.amount, choice.quantity)
    return PlannedLine(item, choice.quantity, None, starts_on, starts_on, price, full, full)


def _check_item(account: Account, item: Item, choice: Choice, chosen, starts_on: date) -> None:
    top = item.max_quantity if item.is_countable else 1
    if not item.min_quantity <= choice.quantity <= top:
        raise DomainError(f"{item}: количество — от {item.min_quantity} до {top}.", field="items", code="quantity")
    if not item.requires_tariff:
        return
    direction = item.line.direction_id
    if any(other.kind == ItemKind.TARIFF and other.line.direction_id == direction for other in chosen):
        return
    tariffs = License.objects.filter(
        account=account,
        item__kind=ItemKind.TARIFF,
        item__line__direction=direction,
        state__in=LIVE_STATES,
        ends_on__gte=starts_on,
    )
    if not tariffs.exists():
        raise DomainError(
            f"«{item.title}» продается только к тарифу: отметьте тариф направления «{item.line.direction.title}».",
            field="items",
            code="needs_tariff",
        )


def _span(term: Term) -> str:
    return f"с {term.starts_on:%d.%m.%Y} по {term.ends_on:%d.%m.%Y}"
