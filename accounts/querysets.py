"""Named lists and visibility of accounts."""

from __future__ import annotations

from datetime import date

from django.db import models

from partners.rights import Right
from partners.scopes import scope_q


class AccountQuerySet(models.QuerySet):
    def visible_to(self, employee):
        """Accounts in the scope of ACCOUNT_VIEW; everything else does not exist for the viewer (404)."""
        return self.filter(scope_q(employee, Right.ACCOUNT_VIEW))

    def paid(self, *, on: date):
        """An active licence covers the day."""
        return self.filter(paid_until__gte=on)

    def trial(self, *, on: date):
        """No valid paid licence (R2.61)."""
        return self.filter(paid_until__lt=on)


class AccountMemberQuerySet(models.QuerySet):
    def present(self):
        return self.filter(left_at__isnull=True)

    def visible_to(self, employee):
        return self.filter(
            scope_q(employee, Right.ACCOUNT_VIEW, salespoint="account__salespoint", manager="account__manager")
        )


class WorkQuerySet(models.QuerySet):
    def open(self):
        return self.filter(done_at__isnull=True)

    def visible_to(self, employee):
        """Tasks of the points one may see."""
        return self.filter(scope_q(employee, Right.CLIENT_VIEW, manager="assignee"))
