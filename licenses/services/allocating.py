"""Distribution of what was bought between the organisations, by hand (manual ch. 2.2, R2.91; decision 5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.db import transaction

from accounts.choices import TaskKind
from accounts.models import Account, AccountMember, Task
from core import clock, journal
from core.db import in_transaction
from core.errors import DomainError
from core.rights import require
from licenses.choices import LicenseState
from licenses.models import Allocation, License
from partners.models import Employee
from partners.rights import Right

from .distributed import connections_follow
from .locking import held_license

ONE_DAY = timedelta(days=1)
GIVEN = (LicenseState.SHIPPED, LicenseState.ACTIVE)


@in_transaction
def allocation_set(*, license_id: int, shares: Mapping[int, int], by: Employee, on: date) -> License:
    """Who has how many pieces from `on` to the licence's end: {client pk: quantity}, zero takes all away.

    Organisations that are not named keep nothing. Never more than bought; only members; shipped or active licences.
    Earlier days stay as they were.
    """
    account, license = held_license(license_id, by=by)
    require(by, Right.LICENSE_ACTIVATE, account)
    first = max(on, license.starts_on)
    _check(account, license, shares, first)
    before = {row.client_id: row for row in _from(license, first)}
    wanted = {client: quantity for client, quantity in shares.items() if quantity}
    for client_id in sorted(before.keys() | wanted.keys()):
        row, quantity = before.get(client_id), wanted.get(client_id, 0)
        if row is None or row.quantity != quantity:
            _end(row, first)
    for client_id, quantity in sorted(wanted.items()):
        if client_id not in before or before[client_id].quantity != quantity:
            Allocation.objects.create(
                license=license,
                client_id=client_id,
                quantity=quantity,
                starts_on=first,
                ends_on=license.ends_on,
                at=clock.now(),
                by=by,
            )
    old = {pk: row.quantity for pk, row in before.items()}
    if old != wanted:
        journal.record(
            license,
            "license.allocated",
            by=by,
            data={"account": account.pk, "item": str(license.item), "before": old, "after": wanted},
        )
    _close_task(account, on)
    # After the commit, because cards are locked before accounts (decision 30); the nightly job mends what fails here.
    concerned = sorted({*before, *wanted})
    transaction.on_commit(lambda: connections_follow(client_ids=concerned, on=on), robust=True)
    return license


def allocations_free(*, account: Account, client_id: int, by: Employee | None, on: date) -> int:
    """Take back what an organisation holds from today on: it leaves the account (locked by the caller)."""
    rows = Allocation.objects.filter(license__account=account, client=client_id, ends_on__gte=on).select_for_update(
        of=("self",)
    )
    found = list(rows.order_by("pk"))
    for row in found:
        _end(row, on)
    if found:
        journal.record(
            account,
            "license.freed",
            by=by,
            data={"account": account.pk, "client": client_id, "licenses": [r.license_id for r in found]},
        )
    return len(found)


def undistributed(account: Account, on: date) -> list[tuple[License, int]]:
    """Licences of the account with pieces that nobody has today (or on their first day), and how many."""
    rows = (
        License.objects.filter(account=account, state__in=GIVEN, ends_on__gte=on, term__isnull=False)
        .select_related("item__line")
        .prefetch_related("allocations")
    )
    return left_over(rows, on)


def left_over(rows: Iterable[License], on: date) -> list[tuple[License, int]]:
    """(licence, how many of it nobody has) among loaded licences with their allocations."""
    found = []
    for license in rows:
        if license.state not in GIVEN or license.ends_on < on or license.term_id is None:
            continue
        day = max(on, license.starts_on)
        given = sum(a.quantity for a in license.allocations.all() if a.starts_on <= day <= a.ends_on)
        if given < license.quantity:
            found.append((license, license.quantity - given))
    return found


def _check(account: Account, license: License, shares: Mapping[int, int], first: date) -> None:
    if license.state not in GIVEN:
        raise DomainError("Распределяют отгруженные лицензии: сначала отгрузите счет.", code="not_shipped")
    if first > license.ends_on:
        raise DomainError("Срок лицензии закончился: распределять нечего.", code="ended")
    if any(quantity < 0 for quantity in shares.values()):
        raise DomainError("Количество не может быть меньше нуля.", field="quantity")
    members = set(AccountMember.objects.present().filter(account=account).values_list("client_id", flat=True))
    if not {client for client, quantity in shares.items() if quantity} <= members:
        raise DomainError(
            "Распределять можно только между организациями аккаунта: обновите страницу.", code="not_member"
        )
    total = sum(shares.values())
    if total > license.quantity:
        raise DomainError(
            f"Куплено {license.quantity}, а распределяется {total}: уменьшите количество.",
            field="quantity",
            code="too_many",
        )


def _from(license: License, first: date):
    return Allocation.objects.filter(license=license, ends_on__gte=first).select_for_update(of=("self",)).order_by("pk")


def _end(row: Allocation | None, first: date) -> None:
    if row is None:
        return
    if row.starts_on >= first:
        row.delete()
    else:
        row.ends_on = first - ONE_DAY
        row.save(update_fields=["ends_on"])


def _close_task(account: Account, on: date) -> None:
    if not undistributed(account, on):
        Task.objects.open().filter(account=account, kind=TaskKind.DISTRIBUTE).update(
            done_at=clock.now(), result="Распределено"
        )
