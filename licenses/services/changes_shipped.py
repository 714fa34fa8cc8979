"""What the shipment of a change does to the licences that it closes, and its undo."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from accounts.models import Account
from core import clock
from core.errors import DomainError
from core.money import format_money
from licenses import rules
from licenses.choices import LIVE_STATES, LicenseState
from licenses.models import Allocation, BalanceEntry, Invoice, License, Term
from partners.models import Employee

from .payments import balance_of

ONE_DAY = timedelta(days=1)
ZERO = Decimal("0.00")
_KEPT = ("state", "ends_on", "original_ends_on", "credited", "quantity", "amount", "list_amount")


def changes_apply(invoice: Invoice, licenses: list[License], *, by: Employee) -> dict:
    """Close what the licences of a locked invoice replace; returns what `changes_undo` needs."""
    undo: dict = {"licenses": {}, "parts": [], "terms": [], "allocations": [], "balance": "0.00"}
    surplus = ZERO
    for license in licenses:
        if not license.closes:
            continue
        for closing in license.closes:
            _close(license, closing, undo)
        if license.term.is_waiting:
            _cut_term(license, undo)
        credit = sum((Decimal(closing["credit"]) for closing in license.closes), ZERO)
        surplus += max(credit - license.amount, ZERO)
    if surplus:
        BalanceEntry.objects.create(
            account_id=invoice.account_id, amount=surplus, kind="credit", invoice=invoice, at=clock.now(), by=by
        )
        undo["balance"] = str(surplus)
    return undo


def changes_undo(undo: dict, account: Account, *, by: Employee) -> None:
    """Put everything back. Refused when the credited surplus was spent meanwhile."""
    if not undo:
        return
    surplus = Decimal(undo["balance"])
    if surplus and balance_of(account) < surplus:
        raise DomainError(
            f"Остаток {format_money(surplus, '₽')} от смены тарифа уже потрачен с баланса: сначала снимите эту оплату со счета.",
            code="spent",
        )
    for pk, kept in undo["terms"]:
        Term.objects.filter(pk=pk).update(
            is_cancelled=kept["is_cancelled"], ends_on=_day(kept["ends_on"]), is_waiting=kept["is_waiting"]
        )
    for pk, kept in undo["licenses"].items():
        values = {**kept, "ends_on": _day(kept["ends_on"]), "original_ends_on": _day(kept["original_ends_on"])}
        License.objects.filter(pk=int(pk)).update(
            **{**values, **{n: Decimal(kept[n]) for n in ("credited", "amount", "list_amount")}}
        )
    for part in undo["parts"]:
        License.objects.filter(replaces=part["made"]).update(replaces=part["kept"])
        Allocation.objects.filter(license=part["made"]).update(license=part["kept"])
        License.objects.filter(pk=part["made"]).delete()
    for kept in undo["allocations"]:
        _restore_allocation(kept)
    if surplus:
        BalanceEntry.objects.create(
            account=account, amount=-surplus, kind="undo", comment="Отмена отгрузки", at=clock.now(), by=by
        )


def _close(new: License, closing: dict, undo: dict) -> None:
    """One licence, or a part of it, ends the day before the new one starts."""
    old = License.objects.select_for_update(of=("self",)).get(pk=closing["license"])
    if old.state != LicenseState.ACTIVE:
        raise DomainError(f"{old.item}: лицензия уже изменилась с расчета. Пересчитайте смену тарифа.", code="stale")
    first, quantity, credit = new.starts_on, closing["quantity"], Decimal(closing["credit"])
    undo["licenses"][old.pk] = {name: getattr(old, name) for name in _KEPT}
    if quantity < old.quantity:
        closed = _split(old, quantity)
        undo["parts"].append({"made": closed.pk, "kept": old.pk})
        if new.replaces_id == old.pk:
            new.replaces = closed
            new.save(update_fields=["replaces"])
    else:
        closed = old
    closed.original_ends_on, closed.state = closed.ends_on, LicenseState.REPLACED
    closed.credited += credit
    if first > closed.starts_on:
        closed.ends_on = first - ONE_DAY
    closed.version += 1
    closed.save(update_fields=["original_ends_on", "state", "credited", "ends_on", "version"])
    _carry_allocations(old, closed, new, closing, undo)


def _split(old: License, quantity: int) -> License:
    """A row of its own for the part that changes; the kopecks of both make the whole."""
    amount = rules.prorate(old.amount, quantity, old.quantity)
    listed = rules.prorate(old.list_amount, quantity, old.quantity)
    part = License.objects.get(pk=old.pk)
    part.pk, part.quantity, part.amount, part.list_amount, part.replaces_id, part.renews_id = (
        None,
        quantity,
        amount,
        listed,
        None,
        None,
    )
    part._state.adding = True
    part.save(force_insert=True)
    old.quantity -= quantity
    old.amount -= amount
    old.list_amount -= listed
    old.save(update_fields=["quantity", "amount", "list_amount"])
    return part


def _carry_allocations(old: License, closed: License, new: License, closing: dict, undo: dict) -> None:
    """Organisations keep what they had to the day before, and get the new licence from its first day."""
    rows = Allocation.objects.filter(license=old, ends_on__gte=new.starts_on).order_by("pk")
    if closing.get("client"):
        rows = rows.filter(client=closing["client"])
    given = 0
    for row in rows:
        undo["allocations"].append(
            {"pk": row.pk, "license": old.pk, "client": row.client_id, "quantity": row.quantity, "starts_on": row.starts_on,
             "ends_on": row.ends_on, "at": row.at.isoformat(), "by": row.by_id}
        )  # fmt: skip
        quantity = min(row.quantity, new.quantity - given)
        if row.starts_on >= new.starts_on:
            row.delete()
        else:
            row.license, row.ends_on = closed, new.starts_on - ONE_DAY
            row.save(update_fields=["license", "ends_on"])
        if closing["license"] == new.closes[0]["license"] and quantity > 0:
            Allocation.objects.create(
                license=new,
                client_id=row.client_id,
                quantity=quantity,
                starts_on=new.starts_on,
                ends_on=new.ends_on,
                at=clock.now(),
                by=row.by,
            )
            given += quantity


def _restore_allocation(kept: dict) -> None:
    values = {
        "license_id": kept["license"], "client_id": kept["client"], "quantity": kept["quantity"], "starts_on": _day(kept["starts_on"]),
        "ends_on": _day(kept["ends_on"]), "by_id": kept["by"], "at": kept["at"],
    }  # fmt: skip
    if not Allocation.objects.filter(pk=kept["pk"]).update(**values):
        Allocation.objects.create(pk=kept["pk"], **values)


def _cut_term(license: License, undo: dict) -> None:
    """The old term ends the day before; the waiting one stands from now on (decision 2)."""
    new = Term.objects.select_for_update().get(pk=license.term_id)
    old = Term.objects.select_for_update().get(pk=new.cuts_id)
    alive = License.objects.filter(term=old, state__in=LIVE_STATES, ends_on__gte=new.starts_on)
    if alive.exists():
        raise DomainError("В старом периоде появились другие лицензии: пересчитайте смену тарифа.", code="stale")
    undo["terms"] += [
        (row.pk, {"is_cancelled": row.is_cancelled, "ends_on": row.ends_on, "is_waiting": row.is_waiting})
        for row in (new, old)
    ]
    if new.starts_on > old.starts_on:
        old.ends_on = new.starts_on - ONE_DAY
    else:
        old.is_cancelled = True
    old.save(update_fields=["ends_on", "is_cancelled"])
    new.is_waiting = False
    new.save(update_fields=["is_waiting"])


def _day(value: str | date | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
