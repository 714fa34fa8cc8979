"""«Аккаунты» (manual ch. 2.2): accounts, their members, contacts, and the work done with them."""

from .account import Account, AccountContact, AccountMember
from .work import CallLog, NextContact, Note, Task

__all__ = ["Account", "AccountContact", "AccountMember", "CallLog", "NextContact", "Note", "Task"]
