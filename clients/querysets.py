"""Named lists and visibility of clients."""

from __future__ import annotations

from datetime import date

from django.db import models

from partners.rights import Right
from partners.scopes import scope_q

from .choices import ProspectState


class ClientQuerySet(models.QuerySet):
    def visible_to(self, employee):
        """Cards in scope: one's own point's, and unbound ones of the regions it serves (decision 21).

        Register fields of a single card and look-ups by INN are open to every employee: they start from `all()`.
        """
        return self.filter(scope_q(employee, Right.CLIENT_VIEW, region="region_code"))

    def potential(self):
        return self.exclude(prospect_state=ProspectState.CONNECTED)

    def registered_after(self, day: date):
        return self.filter(registered_on__gt=day)

    def living(self):
        return self.filter(ceased_on__isnull=True)


class BindingQuerySet(models.QuerySet):
    def open(self):
        return self.filter(closed_at__isnull=True)

    def visible_to(self, employee):
        return self.filter(scope_q(employee, Right.CLIENT_VIEW, salespoint="salespoint", manager="manager"))
