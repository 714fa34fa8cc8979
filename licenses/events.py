"""What happens in a sale that the apps above follow, sent inside the transaction: a receiver that raises refuses the step.

`by` is the employee, or None for the system; `on` the business date.
"""

from django.dispatch import Signal

licenses_chosen = Signal()
"""account, licenses (list of License), by, on."""

invoice_issued = Signal()
"""invoice, by, on."""

invoice_cancelled = Signal()
"""invoice, replaced (bool: another one follows at once), by, on. What hung on its lines is open again."""

invoice_paid = Signal()
"""invoice, by, on: paid in full just now."""

invoice_unpaid = Signal()
"""invoice, by, on: no more paid in full, money was taken back."""

invoice_shipped = Signal()
"""invoice, shipment, licenses, by, on: charges settle, renewals are renewed. A receiver may keep what it needs for the
undo in its own rows, or in `shipment.undo["<app>"]` (saved after the event)."""

shipment_cancelled = Signal()
"""invoice, shipment, licenses, by, on: everything goes back as if it had not been shipped."""

license_activated = Signal()
"""license, by, on."""

change_checking = Signal()
"""license, item, by, on: before a change of tariff; a receiver refuses (overdue debt on the product)."""
