"""Every write of accounts. One verb per function; rights, locks, rules, journal inside."""

from .account import account_assign, account_rename
from .connecting import account_create
from .contacts import Contact, account_contact_add, account_contact_remove, contact_attach
from .members import member_add, member_kpp_change, member_make_main, member_move, member_remove

__all__ = [
    "Contact", "account_assign", "account_contact_add", "account_contact_remove", "account_create", "account_rename", "contact_attach", "member_add", "member_kpp_change",
    "member_make_main", "member_move", "member_remove",
]  # fmt: skip
