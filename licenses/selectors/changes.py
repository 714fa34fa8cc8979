"""A change of tariff before it is made: what it costs and why, each number explained (billing 3.6, 5.2–5.3; R2.122–R2.128)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from core.errors import DomainError
from core.money import format_money
from licenses import rules
from licenses.choices import LIVE_STATES, Credit, EndRule, ItemKind, LicenseState, NewPrice, Surplus
from licenses.events import change_checking
from licenses.models import Allocation, ChangePolicy, Invoice, Item, License, Price, Term

from .prices import Place, price_for

ZERO = Decimal("0.00")
YEAR = 12


@dataclass(frozen=True, slots=True)
class Closed:
    """A licence, or `quantity` of it, that ends the day before. `paid`: roubles charged for that part of it."""

    license: License
    quantity: int
    paid: Decimal
    quote: rules.ChangeQuote
    why: str

    @property
    def is_part(self) -> bool:
        return self.quantity < self.license.quantity


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """The offer: from the day `starts_on` through `ends_on` the target for `due` roubles; `surplus` goes to the balance."""

    license: License
    item: Item
    quantity: int
    price_row: Price
    list_amount: Decimal
    starts_on: date
    ends_on: date
    full_days: int
    months: int
    is_new_term: bool
    price: Decimal
    closed: list[Closed]
    surplus_rule: str
    why_price: str
    policy: dict
    client_id: int | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def credit(self) -> Decimal:
        return sum((part.quote.credit for part in self.closed), ZERO)

    @property
    def due(self) -> Decimal:
        return max(self.price - self.credit, ZERO)

    @property
    def surplus(self) -> Decimal:
        return max(self.credit - self.price, ZERO)

    @property
    def invoice(self) -> Invoice | None:
        """Where the credited money comes from."""
        return Invoice.objects.filter(
            lines__license=self.license, shipments__cancelled_on__isnull=True, shipments__isnull=False
        ).first()

    @property
    def explanation(self) -> list[str]:
        """The rows shown on screen, in print and in the API."""
        rows = [f"Зачет, {part.license.item}: {part.why}" for part in self.closed]
        rows.append(f"Новый тариф, {self.item}: {self.why_price}")
        first, second, rest, word = self.price, self.credit, self.due, "к оплате"
        if self.surplus:
            first, second, rest, word = self.credit, self.price, self.surplus, "остается на балансе"
        return [*rows, f"{format_money(first)} − {format_money(second)} = {format_money(rest)} {word}"]


def targets_for(license: License) -> list[Item]:
    """What a licence may be changed to: the same direction and kind, on sale, allowed by the policy of the target's line."""
    items = Item.objects.filter(
        line__direction=license.item.line.direction_id, kind=license.item.kind, is_archived=False, is_trial=False
    ).select_related("line__direction")
    found = []
    for item in items.order_by("rank", "order", "title"):
        policy = policy_for(license.item, item)
        if policy is not None and policy.is_allowed and (item.pk != license.item_id or item.is_countable):
            found.append(item)
    return found


def policy_for(source: Item, target: Item) -> ChangePolicy | None:
    """The most specific row of the target's line; None: no row, so it is not allowed (R2.126)."""
    rows = [
        row for row in ChangePolicy.objects.filter(line=target.line_id)
        if row.from_item_id in (None, source.pk) and row.to_item_id in (None, target.pk)
    ]  # fmt: skip
    return max(rows, key=lambda row: (row.from_item_id is not None) + (row.to_item_id is not None), default=None)


