"""What the licences of an account allow on a day (R2.67, R2.135–R2.138; invariant 17). What is used, the products report."""

from __future__ import annotations

from datetime import date

from django.db.models import F, Q, Sum

from accounts.models import Account
from licenses.choices import LicenseState
from licenses.models import Entitlement, License


def allowed(account: Account, *, on: date) -> dict[str, int]:
    """{limit: Σ amount × quantity over the licences active on the day}; limits without a licence are absent."""
    rows = (
        Entitlement.objects.filter(item__licenses__in=covering(account, on=on))
        .values("limit")
        .annotate(total=Sum(F("amount") * F("item__licenses__quantity"), filter=Q(item__licenses__in=covering(account, on=on))))
    )  # fmt: skip
    return {row["limit"]: row["total"] for row in rows}


def covering(account: Account, *, on: date):
    """Licences that were in force on the day: active ones, and those replaced since by a change."""
    replaced = Q(state=LicenseState.REPLACED) & ~Q(ends_on=F("original_ends_on"))
    return License.objects.filter(
        Q(state=LicenseState.ACTIVE) | replaced, account=account, starts_on__lte=on, ends_on__gte=on
    )
