"""What happens in a sale changes where a term stands: the rows of its account are counted at once (R3.39, R3.40)."""

from django.dispatch import receiver

from licenses.events import invoice_cancelled, invoice_issued, invoice_shipped, licenses_chosen, shipment_cancelled
from renewals.services import renewals_refresh
from renewals.services.outcomes import invoice_outcomes_withdraw


@receiver([invoice_shipped, shipment_cancelled], dispatch_uid="renewals.refresh")
def refresh(sender, *, invoice, on, **_more) -> None:
    renewals_refresh([invoice.account_id], on=on)


@receiver([licenses_chosen, invoice_issued], dispatch_uid="renewals.refresh_due")
def refresh_due(sender, *, on, invoice=None, account=None, **_more) -> None:
    """What is chosen for the next term costs what it was chosen at, no more the price of the day."""
    renewals_refresh([invoice.account_id if invoice else account.pk], on=on)


@receiver(invoice_cancelled, dispatch_uid="renewals.invoice_cancelled")
def forget_invoice(sender, *, invoice, by, on, **_more) -> None:
    invoice_outcomes_withdraw(invoice=invoice, by=by, on=on)
    renewals_refresh([invoice.account_id], on=on)
