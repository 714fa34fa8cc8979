"""To whom an invoice may be sent, and to whom it was (R2.96)."""

from __future__ import annotations

from clients.selectors.emails import register_emails
from licenses.models import Invoice, OutboxMessage


def payer_contacts(invoice: Invoice) -> list[tuple[str, str]]:
    """(address, name) of the account's contacts, the preferred one first, then the payer's own address; each address once."""
    people = (
        invoice.account.contacts.filter(person__email_is_wrong=False)
        .exclude(person__email="")
        .select_related("person")
        .order_by("-is_preferred", "pk")
    )
    found = {link.person.email.lower(): link.person.full_name for link in people}
    if own := register_emails([invoice.payer_id]).get(invoice.payer_id):
        found.setdefault(own, "")
    return list(found.items())


def letters_of(invoice: Invoice) -> list[OutboxMessage]:
    """Letters with this invoice, the newest first."""
    return list(
        OutboxMessage.objects.filter(invoice=invoice, channel=OutboxMessage.Channel.MAIL)
        .select_related("by")
        .order_by("-id")[:10]
    )
