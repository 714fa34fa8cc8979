"""Named lists and visibility of the network."""

from __future__ import annotations

from django.contrib.auth.base_user import BaseUserManager
from django.db import models

from .rights import Right
from .scopes import scope_q


class SalesPointQuerySet(models.QuerySet):
    def visible_to(self, employee):
        """Own point, the region's, or all, by the scope of SALESPOINT_VIEW (R1.16)."""
        scope = employee.scope_of(Right.SALESPOINT_VIEW)
        if scope is None:
            return self.none()
        if scope == "all":
            return self
        return self.filter(pk__in=employee.points_of_regions if scope == "region" else [employee.salespoint_id])

    def active(self):
        return self.filter(state="active")


class EmployeeQuerySet(models.QuerySet):
    def visible_to(self, employee):
        """Employees of the points one may see (scope of EMPLOYEE_VIEW)."""
        return self.filter(scope_q(employee, Right.EMPLOYEE_VIEW, manager=None))

    def unblocked(self):
        return self.filter(access="allowed")


class EmployeeManager(BaseUserManager.from_queryset(EmployeeQuerySet)):
    """Sign-in by login, letter case ignored."""

    def get_by_natural_key(self, login):
        return self.get(login__iexact=login)
