"""What the register of organisations says about an ИНН, for the public form of partners (R1.12)."""

from __future__ import annotations

from clients.choices import ProspectState
from clients.models import Client
from partners.registry_lookup import Registered


def registered(inn: str) -> Registered | None:
    """The organisation of the register with this ИНН, a working one before a ceased one; None when there is none.

    Only cards with an ОГРН count: a card typed by hand says nothing about the register.
    """
    cards = Client.objects.filter(inn=inn, ogrn__isnull=False).exclude(prospect_state=ProspectState.MERGED)
    found = sorted(cards.only("name", "region_code", "ceased_on"), key=lambda c: (c.is_ceased, c.pk))
    return Registered(found[0].name, found[0].region_code, found[0].is_ceased) if found else None