def plan_change(
    license: License,
    item: Item,
    *,
    on: date,
    quantity: int | None = None,
    client_id: int | None = None,
    months: int | None = None,
) -> ChangePlan:
    """The offer for the day `on`, which belongs to the new tariff. `DomainError` says why there is none.

    `client_id`: only the part given to this organisation changes · `quantity`: of the target, where it is countable
    · `months`: of a new term («Уполномоченная бухгалтерия»), a year by default.
    """
    account, term = license.account, license.term
    if term is None:
        raise DomainError("Услугу сменить нельзя: выберите новую в прайсе.", code="service")
    part = _part(license, client_id, on)
    wanted = quantity or (part if item.is_countable else 1)
    policy = _checked_policy(license, item, part, wanted)
    _check_state(license, on)
    change_checking.send(sender=License, license=license, item=item, by=None, on=on)
    closed_too = _extensions_left(license, item, on)
    is_new_term = policy.end_rule == EndRule.NEW_TERM and not _others_alive(
        term, [license, *closed_too], part < license.quantity, on
    )
    full_price = policy.new_price == NewPrice.FULL
    length = (months or YEAR) if is_new_term else term.months
    ends_on = rules.term_end(on, length) if is_new_term else term.ends_on
    if is_new_term and license.starts_on == on and term.starts_on < on:
        raise DomainError("Лицензия началась сегодня: смените тариф завтра или отмените ее отгрузку.", code="first_day")
    row = price_for(item, place=Place.of(account), payer_kind=license.payer_kind, months=length, on=on)
    listed = rules.line_amount(row.amount, wanted)
    full_days = (
        rules.full_days(on, ends_on, length)
        if is_new_term
        else rules.full_days(term.starts_on, term.ends_on, term.months, term.anchor_day)
    )
    style = {
        "full_days": full_days,
        "new_price": "full" if full_price or is_new_term else "remaining",
        "credit": "none" if policy.credit == Credit.NONE else "unused",
    }
    closed = [_closed(license, part, listed, on, style)]
    closed += [_closed(extension, extension.quantity, ZERO, on, style) for extension in closed_too]
    quote = closed[0].quote
    why = rules.explain_change(quote, paid=closed[0].paid, list_price=listed, **style).price
    if wanted > 1:
        why = f"{format_money(row.amount)} × {wanted} = {format_money(listed)}; {why}"
    notes = []
    if policy.end_rule == EndRule.NEW_TERM and not is_new_term:
        notes.append(f"В периоде остаются другие лицензии направления: срок до {term.ends_on:%d.%m.%Y} сохраняется.")
    return ChangePlan(
        license,
        item,
        wanted,
        row,
        listed,
        on,
        ends_on,
        full_days,
        length,
        is_new_term,
        quote.price,
        closed,
        policy.surplus,
        why,
        style,
        client_id,
        notes,
    )


def _closed(license: License, part: int, listed: Decimal, on: date, style: dict) -> Closed:
    paid = rules.prorate(license.amount, part, license.quantity)
    quote = rules.change_quote(
        paid, license.starts_on, license.ends_on, on, listed, already_credited=min(license.credited, paid), **style
    )
    why = rules.explain_change(quote, paid=paid, list_price=listed, **style).credit
    if part < license.quantity:
        why = f"{format_money(license.amount)} × {part} / {license.quantity} = {format_money(paid)}; {why}"
    return Closed(license, part, paid, quote, why)


def _part(license: License, client_id: int | None, on: date) -> int:
    """How many of the licence change: all, or what this organisation holds."""
    if client_id is None:
        return license.quantity
    held = Allocation.objects.filter(license=license, client=client_id, starts_on__lte=on, ends_on__gte=on).first()
    if held is None:
        raise DomainError(f"{license.item}: на эту организацию лицензия не распределена.", code="not_allocated")
    return held.quantity


def _checked_policy(license: License, item: Item, part: int, wanted: int) -> ChangePolicy:
    current = license.item
    if item.line.direction_id != current.line.direction_id:
        raise DomainError(
            "Сменить тариф можно только внутри направления: новое направление добавьте через прайс.",
            field="item",
            code="direction",
        )
    if item.is_archived or item.is_trial or item.kind != current.kind:
        raise DomainError("Эта позиция не продается: выберите другую.", field="item", code="gone")
    if item.pk == current.pk and wanted == part:
        raise DomainError("Этот тариф уже действует: выберите другой тариф или количество.", field="item", code="same")
    if not item.min_quantity <= wanted <= (item.max_quantity if item.is_countable else 1):
        raise DomainError(
            f"{item}: количество — от {item.min_quantity} до {item.max_quantity if item.is_countable else 1}.",
            field="quantity",
        )
    policy = policy_for(current, item)
    if policy is None or not policy.is_allowed:
        text = (
            policy.refusal
            if policy and policy.refusal
            else f"Переход на «{item}» в середине срока не разрешен: предложите его при продлении."
        )
        raise DomainError(text, field="item", code="policy")
    return policy


