"""Named lists and visibility of terms, licences, invoices."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from core.fields import MoneyField
from partners.rights import Right
from partners.scopes import scope_q

from .choices import LIVE_STATES, LicenseState


def _by_account(employee):
    return scope_q(employee, Right.ACCOUNT_VIEW, salespoint="account__salespoint", manager="account__manager")


class TermQuerySet(models.QuerySet):
    def visible_to(self, employee):
        return self.filter(_by_account(employee))

    def standing(self):
        """Planned and live terms; not those of a change that is not shipped yet."""
        return self.filter(is_cancelled=False, is_waiting=False)


class LicenseQuerySet(models.QuerySet):
    def visible_to(self, employee):
        return self.filter(_by_account(employee))

    def standing(self):
        """Chosen, invoiced, shipped or active: what the account card shows as its licences."""
        return self.filter(state__in=LIVE_STATES)

    def active(self, *, on: date):
        """Activated, and the period contains the day (decision 6)."""
        return self.filter(state=LicenseState.ACTIVE, starts_on__lte=on, ends_on__gte=on)


class InvoiceQuerySet(models.QuerySet):
    def visible_to(self, employee):
        """Invoices of accounts in scope. The account's owner sees them even if he was not responsible at issue."""
        return self.filter(_by_account(employee))

    def with_paid(self):
        """Annotates `paid`: Σ live allocations, roubles."""
        from .models import PaymentAllocation

        paid = (
            PaymentAllocation.objects.filter(invoice=OuterRef("pk"), undone_at__isnull=True)
            .order_by()
            .values("invoice")
            .annotate(total=Sum("amount"))
            .values("total")
        )
        return self.annotate(paid=Coalesce(Subquery(paid, output_field=MoneyField()), 0, output_field=MoneyField()))
