"""Every write of renewals: stored categories, outcomes, the next term."""

from .extracts import Extract
from .letters import letter_set
from .night import compare_is_due, renewals_compare, renewals_night, renewals_night_all, renewals_sweep_all
from .outcomes import Evidence, outcome_set, outcome_withdraw
from .prompts import prompts_make, rows_to_prompt
from .reminders import accounts_to_write, digests_write, letters_now, letters_write, reminder_send, waiting
from .renewing import account_renew, positions_of, renewal_plan
from .sweep import Swept, renewals_refresh

__all__ = [
    "Evidence",
    "Extract",
    "Swept",
    "account_renew",
    "accounts_to_write",
    "compare_is_due",
    "digests_write",
    "letter_set",
    "letters_now",
    "letters_write",
    "outcome_set",
    "outcome_withdraw",
    "positions_of",
    "prompts_make",
    "reminder_send",
    "renewal_plan",
    "renewals_compare",
    "renewals_night",
    "renewals_night_all",
    "renewals_refresh",
    "renewals_sweep_all",
    "rows_to_prompt",
    "waiting",
]  # fmt: skip
