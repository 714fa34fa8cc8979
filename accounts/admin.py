"""Accounts are looked at only: their owners change by services."""

from accounts.models import Account
from core.admin import look

look(Account, "number", "name", "salespoint", "manager", "paid_until", search_fields=("=number",), ordering=("-pk",))
