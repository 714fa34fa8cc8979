"""Every write of renewals: stored categories, outcomes, the next term."""

from .outcomes import Evidence, outcome_set, outcome_withdraw
from .renewing import account_renew, renewal_plan
from .sweep import Swept, ranges, renewals_refresh, renewals_sweep, renewals_sweep_all

__all__ = [
    "Evidence", "Swept", "account_renew", "outcome_set", "outcome_withdraw", "ranges", "renewal_plan", "renewals_refresh", "renewals_sweep",
    "renewals_sweep_all",
]  # fmt: skip
