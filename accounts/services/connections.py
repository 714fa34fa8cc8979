"""What client cards show of accounts: how many, which one, and whether the client is connected (decisions 17, 18)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date

from accounts.models import AccountMember
from clients.choices import TrialReason
from clients.models import Client
from clients.services import client_accounts_set
from partners.models import Employee

Reader = Callable[[Collection[int], date], set[int]]
_without_licence: list[Reader] = []


def register_licences(reader: Reader) -> None:
    """The app of licences knows which members of paid accounts hold none of the account's licences."""
    if reader not in _without_licence:
        _without_licence.append(reader)


def refresh_connections(
    clients: dict[int, Client], *, on: date, by: Employee | None = None, removed: bool = False
) -> None:
    """Tell the cards (locked by the caller) which accounts they are in, from the members as they are now.

    Connected since a paid licence was activated in one of its accounts; without a licence of its own where the account's
    are distributed: a trial client (R2.5); out of the last account: lost (R2.4).
    """
    without = {pk for reader in _without_licence for pk in reader(clients.keys(), on)}
    found: dict[int, list[tuple[int, bool, bool]]] = {pk: [] for pk in clients}
    rows = AccountMember.objects.present().filter(client__in=clients).order_by("account__number")
    for client_id, number, is_main, since in rows.values_list(
        "client_id", "account__number", "is_main", "account__paid_since"
    ):
        found[client_id].append((number, is_main, since is not None))
    for pk, client in sorted(clients.items()):
        accounts = found[pk]
        # A paid account first, then one where the client is the main organisation, then the oldest.
        main = min(accounts, key=lambda a: (not a[2], not a[1], a[0]))[0] if accounts else None
        is_paid = any(paid for _, _, paid in accounts)
        client_accounts_set(
            client=client, numbers=[number for number, _, _ in accounts], main_number=main, is_paid=is_paid and pk not in without,
            on=on, by=by, removed=removed, trial_reason=TrialReason.CLIENT if is_paid else TrialReason.ACCOUNT,
        )  # fmt: skip
