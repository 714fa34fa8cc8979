"""Distribution of what was bought between the organisations of an account, by hand (R2.91, decision 5)."""

from __future__ import annotations

from datetime import date, timedelta

from accounts.models import AccountMember
from core import clock, journal
from core.db import in_transaction
from core.errors import DomainError
from core.rights import require
from licenses import rules
from licenses.choices import LicenseState
from licenses.models import Allocation, License
from partners.models import Employee
from partners.rights import Right

from .locking import held_license


@in_transaction
def license_distribute(*, license_id: int, quantities: dict[int, int], by: Employee, on: date) -> list[Allocation]:
    """From today (or the licence's first day) each organisation has its quantity; {client pk: quantity}, 0 takes it away.

    Never above what was bought: the rule says it in words, a trigger holds it. Days before `on` stay as they were.
    """
    account, license = held_license(license_id, by=by)
    require(by, Right.LICENSE_CHOOSE, account)
    if license.state not in (LicenseState.SHIPPED, LicenseState.ACTIVE) or license.ends_on < on:
        raise DomainError("Распределить можно отгруженную действующую лицензию.", code="not_shipped")
    if any(quantity < 0 for quantity in quantities.values()):
        raise DomainError("Количество не может быть меньше нуля.", field="quantity")
    if sum(quantities.values()) > license.quantity:
        raise DomainError(
            f"Куплено {license.quantity}, распределено больше: уменьшите количество.",
            field="quantity",
            code="above_bought",
        )
    members = set(AccountMember.objects.present().filter(account=account).values_list("client_id", flat=True))
    if set(quantities) - members:
        raise DomainError(
            "Распределить можно только между организациями аккаунта: обновите страницу.", code="not_member"
        )
    starts_on = max(on, license.starts_on)
    _end_before(license, starts_on)
    made = Allocation.objects.bulk_create(
        Allocation(
            license=license,
            client_id=pk,
            quantity=quantity,
            starts_on=starts_on,
            ends_on=license.ends_on,
            at=clock.now(),
            by=by,
        )
        for pk, quantity in sorted(quantities.items())
        if quantity
    )
    journal.record(
        account,
        "license.distributed",
        by=by,
        data={"account": account.pk, "license": license.pk, "item": str(license.item), "quantities": quantities},
    )
    return made


def free_of(license: License, *, on: date) -> int:
    """How many units nobody has, from a day to the end of the licence."""
    uses = [rules.Use(row.quantity, row.starts_on, row.ends_on) for row in license.allocations.all()]
    return rules.free_quantity(license.quantity, uses, max(on, license.starts_on), license.ends_on)


def _end_before(license: License, day: date) -> None:
    """What stood from `day` on gives way; what began earlier ends the day before."""
    license.allocations.filter(starts_on__gte=day).delete()
    for row in license.allocations.filter(starts_on__lt=day, ends_on__gte=day).order_by("pk"):
        row.ends_on = day - timedelta(days=1)
        row.save(update_fields=["ends_on"])
