"""Copies on the narrow row, told again from their sources: for loads in bulk, and nightly to report drift (decision 17).

`account`-side copies (accounts, connection, activity) belong to the apps above; here are the binding, the invitations,
phones and, for trial cards, the reason that stands when nothing else is known.
"""

from __future__ import annotations

from django.db import connection, transaction

# (name, FROM clause with the card's id as id and the right values, condition that they differ, assignments)
_COPIES = {
    "binding": (
        "SELECT c.id, b.salespoint_id, b.manager_id FROM clients_client c"
        " LEFT JOIN clients_bindingtopic t ON t.code = 'main'"
        " LEFT JOIN clients_binding b ON b.client_id = c.id AND b.topic_id = t.id AND b.closed_at IS NULL",
        "(c.salespoint_id, c.manager_id) IS DISTINCT FROM (s.salespoint_id, s.manager_id)",
        "salespoint_id = s.salespoint_id, manager_id = s.manager_id",
    ),
    "invitations": (
        "SELECT DISTINCT ON (c.id) c.id, coalesce(i.state, '') AS state, coalesce(i.sent_at::date, DATE '1900-01-01') AS sent_on"
        " FROM clients_client c LEFT JOIN clients_invitation i ON i.client_id = c.id"
        " WHERE i.id IS NOT NULL OR c.invite_state <> ''"
        " ORDER BY c.id, (i.closed_at IS NULL) DESC, (i.state = 'connected') DESC, i.sent_at DESC, i.id DESC",
        "(c.invite_state, c.invited_on) IS DISTINCT FROM (s.state, s.sent_on)",
        "invite_state = s.state, invited_on = s.sent_on",
    ),
    "phones": (
        "SELECT c.id, coalesce((SELECT p.number FROM clients_clientphone p WHERE p.client_id = c.id AND NOT p.is_wrong ORDER BY p.id LIMIT 1),"
        " (SELECT left(p.phone, 12) FROM clients_clientperson l JOIN clients_person p ON p.id = l.person_id"
        "  WHERE l.client_id = c.id AND p.phone <> '' AND p.erased_at IS NULL ORDER BY l.is_preferred DESC, l.id LIMIT 1), '') AS tail"
        " FROM clients_client c",
        "(c.phone_tail, c.has_phone) IS DISTINCT FROM (left(s.tail, 12), s.tail <> '')",
        "phone_tail = left(s.tail, 12), has_phone = s.tail <> ''",
    ),
}


def copies_drift() -> dict[str, int]:
    """{copy: cards where it differs from its source}; an empty dictionary is what has to come out."""
    found = {}
    with connection.cursor() as cursor:
        for name, (source, differs, _assign) in _COPIES.items():
            cursor.execute(f"SELECT count(*) FROM clients_client c JOIN ({source}) s ON s.id = c.id WHERE {differs}")
            if number := cursor.fetchone()[0]:
                found[name] = number
    return found


@transaction.atomic
def copies_rewrite() -> dict[str, int]:
    """Mend every copy that differs: {copy: cards mended}. After a load in bulk; a running system writes them as it goes."""
    found = {}
    with connection.cursor() as cursor:
        for name, (source, differs, assign) in _COPIES.items():
            cursor.execute(f"UPDATE clients_client c SET {assign} FROM ({source}) s WHERE s.id = c.id AND {differs}")
            found[name] = cursor.rowcount
        cursor.execute(
            "UPDATE clients_client SET trial_reason = 'account' WHERE prospect_state = 'trial' AND trial_reason = ''"
        )
        cursor.execute(
            "UPDATE clients_client SET lost_reason = 'inactive' WHERE prospect_state = 'lost' AND lost_reason = ''"
        )
        cursor.execute(
            "UPDATE clients_client SET decline_reason = 'other' WHERE prospect_state = 'declined' AND decline_reason = ''"
        )
        cursor.execute(
            "UPDATE clients_client SET last_active_on = prospect_on WHERE prospect_state IN ('trial', 'lost') AND last_active_on = DATE '1900-01-01'"
        )
    return found
