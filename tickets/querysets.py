"""Named lists and visibility of tickets."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from partners.rights import Right
from partners.scopes import scope_q

from .choices import UNRESOLVED


class TicketQuerySet(models.QuerySet):
    def unresolved(self):
        return self.filter(state__in=UNRESOLVED)

    def visible_to(self, employee):
        """Tickets of the points in scope, and those one wrote or performs. Drafts are their author's alone."""
        mine = Q(author=employee) | Q(performer=employee)
        return self.filter(mine | (scope_q(employee, Right.TICKET_VIEW, manager=None) & ~Q(state="draft")))

    def on_me(self, employee):
        """«На мне»: the badge and the list use this one queryset (C4)."""
        return self.unresolved().filter(performer=employee)

    def on_unit(self, employee):
        """«На отделе»: units of which one is a direct member."""
        unit = Q(unit_salespoint_id=employee.salespoint_id)
        if employee.department_id:
            unit |= Q(unit_department_id=employee.department_id)
        return self.unresolved().filter(unit)

    def from_me(self, employee):
        return self.filter(author=employee).exclude(state="draft")
