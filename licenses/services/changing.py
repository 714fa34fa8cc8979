"""«Сменить тариф» (manual ch. 2.4, R2.127): a planned licence with its arithmetic; invoice, shipment and activation follow as usual."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from accounts.models import Account
from core import clock, journal
from core.db import in_transaction
from core.errors import DomainError
from core.rights import require
from licenses.events import licenses_chosen
from licenses.models import Item, License, Term
from licenses.selectors.changes import ChangePlan, plan_change, refuse_surplus
from partners.models import Employee
from partners.rights import Right

from .locking import held_license


@in_transaction
def tariff_change(
    *, license_id: int, item_id: int, by: Employee, on: date, quantity: int | None = None, client_id: int | None = None,
    months: int | None = None, due: Decimal | None = None,
) -> License:  # fmt: skip
    """Save the offer of `plan_change` for the day `on` as a planned licence that replaces the old one when it is shipped.

    `due`: the sum the person saw; another one is refused (invariant 19). Refusals as `plan_change`; a surplus needs the
    head's right.
    """
    account, license = held_license(license_id, by=by)
    require(by, Right.LICENSE_CHOOSE, account)
    item = Item.objects.select_related("line__direction").filter(pk=item_id).first()
    if item is None:
        raise DomainError("Такой позиции в прайсе нет: выберите другую.", field="item")
    plan = plan_change(license, item, on=on, quantity=quantity, client_id=client_id, months=months)
    refuse_surplus(plan, may_credit=by.may(Right.BALANCE_CREDIT, account))
    if due is not None and due != plan.due:
        raise DomainError(
            "Расчет изменился, пока окно было открыто: проверьте новую сумму и сохраните еще раз.", code="price_changed"
        )
    made = License.objects.create(
        account=account, term=_term(account, license, plan), item=item, quantity=plan.quantity, payer_id=license.payer_id, payer_kind=license.payer_kind,
        replaces=license, created_at=clock.now(), created_by=by, **_figures(plan),
    )  # fmt: skip
    journal.record(
        account, "tariff.change_planned", by=by,
        data={"account": account.pk, "client": client_id, "license": made.pk, "old": str(license.item), "new": str(item), "due": plan.due},
    )  # fmt: skip
    licenses_chosen.send(sender=Account, account=account, licenses=[made], by=by, on=on)
    return made


def change_reprice(license: License, *, on: date) -> License:
    """The same change for another day: a planned licence, locked by the caller, gets the figures of `on`."""
    old = License.objects.select_related("item__line__direction", "term", "account").get(pk=license.replaces_id)
    others = License.objects.filter(pk=license.pk)
    others.update(replaces=None)  # it is no open change for its own plan
    months = license.term.months if license.term.is_waiting else None
    plan = plan_change(
        old, license.item, on=on, quantity=license.quantity, client_id=license.closes[0].get("client"), months=months
    )
    if plan.is_new_term:
        license.term.starts_on, license.term.ends_on, license.term.anchor_day = on, plan.ends_on, on.day
        license.term.save(update_fields=["starts_on", "ends_on", "anchor_day"])
    figures = _figures(plan)
    for name, value in figures.items():
        setattr(license, name, value)
    license.replaces = old
    license.version += 1
    license.save(update_fields=[*figures, "replaces", "version"])
    return license


def _figures(plan: ChangePlan) -> dict:
    """`amount` is the value of the new segment, later credits count from it; the line of the invoice is less the credit."""
    return {
        "starts_on": plan.starts_on,
        "ends_on": plan.ends_on,
        "full_days": plan.full_days,
        "price": plan.price_row,
        "list_amount": plan.list_amount,
        "amount": plan.price,
        "explanation": plan.explanation,
        "closes": [
            {
                "license": part.license.pk,
                "quantity": part.quantity,
                "credit": str(part.quote.credit),
                "client": plan.client_id if part.is_part else None,
            }
            for part in plan.closed
        ],
    }


def _term(account: Account, license: License, plan: ChangePlan) -> Term:
    if not plan.is_new_term:
        return license.term
    return Term.objects.create(
        account=account, direction=license.term.direction, starts_on=plan.starts_on, ends_on=plan.ends_on, anchor_day=plan.starts_on.day,
        months=plan.months, cuts=license.term, is_waiting=True, created_at=clock.now(),
    )  # fmt: skip
