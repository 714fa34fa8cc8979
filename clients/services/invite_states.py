"""What a card shows of its invitations: the state and the day of the newest one that counts."""

from __future__ import annotations

from datetime import date

from clients.choices import OPEN_INVITATIONS, InvitationState, ProspectState
from clients.models import Client, Invitation
from clients.models.client import UNKNOWN_DATE
from core import clock

from .cards import save_changed


def close_open(client: Client, state: str, *, reason: str = "") -> int:
    """Close the client's open invitations as connected, declined or expired; how many there were."""
    return Invitation.objects.filter(client=client, closed_at__isnull=True).update(
        state=state, closed_at=clock.now(), refusal_reason=reason[:300], token_hash=None
    )


def refresh_invite_state(client: Client, *, on: date) -> None:
    """Rewrite the copies on the card, locked by the caller: an open invitation first, then the newest closed one.

    A client of no account that has an open invitation is invited, whatever it was before, unless it refused; without
    one it is again what it was.
    """
    rows = Invitation.objects.filter(client=client).order_by("-sent_at", "-pk")
    found = list(rows.values_list("state", "sent_at")[:50])
    open_ = next((row for row in found if row[0] in OPEN_INVITATIONS), None)
    connected = next((row for row in found if row[0] == InvitationState.CONNECTED), None)
    shown = open_ or connected or (found[0] if found else None)
    values: dict = {
        "invite_state": shown[0] if shown else "",
        "invited_on": shown[1].date() if shown else UNKNOWN_DATE,
    }
    if not client.accounts_count and client.prospect_state != ProspectState.DECLINED:
        state = ProspectState.INVITED if open_ else ProspectState.LOST if client.lost_reason else ProspectState.NONE
        if state != client.prospect_state:
            values |= {"prospect_state": state, "prospect_on": on}
    save_changed(client, **values)
