"""The demo: an invented partner network that looks alive. Seeded: two loads for one date are equal."""

from __future__ import annotations

from datetime import date
from random import Random

from django.db import transaction

from core import clock
from partners.models import Employee
from renewals.services import renewals_sweep_all

SEED = 20_261_123
CLIENTS_PER_ACCOUNT = 5


def is_empty() -> bool:
    """Demo data goes into an empty database only (decision 25)."""
    return not Employee.objects.exists()


@transaction.atomic
def load(*, on: date, scale: int = 400) -> dict[str, int]:
    """Load `scale` accounts and everything around them as of the business date; returns counts."""
    from . import accounts, catalog, clients, network, renewing, waiting, work
    from .names import Inventor

    rng = Random(SEED)
    invent = Inventor(rng)
    with clock.override(on=on):
        net = network.load(invent, on)
        items = catalog.load_items()
        prices = catalog.load_prices(items, net.points, net.people["operator"], on, clients.moment(date(on.year, 1, 1)))
        cards = clients.make_clients(rng, invent, on, scale * CLIENTS_PER_ACCOUNT)
        clients.add_phones(rng, invent, cards, on)
        builder = accounts.Builder(rng, net, items, prices, on)
        builder.make(cards, scale)
        clients.bind(rng, net, cards, on)
        builder.sell()
        builder.save()
        connected = [card for card in cards if card.accounts_count]
        clients.invite(rng, [card for card in cards if not card.accounts_count], connected, on)
        clients.settle(rng, connected, on)
        work.load_usage(rng, invent, builder.accounts, builder.members, on)
        work.load_charges(rng, builder.accounts, on)
        work.load_tickets(rng, net, builder.accounts, builder.members, on)
        work.load_notes(rng, builder.accounts, builder.members, on)
        renewals_sweep_all(on=on)
        renewing.load_renewals(rng, on)
        waiting.load_waiting(rng, net, on)
    return {
        "clients": len(cards),
        "accounts": len(builder.accounts),
        "invoices": len(builder.sales),
        "employees": len(net.people),
    }
