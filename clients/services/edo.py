"""Unfinished documents as the EDO product reports them (R0.7, R2.49)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction

from clients.models import Client, EdoDocument


@transaction.atomic
def edo_document_report(
    *, external_id: str, client: Client, direction: str, counterparty: Client | None, counterparty_name: str, kind: str, number: str,
    sent_on: date, amount: Decimal | None, finished_on: date | None,
) -> bool:  # fmt: skip
    """Make or bring up to date the client's document with this id; True when it is new. A repeat changes nothing.

    Not journalled: the product is the truth, this is its picture.
    """
    _row, made = EdoDocument.objects.update_or_create(
        client=client,
        external_id=external_id,
        defaults={
            "direction": direction, "counterparty": counterparty,
            "counterparty_name": counterparty.name if counterparty else counterparty_name, "kind": kind, "number": number, "sent_on": sent_on,
            "amount": amount, "finished_on": finished_on,
        },
    )  # fmt: skip
    return made
