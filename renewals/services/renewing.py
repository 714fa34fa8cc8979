"""«Продлить»: the next term with the same positions at the prices of the day, and its invoice (R3.18–R3.20)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from accounts.models import Account, AccountMember
from accounts.services.locking import locked_account
from core import formats
from core.dates import add_months
from core.db import in_transaction
from core.errors import DomainError
from core.money import format_money
from core.rights import require
from licenses.choices import PLANNED_STATES, ItemKind, LicenseState, PayerKind
from licenses.models import Invoice, Item, License, Term
from licenses.selectors.plans import Choice, Plan, PlannedLine, plan_choice
from licenses.selectors.prices import default_payer_kind
from licenses.services.choosing import licenses_choose
from licenses.services.invoices import invoice_issue
from partners.models import Employee
from partners.rights import Right
from renewals.choices import OutcomeKind
from renewals.selectors.terms import SOLD

from .outcomes import outcome_set


@dataclass(frozen=True, slots=True)
class Renewal:
    """How one term goes on. `planned`: positions already chosen for the next term, which are invoiced as they are."""

    term: Term
    payer_id: int
    payer_kind: str
    months: int
    starts_on: date
    choices: list[Choice] = field(default_factory=list)
    planned: list[License] = field(default_factory=list)


@in_transaction
def account_renew(
    *, account_id: int, term_ids: Sequence[int], by: Employee, on: date, months: int | None = None,
    tariffs: Mapping[int, int] | None = None, quantities: Mapping[int, Mapping[int, int]] | None = None, total=None, is_gapless: bool = False,
) -> Invoice:  # fmt: skip
    """Renew terms of an account and issue one invoice; their outcome becomes «Выставлен счет».

    The next term starts the day after the end; when that day has passed, today, or then all the same with `is_gapless`
    (R3.18). `months`: another length than before ·
    `tariffs`: {term: item} another tariff from the new term on · `quantities`: {term: {item of now: how many}} · `total`: the sum the person saw, roubles.
    """
    account = locked_account(account_id, by=by)
    require(by, Right.LICENSE_CHOOSE, account)
    require(by, Right.INVOICE_ISSUE, account)
    terms = list(
        Term.objects.standing()
        .filter(account=account, pk__in=term_ids)
        .select_related("direction")
        .order_by("ends_on", "pk")
    )
    if not terms or len(terms) != len(set(term_ids)):
        raise DomainError("Отметьте, что продлить.", field="terms", code="nothing")
    ids, seen = [], 0
    for term in terms:
        renewal = renewal_of(
            account, term, on=on, months=months, item_id=(tariffs or {}).get(term.pk),
            quantities=(quantities or {}).get(term.pk), is_gapless=is_gapless,
        )  # fmt: skip
        made = renewal.planned or licenses_choose(
            account_id=account.pk, payer_id=renewal.payer_id, choices=renewal.choices, months=renewal.months, starts_on=renewal.starts_on,
            payer_kind=renewal.payer_kind, by=by, on=on, earliest=renewal.starts_on,
        )  # fmt: skip
        ids += [license.pk for license in made]
        seen += sum(license.amount for license in made)
    if total is not None and seen != total:
        raise DomainError(
            f"Сумма изменилась, теперь {format_money(seen)}\u00a0₽. Проверьте ее и нажмите «Выставить счет» еще раз.",
            code="price_changed",
        )
    invoice = invoice_issue(account_id=account.pk, license_ids=ids, by=by, on=on)
    if by.has_right(Right.OUTCOME_SET):
        for term in terms:
            outcome_set(term_id=term.pk, kind=OutcomeKind.INVOICE_ISSUED, by=by, on=on)
    return invoice


def renewal_of(
    account: Account, term: Term, *, on: date, months: int | None = None, item_id: int | None = None,
    quantities: Mapping[int, int] | None = None, is_gapless: bool = False,
) -> Renewal:  # fmt: skip
    """What renewing a term would choose; DomainError when it is renewed or invoiced already."""
    later = License.objects.filter(
        term__account=account, term__direction=term.direction_id, term__starts_on__gt=term.starts_on
    )
    later = list(later.exclude(state=LicenseState.CANCELLED).select_related("item"))
    if any(license.state not in PLANNED_STATES for license in later):
        raise DomainError(f"«{term.direction}» уже продлено.", field="terms", code="renewed")
    if any(license.state == LicenseState.INVOICED for license in later):
        raise DomainError(f"Счет на продление «{term.direction}» уже выставлен.", field="terms", code="invoiced")
    rows = _sold(term)
    if not rows:
        raise DomainError(
            f"В «{term.direction}» нет действующих лицензий: выберите их в прайсе.", field="terms", code="nothing"
        )
    payer = _payer(account, rows[0])
    kind = rows[0].payer_kind if rows[0].payer_kind != PayerKind.ANY else default_payer_kind(payer)
    starts_on = _start(term, months or term.months, on, is_gapless)
    return Renewal(
        term, payer.pk, kind, months or term.months, starts_on, _choices(rows, item_id, quantities or {}), later
    )


def _start(term: Term, months: int, on: date, is_gapless: bool) -> date:
    after = term.ends_on + timedelta(days=1)
    if not is_gapless:
        return max(after, on)
    if add_months(after, months) <= on:
        raise DomainError(
            f"«{term.direction}» закончилось {formats.day(term.ends_on)}: новый период без перерыва тоже уже прошел. Начните его сегодня.",
            field="start", code="start",
        )  # fmt: skip
    return after


def renewal_plan(
    account: Account, term: Term, *, on: date, months: int | None = None, item_id: int | None = None,
    quantities: Mapping[int, int] | None = None, is_gapless: bool = False,
) -> Plan:  # fmt: skip
    """Lines and sum of the renewal as the dialog shows them and the invoice will: of what is chosen already, its own."""
    renewal = renewal_of(
        account, term, on=on, months=months, item_id=item_id, quantities=quantities, is_gapless=is_gapless
    )
    if renewal.planned:
        return Plan([_planned(license) for license in renewal.planned])
    return plan_choice(
        account,
        renewal.choices,
        months=renewal.months,
        starts_on=renewal.starts_on,
        payer_kind=renewal.payer_kind,
        on=on,
        earliest=renewal.starts_on,
    )


def positions_of(term: Term) -> list[tuple[Item, int]]:
    """What stands in a term and would be renewed: (position, how many)."""
    rows = _sold(term)
    items = {row.item_id: row.item for row in rows}
    return [(items[choice.item_id], choice.quantity) for choice in _choices(rows, None, {})]


def _planned(license: License) -> PlannedLine:
    return PlannedLine(
        license.item, license.quantity, None, license.starts_on, license.ends_on, license.price, license.list_amount, license.amount
    )  # fmt: skip


def _sold(term: Term) -> list[License]:
    rows = License.objects.filter(term=term, state__in=SOLD).exclude(item__kind=ItemKind.SERVICE)
    return list(rows.select_related("item__line", "payer").order_by("pk"))


def _choices(rows: list[License], item_id: int | None, wanted: Mapping[int, int]) -> list[Choice]:
    """The same positions and quantities, or the `wanted` ones; `item_id` takes the place of the tariff."""
    quantities: dict[int, int] = {}
    for row in rows:
        quantities[row.item_id] = quantities.get(row.item_id, 0) + row.quantity if row.item.is_countable else 1
    kinds, found = {row.item_id: row.item for row in rows}, {}
    for item, quantity in quantities.items():
        quantity, now = wanted.get(item, quantity), kinds[item]
        if item_id is not None and now.kind == ItemKind.TARIFF:
            new = Item.objects.get(pk=item_id, line__direction=now.line.direction_id, kind=ItemKind.TARIFF)
            found[new.pk] = quantity if new.is_countable else 1
        else:
            found[item] = quantity
    return [Choice(item, quantity) for item, quantity in found.items()]


def _payer(account: Account, license: License):
    """Who paid, while still in the account, else its main organisation."""
    members = {m.client_id: m for m in AccountMember.objects.present().filter(account=account).select_related("client")}
    member = members.get(license.payer_id) or next((m for m in members.values() if m.is_main), None)
    if member is None:
        raise DomainError("В аккаунте нет организаций: сначала добавьте плательщика.", code="payer")
    return member.client
