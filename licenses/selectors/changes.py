"""What a change of tariff would cost and do: shown in the dialog, saved by `license_change` (R2.122–R2.130, billing 3.6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.errors import DomainError
from licenses import rules
from licenses.choices import PLANNED_STATES, EndRule, ItemKind, LicenseState, Surplus
from licenses.events import change_checking
from licenses.models import ChangePolicy, Item, License, Price, Term
from partners.models import Employee

from .prices import Place, price_for

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """`quote` explains the money; the new licence stands from `starts_on` to `ends_on`, in a new term if `new_term`."""

    license: License
    item: Item
    quantity: int
    policy: ChangePolicy
    price: Price
    list_price: Decimal
    quote: rules.ChangeQuote
    explanation: rules.ChangeExplanation
    starts_on: date
    ends_on: date
    full_days: int
    new_term: bool = False
    months: int = 12
    notes: list[str] = field(default_factory=list)


def targets(license: License) -> list[Item]:
    """Tariffs of the same direction to change into (decision 2 offers «Уполномоченная бухгалтерия» too)."""
    return list(
        Item.objects.filter(
            line__direction=license.item.line.direction_id, kind=license.item.kind, is_archived=False, is_trial=False
        )
        .exclude(pk=None if license.item.is_countable else license.item_id)
        .select_related("line")
    )


def policy_for(source: Item, target: Item) -> ChangePolicy:
    """The policy of the target's line; the most specific row wins, none means no change (R2.126)."""
    rows = ChangePolicy.objects.filter(line=target.line_id)
    fitting = [p for p in rows if p.from_item_id in (None, source.pk) and p.to_item_id in (None, target.pk)]
    if not fitting:
        raise DomainError(f"Смена на «{target}» не настроена: обратитесь к оператору.", field="item", code="no_policy")
    policy = max(fitting, key=lambda p: (p.from_item_id is not None) + (p.to_item_id is not None))
    if not policy.is_allowed:
        raise DomainError(
            policy.refusal or f"Сменить тариф на «{target}» нельзя: выберите другой.", field="item", code="not_allowed"
        )
    return policy


def plan_change(
    license: License, item: Item, *, quantity: int = 1, changed_on: date, by: Employee, on: date
) -> ChangePlan:
    """The whole change as it would be saved; DomainError with the reason when it may not be."""
    _check(license, item, quantity, changed_on=changed_on, by=by, on=on)
    policy = policy_for(license.item, item)
    months = license.term.months
    price = price_for(item, place=Place.of(license.account), payer_kind=license.payer_kind, months=months, on=on)
    list_price = price.amount * quantity
    full_days = rules.full_days(license.term.starts_on, license.term.ends_on, months, license.term.anchor_day)
    new_term = policy.end_rule == EndRule.NEW_TERM and not _has_others(license, changed_on)
    terms = {"full_days": full_days, "new_price": policy.new_price, "credit": policy.credit}
    quote = rules.change_quote(
        license.amount,
        license.starts_on,
        license.ends_on,
        changed_on,
        list_price,
        already_credited=license.credited,
        **terms,
    )
    notes = []
    if policy.end_rule == EndRule.NEW_TERM and not new_term:
        notes.append("В направлении действуют другие лицензии: полная цена, прежняя дата окончания.")
    if quote.surplus and policy.surplus == Surplus.FORBID:
        raise DomainError(
            "Новый тариф дешевле остатка старого: смените его при продлении.", field="item", code="surplus"
        )
    ends_on = rules.term_end(changed_on, months) if new_term else license.ends_on
    return ChangePlan(
        license=license, item=item, quantity=quantity, policy=policy, price=price, list_price=list_price, quote=quote,
        explanation=rules.explain_change(quote, paid=license.amount, list_price=list_price, **terms),
        starts_on=changed_on, ends_on=ends_on, full_days=full_days, new_term=new_term, months=months, notes=notes,
    )  # fmt: skip


def cost_by_date(plan: ChangePlan) -> list[tuple[date, Decimal]]:
    """What the change costs on each day until the end: (day, roubles to pay)."""
    license = plan.license
    rows = rules.change_costs(
        license.amount, license.starts_on, license.ends_on, plan.list_price, since=plan.starts_on, full_days=plan.full_days,
        already_credited=license.credited, new_price=plan.policy.new_price, credit=plan.policy.credit,
    )  # fmt: skip
    return [(day, quote.due) for day, quote in rows]


def _check(license: License, item: Item, quantity: int, *, changed_on: date, by: Employee, on: date) -> None:
    if item.pk == license.item_id and quantity == license.quantity:
        raise DomainError("Это тот же тариф: выберите другой.", field="item", code="same")
    if item.line.direction_id != license.item.line.direction_id or item.kind == ItemKind.SERVICE:
        raise DomainError("Сменить тариф можно только внутри направления.", field="item", code="direction")
    if item.is_archived:
        raise DomainError("Тариф снят с продажи: выберите другой.", field="item", code="archived")
    rules.check_quantity(quantity, minimum=item.min_quantity, maximum=item.max_quantity)
    if changed_on < on:
        raise DomainError("Сменить тариф задним числом нельзя: укажите сегодня или позже.", field="changed_on")
    line = license.invoice_lines.filter(invoice__state="issued").select_related("invoice").first()
    total = line.invoice.total if line else ZERO
    paid = _paid(line.invoice) if line else ZERO
    is_open = License.objects.filter(replaces=license, state__in=[*PLANNED_STATES, LicenseState.SHIPPED]).exists()
    facts = rules.PaidLicense(
        license.starts_on, license.ends_on, license.state == LicenseState.ACTIVE, total, paid, has_open_change=is_open
    )
    rules.check_changeable(facts, on=changed_on)
    change_checking.send(sender=License, license=license, item=item, by=by, on=on)


def _paid(invoice) -> Decimal:
    return sum((row.amount for row in invoice.allocations.filter(undone_at__isnull=True)), ZERO)


def _has_others(license: License, changed_on: date) -> bool:
    """Other live licences of the direction keep the old end (decision 2)."""
    return (
        License.objects.standing()
        .filter(term=license.term_id, ends_on__gte=changed_on)
        .exclude(pk=license.pk)
        .exclude(replaces=license.pk)
        .exists()
        or Term.objects.standing()
        .filter(account=license.account_id, direction=license.item.line.direction_id, starts_on__gt=changed_on)
        .exists()
    )
