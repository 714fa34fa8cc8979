"""The cube of «Распределение» is written by triggers; here are the nightly move of «новые», the weekly recount, the drift."""

from __future__ import annotations

from datetime import date

from django.db import connection, transaction

from clients.models import DistributionClock
from clients.rules import new_since


@transaction.atomic
def distribution_clock_move(*, on: date) -> int:
    """Move the day of «новые» to `on` and the cards that ceased to be new (or are again) with it: how many."""
    wanted = new_since(on)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('clients.distribution', 0))")
        clock = DistributionClock.objects.get(pk=1)
        low, high, now_new = (
            (clock.new_since, wanted, False) if wanted > clock.new_since else (wanted, clock.new_since, True)
        )
        cursor.execute(_MOVE, {"low": low, "high": high, "now_new": now_new})
        moved = cursor.fetchone()[0] or 0
        DistributionClock.objects.filter(pk=1).update(new_since=wanted)
    return moved


_DIMENSIONS = "salespoint, manager, region_code, prospect_state, invite_state, has_phone"
_MOVE = f"""
WITH passing AS (
    SELECT coalesce(salespoint_id, 0) AS salespoint, coalesce(manager_id, 0) AS manager, region_code, prospect_state, invite_state, has_phone, count(*) AS n
    FROM clients_client WHERE registered_on > %(low)s AND registered_on <= %(high)s GROUP BY 1, 2, 3, 4, 5, 6
), left_behind AS (
    UPDATE clients_distributioncell c SET clients = c.clients - p.n FROM passing p
    WHERE ({", ".join(f"c.{name}" for name in _DIMENSIONS.split(", "))}) = ({", ".join(f"p.{name}" for name in _DIMENSIONS.split(", "))})
        AND c.is_new = NOT %(now_new)s
), joined AS (
    INSERT INTO clients_distributioncell AS c ({_DIMENSIONS}, is_new, clients)
    SELECT {_DIMENSIONS}, %(now_new)s, n FROM passing ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT ({_DIMENSIONS}, is_new) DO UPDATE SET clients = c.clients + EXCLUDED.clients
)
SELECT sum(n) FROM passing
"""

_COUNTED = """
SELECT coalesce(salespoint_id, 0) AS salespoint, coalesce(manager_id, 0) AS manager, region_code, prospect_state, invite_state, has_phone,
    registered_on > (SELECT new_since FROM clients_distributionclock) AS is_new, count(*) AS n
FROM clients_client GROUP BY 1, 2, 3, 4, 5, 6, 7
"""


def cube_drift() -> int:
    """Cells that differ from a recount; 0 is what has to come out."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM ({_COUNTED}) x FULL JOIN (SELECT * FROM clients_distributioncell WHERE clients > 0) c"
            f" USING ({_DIMENSIONS}, is_new) WHERE x.n IS DISTINCT FROM c.clients"
        )
        return cursor.fetchone()[0]


@transaction.atomic
def cube_rewrite() -> int:
    """Count every cell anew, weekly and after loads that go past the triggers: the number of cells."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('clients.distribution', 0))")
        cursor.execute("DELETE FROM clients_distributioncell")
        # In the order of the keys: the cells of a sales point stand together, its total reads few blocks.
        cursor.execute(
            f"INSERT INTO clients_distributioncell ({_DIMENSIONS}, is_new, clients) {_COUNTED} ORDER BY 1, 2, 3, 4, 5, 6, 7"
        )
        return cursor.rowcount
