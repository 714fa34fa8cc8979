"""What happens in a sale changes where a term stands: the rows of its account are counted at once (R3.39, R3.40)."""

from django.dispatch import receiver

from licenses.events import invoice_shipped, shipment_cancelled
from renewals.services import renewals_refresh


@receiver([invoice_shipped, shipment_cancelled], dispatch_uid="renewals.refresh")
def refresh(sender, *, invoice, on, **_more) -> None:
    renewals_refresh([invoice.account_id], on=on)
