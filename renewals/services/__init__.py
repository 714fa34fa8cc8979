"""Every write of renewals: stored categories, outcomes, the next term."""

from .outcomes import Evidence, outcome_set, outcome_withdraw
from .prompts import prompts_make, rows_to_prompt
from .renewing import account_renew, renewal_plan
from .sweep import Swept, ranges, renewals_refresh, renewals_sweep, renewals_sweep_all

__all__ = [
    "Evidence", "Swept", "account_renew", "outcome_set", "outcome_withdraw", "prompts_make", "ranges", "renewal_plan", "renewals_refresh", "renewals_sweep",
    "renewals_sweep_all", "rows_to_prompt",
]  # fmt: skip
