"""The price list of an account: «Сохранить» makes terms and planned licences (manual ch. 2.2, R2.84–R2.95)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from accounts.models import Account, AccountMember
from accounts.services.locking import locked_account
from clients.services.cards import check_version
from core import clock, journal
from core.db import in_transaction
from core.errors import DomainError
from core.rights import require
from licenses.choices import LicenseState, PayerKind
from licenses.events import licenses_chosen
from licenses.models import License, Term
from licenses.selectors.plans import Choice, Period, PlannedLine, plan_choice
from partners.models import Employee
from partners.rights import Right

from .locking import held_license


@in_transaction
def licenses_choose(
    *, account_id: int, payer_id: int, choices: Sequence[Choice], months: int, starts_on: date, by: Employee, on: date,
    payer_kind: str = PayerKind.ANY, total=None, earliest: date | None = None,
) -> list[License]:  # fmt: skip
    """Save what was ticked as planned licences (R2.95); one period per direction, explained in words (R2.88).

    `payer_id`: a member of the account · `starts_on`: a day inside a running period joins it, its price by days ·
    `total`: the sum the person saw, roubles; a price changed since then is refused · `on`: document date of the prices ·
    `earliest`: a first day before `on`, for a renewal without a gap.
    """
    account = locked_account(account_id, by=by)
    require(by, Right.LICENSE_CHOOSE, account)
    check_payer(account, payer_id)
    plan = plan_choice(
        account, choices, months=months, starts_on=starts_on, payer_kind=payer_kind, on=on, earliest=earliest
    )
    if total is not None and total != plan.total:
        raise DomainError(
            "Цены изменились, пока окно было открыто: проверьте новую сумму и сохраните еще раз.", code="price_changed"
        )
    terms: dict[int, Term] = {}
    made = []
    for line in plan.lines:
        term = None
        if line.period is not None:
            direction = line.period.direction.pk
            term = terms[direction] = terms.get(direction) or line.period.term or _new_term(account, line.period)
        made.append(_new_license(account, line, term, payer_id, payer_kind, by))
    facts = [{"license": row.pk, "item": str(row.item), "quantity": row.quantity, "amount": row.amount} for row in made]
    journal.record(account, "licenses.chosen", by=by, data={"account": account.pk, "client": payer_id, "lines": facts})
    licenses_chosen.send(sender=Account, account=account, licenses=made, by=by, on=on)
    return made


@in_transaction
def license_drop(*, license_id: int, by: Employee, on: date, version: int | None = None) -> License:
    """Take a planned position back, until it is invoiced (R2.94, R2.95). An empty planned term goes with it."""
    account, license = held_license(license_id, by=by)
    require(by, Right.LICENSE_CHOOSE, account)
    check_version(license, version)
    _check_planned(license)
    license.state = LicenseState.CANCELLED
    license.version += 1
    license.save(update_fields=["state", "version"])
    drop_empty_term(license.term)
    journal.record(
        account,
        "license.dropped",
        by=by,
        data={"account": account.pk, "license": license.pk, "item": str(license.item)},
    )
    return license


@in_transaction
def license_quantity_set(
    *, license_id: int, quantity: int, by: Employee, on: date, version: int | None = None
) -> License:
    """Another quantity of a planned position; its price is looked up again (R2.92)."""
    account, license = held_license(license_id, by=by)
    require(by, Right.LICENSE_CHOOSE, account)
    check_version(license, version)
    _check_planned(license)
    if license.replaces_id:
        raise DomainError("Это смена тарифа: уберите ее и рассчитайте заново с другим количеством.", code="change")
    check_term_runs(license, on)
    months = license.term.months if license.term else 1
    # The old row steps aside, so that the plan joins its term by itself and not the row.
    plan = plan_choice(
        account,
        [Choice(license.item_id, quantity)],
        months=months,
        starts_on=max(license.starts_on, on),
        payer_kind=license.payer_kind,
        on=on,
    )
    line = plan.lines[0]
    changed = journal.changes(
        license,
        {
            "quantity": quantity,
            "list_amount": line.list_amount,
            "amount": line.amount,
            "starts_on": line.starts_on,
            "price": line.price,
        },
    )
    license.explanation = line.explanation
    license.version += 1
    license.save(update_fields=["quantity", "list_amount", "amount", "starts_on", "price", "explanation", "version"])
    journal.record(account, "license.changed", by=by, data={"account": account.pk, "license": license.pk, **changed})
    return license


def check_term_runs(license: License, on: date) -> None:
    """A planned position whose period is over cannot be priced anew: there are no days left of it."""
    if license.term is not None and on > license.term.ends_on:
        raise DomainError(
            f"{license.item}: период закончился {license.term.ends_on:%d.%m.%Y}. Уберите позицию (сначала аннулируйте счет, если он есть) "
            "и выберите ее заново.",
            code="ended",
        )


def check_payer(account: Account, payer_id: int) -> AccountMember:
    """The payer is an organisation of the account (R2.87)."""
    member = (
        AccountMember.objects.present()
        .filter(account=account, client=payer_id)
        .select_related("client__details")
        .first()
    )
    if member is None:
        raise DomainError("Выберите плательщика из организаций аккаунта.", field="payer", code="payer")
    return member


def drop_empty_term(term: Term | None) -> None:
    """A term without a licence left stands for nothing: another period may take its days."""
    if term is None or term.licenses.exclude(state=LicenseState.CANCELLED).exists():
        return
    term.is_cancelled = True
    term.save(update_fields=["is_cancelled"])


def _new_term(account: Account, period: Period) -> Term:
    return Term.objects.create(
        account=account,
        direction=period.direction,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        anchor_day=period.anchor_day,
        months=period.months,
        renews=period.renews,
        created_at=clock.now(),
    )


def _new_license(
    account: Account, line: PlannedLine, term: Term | None, payer_id: int, payer_kind: str, by: Employee
) -> License:
    renewed = None
    if term is not None and term.renews_id:
        renewed = (
            License.objects.standing().filter(term=term.renews_id, item=line.item).order_by("-ends_on", "-pk").first()
        )
    return License.objects.create(
        account=account,
        term=term,
        item=line.item,
        quantity=line.quantity,
        starts_on=line.starts_on,
        ends_on=line.ends_on,
        full_days=line.period.full_days if line.period else None,
        price=line.price,
        list_amount=line.list_amount,
        amount=line.amount,
        explanation=line.explanation,
        payer_id=payer_id,
        payer_kind=payer_kind,
        renews=renewed,
        created_at=clock.now(),
        created_by=by,
    )


def _check_planned(license: License) -> None:
    if license.state != LicenseState.SELECTED:
        raise DomainError(
            f"{license.item}: состояние «{license.get_state_display()}», изменить уже нельзя. Аннулируйте счет и выберите заново.",
            code="not_selected",
        )
