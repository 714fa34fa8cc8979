"""A change of tariff in the middle of a term: planned, carried out by the shipment, undone with it (billing 3.6, R2.122–R2.130)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from accounts.models import Account
from core import clock, journal
from core.db import in_transaction
from core.errors import DomainError
from core.rights import require
from licenses.choices import LicenseState
from licenses.models import BalanceEntry, Invoice, Item, License, Term
from licenses.selectors.changes import ChangePlan, plan_change
from partners.models import Employee
from partners.rights import Right

from .locking import held_license

DAY = timedelta(days=1)


@in_transaction
def license_change(
    *,
    license_id: int,
    item_id: int,
    changed_on: date,
    by: Employee,
    on: date,
    quantity: int = 1,
    due: Decimal | None = None,
) -> License:
    """A planned licence that replaces another one from `changed_on`; its invoice is issued as any other.

    `due`: the sum the person saw, roubles; another one now is refused (invariant 19). A surplus needs the right to
    credit the balance; a manager is told to change at renewal (decision 3).
    """
    account, old = held_license(license_id, by=by)
    require(by, Right.LICENSE_CHOOSE, account)
    item = Item.objects.select_related("line__direction").get(pk=item_id)
    plan = plan_change(old, item, quantity=quantity, changed_on=changed_on, by=by, on=on)
    if due is not None and due != plan.quote.due:
        raise DomainError(
            "Расчет изменился, пока окно было открыто: проверьте новую сумму и сохраните еще раз.", code="quote_changed"
        )
    if plan.quote.surplus and not by.may(Right.BALANCE_CREDIT, account):
        raise DomainError(
            "Остаток старого тарифа больше цены нового. Смените тариф при продлении или попросите руководителя зачислить остаток на баланс.",
            field="item",
            code="surplus",
        )
    term = _waiting_term(account, old, plan) if plan.new_term else old.term
    new = License.objects.create(
        account=account, term=term, item=item, quantity=quantity, starts_on=plan.starts_on, ends_on=plan.ends_on, full_days=plan.full_days,
        price=plan.price, list_amount=plan.list_price, amount=plan.quote.price, payer_id=old.payer_id, payer_kind=old.payer_kind,
        replaces=old, closes=[{"license": old.pk, "quantity": old.quantity, "credit": str(plan.quote.credit)}],
        explanation=[plan.explanation.credit, plan.explanation.price, plan.explanation.due], created_at=clock.now(), created_by=by,
    )  # fmt: skip
    journal.record(
        account, "license.change_planned", by=by,
        data={"account": account.pk, "license": old.pk, "from": str(old.item), "to": str(item), "on": changed_on, "due": plan.quote.due},
    )  # fmt: skip
    return new


def apply_change(new: License, *, account: Account, invoice: Invoice, by: Employee, on: date) -> dict:
    """Close what the new licence replaces, on the day before it starts. Returns what `undo_change` needs."""
    undo: dict = {"new": new.pk, "licenses": [], "term": None, "surplus": "0.00"}
    surplus = Decimal(0)
    for closed in new.closes:
        old = License.objects.select_for_update(of=("self",)).get(pk=closed["license"])
        if old.state != LicenseState.ACTIVE:
            raise DomainError(
                "Старая лицензия уже не действует: аннулируйте счет и рассчитайте смену заново.", code="old_gone"
            )
        allocations = [
            [a.pk, str(a.ends_on)] for a in old.allocations.filter(ends_on__gte=new.starts_on).order_by("pk")
        ]
        undo["licenses"].append([old.pk, str(old.ends_on), str(old.credited), old.state, allocations])
        credit = Decimal(closed["credit"])
        _end_allocations(old, new.starts_on, undo)
        old.original_ends_on = old.original_ends_on or old.ends_on
        old.ends_on = max(old.starts_on, new.starts_on - DAY)
        old.credited += credit
        old.state = LicenseState.REPLACED
        old.version += 1
        old.save(update_fields=["original_ends_on", "ends_on", "credited", "state", "version"])
        surplus += max(credit - new.amount, Decimal(0))
    if new.term and new.term.is_waiting:
        undo["term"] = _cut_term(new.term)
    if surplus:
        undo["surplus"] = str(surplus)
        BalanceEntry.objects.create(
            account=account,
            amount=surplus,
            kind="credit",
            invoice=invoice,
            at=clock.now(),
            by=by,
            comment="Остаток при смене тарифа",
        )
    return undo


def undo_change(undo: dict, *, account: Account, invoice: Invoice, by: Employee, on: date) -> None:
    """The exact inverse of `apply_change`. Refused when the credited surplus has been spent."""
    surplus = Decimal(undo["surplus"])
    if surplus:
        entry = BalanceEntry.objects.filter(invoice=invoice, kind="credit", amount=surplus).order_by("-pk").first()
        balance = sum((row.amount for row in BalanceEntry.objects.filter(account=account)), Decimal(0))
        if entry is None or balance < surplus:
            raise DomainError(
                "Остаток, зачисленный при смене тарифа, уже потрачен: обратитесь к оператору.", code="surplus_spent"
            )
        entry.delete()
    if undo["term"]:
        _uncut_term(undo["term"])
    for pk, ends_on, credited, state, allocations in undo["licenses"]:
        old = License.objects.select_for_update(of=("self",)).get(pk=pk)
        old.ends_on, old.credited, old.state = date.fromisoformat(ends_on), Decimal(credited), state
        if old.credited == 0:
            old.original_ends_on = None
        old.version += 1
        old.save(update_fields=["ends_on", "credited", "state", "original_ends_on", "version"])
        _restore_allocations(old, allocations, undo)


def _end_allocations(old: License, day: date, undo: dict) -> None:
    kept = undo.setdefault("deleted", [])
    for row in old.allocations.filter(ends_on__gte=day).order_by("pk"):
        if row.starts_on >= day:
            kept.append([old.pk, row.client_id, row.quantity, str(row.starts_on), str(row.ends_on), row.by_id])
            row.delete()
        else:
            row.ends_on = day - DAY
            row.save(update_fields=["ends_on"])


def _restore_allocations(old: License, allocations: list, undo: dict) -> None:
    ends = dict(allocations)
    for row in old.allocations.filter(pk__in=list(ends)):
        row.ends_on = date.fromisoformat(ends[row.pk])
        row.save(update_fields=["ends_on"])
    for license_id, client_id, quantity, starts_on, ends_on, by_id in undo.get("deleted", []):
        if license_id == old.pk:
            old.allocations.create(
                client_id=client_id, quantity=quantity, starts_on=date.fromisoformat(starts_on), ends_on=date.fromisoformat(ends_on),
                at=clock.now(), by_id=by_id,
            )  # fmt: skip


def _waiting_term(account: Account, old: License, plan: ChangePlan) -> Term:
    return Term.objects.create(
        account=account, direction=old.term.direction, starts_on=plan.starts_on, ends_on=plan.ends_on, anchor_day=plan.starts_on.day,
        months=plan.months, cuts=old.term, is_waiting=True, created_at=clock.now(),
    )  # fmt: skip


def _cut_term(new: Term) -> list:
    """The old term ends the day before; one that began the same day goes away whole."""
    old = Term.objects.select_for_update(of=("self",)).get(pk=new.cuts_id)
    kept = [new.pk, old.pk, str(old.ends_on), old.is_cancelled]
    if old.starts_on >= new.starts_on:
        old.is_cancelled = True
    else:
        old.ends_on = new.starts_on - DAY
    old.save(update_fields=["ends_on", "is_cancelled"])
    new.is_waiting = False
    new.save(update_fields=["is_waiting"])
    return kept


def _uncut_term(kept: list) -> None:
    new_pk, old_pk, ends_on, is_cancelled = kept
    Term.objects.filter(pk=new_pk).update(is_waiting=True)
    Term.objects.filter(pk=old_pk).update(ends_on=date.fromisoformat(ends_on), is_cancelled=is_cancelled)
