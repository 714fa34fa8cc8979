"""What happens in a sale changes where a term stands: the rows of its account are counted at once (R3.39, R3.40)."""

from django.dispatch import receiver

from licenses.events import invoice_cancelled, invoice_shipped, shipment_cancelled
from renewals.services import renewals_refresh
from renewals.services.outcomes import invoice_outcomes_withdraw


@receiver([invoice_shipped, shipment_cancelled], dispatch_uid="renewals.refresh")
def refresh(sender, *, invoice, on, **_more) -> None:
    renewals_refresh([invoice.account_id], on=on)


@receiver(invoice_cancelled, dispatch_uid="renewals.invoice_cancelled")
def forget_invoice(sender, *, invoice, by, on, **_more) -> None:
    if invoice_outcomes_withdraw(invoice=invoice, by=by, on=on):
        renewals_refresh([invoice.account_id], on=on)
