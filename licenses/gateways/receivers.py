"""Steps of a sale that the accounting system learns of, written in the same transaction."""

from __future__ import annotations

from django.dispatch import receiver

from licenses.events import invoice_cancelled, invoice_issued, invoice_shipped, shipment_cancelled
from licenses.models import Invoice
from licenses.services import outbox


@receiver(invoice_issued, sender=Invoice, dispatch_uid="licenses.gateway.issued")
def issued(*, invoice, **_) -> None:
    outbox.tell_issued(invoice)


@receiver(invoice_cancelled, sender=Invoice, dispatch_uid="licenses.gateway.cancelled")
def cancelled(*, invoice, **_) -> None:
    outbox.tell_cancelled(invoice)


@receiver(invoice_shipped, sender=Invoice, dispatch_uid="licenses.gateway.shipped")
@receiver(shipment_cancelled, sender=Invoice, dispatch_uid="licenses.gateway.unshipped")
def shipped(*, invoice, shipment, **_) -> None:
    outbox.tell_shipment(invoice, shipment)
