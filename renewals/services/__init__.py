"""Every write of renewals: stored categories, outcomes, the next term."""

from .sweep import Swept, ranges, renewals_refresh, renewals_sweep, renewals_sweep_all

__all__ = ["Swept", "ranges", "renewals_refresh", "renewals_sweep", "renewals_sweep_all"]
