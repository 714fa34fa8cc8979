"""Copies on the account that lists read: paid until, paid since, promo. Always told anew from the licences."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from accounts.models import Account
from accounts.models.account import NEVER
from accounts.services.connections import refresh_connections
from clients.models import Client
from core.db import in_transaction
from licenses.choices import LicenseState
from licenses.models import License
from partners.models import Employee

Span = tuple[date, date]


def covered_until(spans: Iterable[Span], on: date) -> date:
    """The last day of the unbroken cover that contains `on`; else the last day that was covered before; else NEVER."""
    joined: list[list[date]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1] + timedelta(days=1):
            joined[-1][1] = max(joined[-1][1], last)
        else:
            joined.append([first, last])
    begun = [last for first, last in joined if first <= on]
    return begun[-1] if begun else NEVER


def account_copies_rewrite(account: Account, *, on: date) -> bool:
    """Rewrite the copies of a locked account; True when something changed.

    A licence counts when it was activated and is no trial; one replaced by a change counts to its shortened end.
    """
    rows = (
        License.objects.filter(account=account, state__in=[LicenseState.ACTIVE, LicenseState.REPLACED], term__isnull=False, item__is_trial=False)
        .values_list("starts_on", "ends_on", "original_ends_on", "item__is_promo", "state")
    )  # fmt: skip
    spans, promo = [], False
    for starts_on, ends_on, original, is_promo, state in rows:
        if state == LicenseState.REPLACED and original == ends_on:
            continue  # replaced from its first day: it never counted
        spans.append((starts_on, ends_on))
        promo = promo or (is_promo and starts_on <= on <= ends_on)
    new = {
        "paid_until": covered_until(spans, on),
        "paid_since": min((first for first, _last in spans), default=None),
        "is_promo": promo,
    }
    changed = [name for name, value in new.items() if getattr(account, name) != value]
    for name in changed:
        setattr(account, name, new[name])
    if changed:
        account.save(update_fields=changed)
    return bool(changed)


def account_and_clients_rewrite(account: Account, clients: dict[int, Client], *, on: date, by: Employee | None) -> None:
    """The copies of a locked account, and what its members' cards (locked too) show of it."""
    since = account.paid_since
    account_copies_rewrite(account, on=on)
    if account.paid_since != since:
        refresh_connections(clients, on=on, by=by)


@in_transaction
def account_copies_of_day(*, account_id: int, on: date) -> bool:
    """For the nightly job: a paid period that begins today, a promo that ended yesterday."""
    account = Account.objects.select_for_update().get(pk=account_id)
    return account_copies_rewrite(account, on=on)
