"""What accounts copy of their licences: paid until, paid since, promo; and which clients are connected (decision 17)."""

from __future__ import annotations

from datetime import date

from django.db.models import Max, Min

from accounts.models import Account
from accounts.models.account import NEVER
from accounts.services.connections import refresh_connections
from clients.models import Client
from licenses.choices import LicenseState
from licenses.models import License


def refresh_standing(account: Account, clients: dict[int, Client], *, on: date) -> None:
    """Rewrite the copies of an account held under lock from its licences as they are now."""
    bought = License.objects.filter(
        account=account,
        state__in=[LicenseState.ACTIVE, LicenseState.REPLACED],
        item__is_trial=False,
        term__isnull=False,
    )
    facts = bought.aggregate(first=Min("starts_on"), last=Max("ends_on"))
    account.paid_until, account.paid_since = facts["last"] or NEVER, facts["first"]
    account.is_promo = bought.filter(state=LicenseState.ACTIVE, ends_on__gte=on, item__is_promo=True).exists()
    account.save(update_fields=["paid_until", "paid_since", "is_promo"])
    refresh_connections(clients, on=on)
