"""Named lists and visibility of renewals."""

from __future__ import annotations

from django.db import models

from partners.rights import Right
from partners.scopes import scope_q


class RenewalRowQuerySet(models.QuerySet):
    def visible_to(self, employee):
        """Rows of accounts in scope: owner columns are copies of the account's."""
        return self.filter(scope_q(employee, Right.ACCOUNT_VIEW))

    def worst(self):
        """One row per account: the worst direction (decision 20)."""
        return self.filter(is_worst=True)
