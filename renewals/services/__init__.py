"""Every write of renewals: stored categories, outcomes, the next term."""

from .letters import letter_set
from .outcomes import Evidence, outcome_set, outcome_withdraw
from .prompts import prompts_make, rows_to_prompt
from .reminders import accounts_to_write, digests_write, letters_now, letters_write, reminder_send, waiting
from .renewing import account_renew, positions_of, renewal_plan
from .sweep import Swept, ranges, renewals_refresh, renewals_sweep, renewals_sweep_all

__all__ = [
    "Evidence",
    "Swept",
    "account_renew",
    "accounts_to_write",
    "digests_write",
    "letter_set",
    "letters_now",
    "letters_write",
    "outcome_set",
    "outcome_withdraw",
    "positions_of",
    "prompts_make",
    "ranges",
    "reminder_send",
    "renewal_plan",
    "renewals_refresh",
    "renewals_sweep",
    "renewals_sweep_all",
    "rows_to_prompt",
    "waiting",
]  # fmt: skip
