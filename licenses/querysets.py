"""Named lists and visibility of terms, licences, invoices."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from core.fields import MoneyField
from partners.rights import Right, Scope
from partners.scopes import scope_q

from .choices import LIVE_STATES, LicenseState, MatchState


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

        paid = PaymentAllocation.objects.filter(invoice=OuterRef("pk"), undone_at__isnull=True)
        return self.annotate(paid=_sum_of(paid, "invoice"))


class PaymentQuerySet(models.QuerySet):
    def visible_to(self, employee):
        """Payments one may work with: those that pay (or may pay) an invoice in scope, and what nobody has placed yet.

        Money that is not placed belongs to the legal entity that received it: everyone who registers payments for a
        sales point of that entity has to find his client's there. Of no entity of ours: the whole network's right alone.
        """
        from partners.models import SalesPoint

        from .models import BalanceEntry, Invoice, PaymentAllocation

        right = Right.PAYMENT_REGISTER
        if employee.scope_of(right) is None:
            return self.none()
        if employee.scope_of(right) == Scope.ALL:
            return self
        mine = scope_q(employee, right, salespoint="account__salespoint", manager="account__manager")
        invoices = Invoice.objects.filter(mine)
        paid = PaymentAllocation.objects.filter(
            payment=OuterRef("pk"), undone_at__isnull=True, invoice__in=invoices.values("pk")
        )
        kept = BalanceEntry.objects.filter(mine, payment=OuterRef("pk"))
        here = [employee.salespoint_id]
        points = SalesPoint.objects.filter(
            pk__in=employee.points_of_regions if employee.scope_of(right) == Scope.REGION else here
        )
        return self.filter(
            Exists(paid)
            | Exists(kept)
            | Q(suggested__in=invoices.values("pk"))
            | Q(
                match_state__in=[MatchState.UNMATCHED, MatchState.SKIPPED],
                legal_entity__in=points.values("legal_entity"),
            )
        )

    def with_rest(self):
        """Annotates `allocated`, `kept` (on a balance) and `rest`, roubles."""
        from .models import BalanceEntry, PaymentAllocation

        parts = PaymentAllocation.objects.filter(payment=OuterRef("pk"), undone_at__isnull=True)
        kept = BalanceEntry.objects.filter(payment=OuterRef("pk"))
        rows = self.annotate(allocated=_sum_of(parts, "payment"), kept=_sum_of(kept, "payment"))
        return rows.annotate(rest=F("amount") - F("allocated") - F("kept"))


def _sum_of(rows, by: str):
    total = rows.order_by().values(by).annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(total, output_field=MoneyField()), 0, output_field=MoneyField())
