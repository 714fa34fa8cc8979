"""What client cards show of accounts: how many, which one, and whether the client is connected (decisions 17, 18)."""

from __future__ import annotations

from datetime import date

from accounts.models import AccountMember
from clients.models import Client
from clients.services import client_accounts_set
from partners.models import Employee


def refresh_connections(
    clients: dict[int, Client], *, on: date, by: Employee | None = None, removed: bool = False
) -> None:
    """Tell the cards (locked by the caller) which accounts they are in, from the members as they are now.

    Connected since a paid licence was activated in one of its accounts; out of the last one: lost (R2.4).
    """
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
        client_accounts_set(
            client=client, numbers=[number for number, _, _ in accounts], main_number=main, is_paid=any(paid for _, _, paid in accounts),
            on=on, by=by, removed=removed,
        )  # fmt: skip
