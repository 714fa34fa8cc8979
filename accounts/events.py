"""What happens to accounts that the apps above must follow or may refuse, sent inside the transaction.

A receiver that raises DomainError refuses the whole step.
"""

from django.dispatch import Signal

account_created = Signal()
"""account, client, by, on."""

member_adding = Signal()
"""account, client, by, on: before an organisation joins; the licence's limit refuses here (R2.67)."""

member_added = Signal()
"""account, member, by, on."""

member_leaving = Signal()
"""account, client, by, on, free (bool: licences of the organisation may be freed), moves_to (Account or None)."""

member_left = Signal()
"""account, client, by, on, moves_to."""

account_transferred = Signal()
"""account, old_manager_id, old_salespoint_id, by, on."""
