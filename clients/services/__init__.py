"""Every write of «Все клиенты». Apps above use these names."""

from .binding import (
    BindResult,
    Outcome,
    client_bind,
    client_bind_if_free,
    client_bind_many,
    explain,
    lock_key,
    lock_roots,
    next_working_day,
)
from .contacts import (
    Contact,
    client_contacts_refresh,
    contact_add,
    contact_change,
    contact_link,
    contact_remove,
    email_mark,
    person_record,
    phone_add,
    phone_mark,
    phone_remove,
)
from .copies import copies_drift, copies_rewrite
from .cube import cube_drift, cube_rewrite, distribution_clock_move
from .merging import clients_merge, merge_undo
from .prospects import (
    client_accounts_set,
    client_activity_mark,
    client_decline,
    client_return,
    client_trial_reason_set,
    next_contact_copy,
    prospects_lose_silent,
    work_state_raise,
)
from .signals import frequencies_rewrite, queue_take, signals_refresh
from .transfer import client_release, client_transfer

__all__ = [
    "BindResult",
    "Contact",
    "Outcome",
    "client_accounts_set",
    "client_activity_mark",
    "client_bind",
    "client_bind_if_free",
    "client_bind_many",
    "client_contacts_refresh",
    "client_decline",
    "client_release",
    "client_return",
    "client_transfer",
    "client_trial_reason_set",
    "clients_merge",
    "contact_add",
    "contact_change",
    "contact_link",
    "contact_remove",
    "copies_drift",
    "copies_rewrite",
    "cube_drift",
    "cube_rewrite",
    "distribution_clock_move",
    "email_mark",
    "explain",
    "frequencies_rewrite",
    "lock_key",
    "lock_roots",
    "merge_undo",
    "next_contact_copy",
    "next_working_day",
    "person_record",
    "phone_add",
    "phone_mark",
    "phone_remove",
    "prospects_lose_silent",
    "queue_take",
    "signals_refresh",
    "work_state_raise",
]