def _check_state(license: License, on: date) -> None:
    """Active, paid in full, no other change open (E18, T22)."""
    total, paid = _money_of(license)
    rules.check_changeable(
        rules.PaidLicense(
            starts_on=license.starts_on, ends_on=license.ends_on, is_active=license.state == LicenseState.ACTIVE, total=total, paid=paid,
            has_open_change=open_changes(license).exists(),
        ),
        on=on,
    )  # fmt: skip


def open_changes(license: License):
    """Planned changes that stand on this licence."""
    return License.objects.filter(replaces=license, state__in=[LicenseState.SELECTED, LicenseState.INVOICED])


def _money_of(license: License) -> tuple[Decimal, Decimal]:
    """(total, paid) of the shipped invoice that sold the licence; (0, 0) for a trial one."""
    invoice = (
        Invoice.objects.filter(lines__license=license, shipments__isnull=False, shipments__cancelled_on__isnull=True)
        .with_paid()
        .first()
    )
    return (invoice.total, invoice.paid) if invoice else (ZERO, ZERO)


def _extensions_left(license: License, item: Item, on: date) -> list[License]:
    """Extensions that go with the old tariff: sold only to a tariff of its line, and the target is of another one."""
    if license.item.kind != ItemKind.TARIFF or item.line_id == license.item.line_id:
        return []
    others = License.objects.active(on=on).filter(
        account=license.account_id, term=license.term_id, item__line=license.item.line_id, item__kind=ItemKind.TARIFF
    ).exclude(pk=license.pk)  # fmt: skip
    if others.exists():
        return []
    rows = License.objects.active(on=on).filter(
        account=license.account_id,
        term=license.term_id,
        item__line=license.item.line_id,
        item__kind=ItemKind.EXTENSION,
        item__requires_tariff=True,
    )
    return list(rows.select_related("item__line", "term").order_by("pk"))


def _others_alive(term: Term, closed: list[License], is_part: bool, on: date) -> bool:
    if is_part:
        return True
    return (
        License.objects.filter(term=term, state__in=LIVE_STATES, ends_on__gte=on)
        .exclude(pk__in=[row.pk for row in closed])
        .exists()
    )


def refuse_surplus(plan: ChangePlan, *, may_credit: bool) -> None:
    """A credit above the new price goes to the balance by the head's right; a manager is offered the renewal (decision 3)."""
    if not plan.surplus:
        return
    if plan.surplus_rule == Surplus.FORBID:
        raise DomainError(
            "Новый тариф дешевле остатка старого: в этой линейке переход возможен только с продления.",
            field="item",
            code="surplus",
        )
    if not may_credit:
        raise DomainError(
            f"Остаток {format_money(plan.surplus, '₽')} ушел бы на баланс аккаунта: это оформляет руководитель. "
            f"Или смените тариф с продления, {plan.license.ends_on + timedelta(days=1):%d.%m.%Y}.",
            field="item",
            code="surplus",
        )


def change_calendar(plan: ChangePlan) -> list[tuple[date, rules.ChangeQuote]]:
    """What the change costs on each day until the end of the licence, at the price of the offer (billing 5.3).

    Every day is what `plan_change` would offer on it: all that ends with the old tariff is credited.
    """
    license, days = plan.license, []
    for shift in range((license.ends_on - plan.starts_on).days + 1):
        on = plan.starts_on + timedelta(days=shift)
        quotes = [_quote_on(part, plan, on) for part in plan.closed]
        credit = sum((quote.credit for quote in quotes), ZERO)
        price = quotes[0].price
        due, surplus = max(price - credit, ZERO), max(credit - price, ZERO)
        days.append((on, replace(quotes[0], credit=credit, due=due, surplus=surplus)))
    return days


def _quote_on(part: Closed, plan: ChangePlan, on: date) -> rules.ChangeQuote:
    license = part.license
    listed = plan.list_amount if license.pk == plan.license.pk else ZERO
    credited = min(license.credited, part.paid)
    return rules.change_quote(
        part.paid, license.starts_on, license.ends_on, on, listed, already_credited=credited, **plan.policy
    )
