"""What cards show of the distribution: connected, or a trial client without a licence of its own (R2.5)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from accounts.services.connections import refresh_connections
from accounts.services.locking import locked_clients
from core.db import in_transaction


@in_transaction
def connections_follow(*, client_ids: Collection[int], on: date) -> int:
    """Tell these cards what they are by today's distribution; how many were looked at. A repeat changes nothing."""
    clients = locked_clients(client_ids)
    refresh_connections(clients, on=on)
    return len(clients)
