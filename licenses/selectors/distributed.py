"""Organisations of paid accounts that hold no licence themselves (R2.5): «Активные триальные» by the organisation."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import connection

UNLICENSED = """
SELECT m.client_id FROM accounts_accountmember m JOIN accounts_account a ON a.id = m.account_id
WHERE m.left_at IS NULL AND a.paid_until >= %(on)s AND ({whose})
GROUP BY m.client_id HAVING bool_and(
    EXISTS (SELECT 1 FROM licenses_license l JOIN licenses_allocation g ON g.license_id = l.id
            WHERE l.account_id = a.id AND %(on)s BETWEEN g.starts_on AND g.ends_on)
    AND NOT EXISTS (SELECT 1 FROM licenses_license l JOIN licenses_allocation g ON g.license_id = l.id
            WHERE l.account_id = a.id AND g.client_id = m.client_id AND %(on)s BETWEEN g.starts_on AND g.ends_on))
"""


def clients_without_licence(ids: Collection[int], on: date) -> set[int]:
    """Of these clients: members of paid accounts where licences are distributed, and none of them to this client."""
    with connection.cursor() as cursor:
        cursor.execute(UNLICENSED.format(whose="m.client_id = ANY(%(ids)s)"), {"ids": list(ids), "on": on})
        return {pk for (pk,) in cursor.fetchall()}


def clients_to_tell(on: date) -> list[int]:
    """Clients whose card says otherwise than the distribution of the day."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH without AS ({UNLICENSED.format(whose='true')})"
            " SELECT c.id FROM clients_client c LEFT JOIN without w ON w.client_id = c.id"
            " WHERE (w.client_id IS NOT NULL AND c.prospect_state = 'connected')"
            " OR (w.client_id IS NULL AND c.prospect_state = 'trial' AND c.trial_reason = 'client') ORDER BY c.id",
            {"on": on},
        )
        return [pk for (pk,) in cursor.fetchall()]
