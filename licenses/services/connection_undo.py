"""What the first activation changes on the cards of an account, kept in its shipment for the exact undo (billing 3.5)."""

from __future__ import annotations

from accounts.models import Account
from clients.choices import ProspectState
from clients.models import Client
from clients.services.prospects import prospect_kept, prospect_restore
from core import journal
from licenses.models import License, Shipment
from partners.models import Employee

Kept = dict[int, dict]


def states_of(clients: dict[int, Client]) -> Kept:
    """{client: its state now}."""
    return {pk: prospect_kept(client) for pk, client in clients.items()}


def remember(licenses: list[License], before: Kept, clients: dict[int, Client]) -> None:
    """Keep the states that an activation has just changed with the shipment that it stands on. A trial one has none."""
    changed = {str(pk): kept for pk, kept in before.items() if kept["prospect_state"] != clients[pk].prospect_state}
    live = Shipment.objects.filter(invoice__lines__license__in=licenses, cancelled_on__isnull=True)
    shipment = live.order_by("pk").select_for_update(of=("self",)).first() if changed else None
    if shipment is not None:
        shipment.undo["prospects"] = journal.plain(changed)
        shipment.save(update_fields=["undo"])


def put_back(account: Account, before: Kept, clients: dict[int, Client], *, by: Employee) -> None:
    """Cards that the cancel of a shipment left without a paid account are what they were before the activation."""
    for pk, kept in sorted(before.items()):
        client = clients[pk]
        if kept["prospect_state"] != ProspectState.CONNECTED or client.prospect_state != ProspectState.TRIAL:
            continue
        rows = Shipment.objects.filter(invoice__account=account, undo__prospects__has_key=str(pk))
        newest = rows.order_by("-pk").first()
        if newest is not None:
            prospect_restore(client=client, kept=newest.undo["prospects"][str(pk)], by=by)
