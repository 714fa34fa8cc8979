"""Rights: roles, grants, sessions (decision 22). Rows are closed, never deleted, so history answers "who gave what"."""

from django.db import models
from django.db.models import F, Q

from partners.rights import Right, Scope

from .employees import Employee


class Role(models.Model):
    """A named set of rights."""

    code = models.SlugField("код", max_length=40, unique=True)
    title = models.CharField("название", max_length=80)
    is_builtin = models.BooleanField("встроенная", default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["title"]
        verbose_name, verbose_name_plural = "роль", "роли"

    def __str__(self) -> str:
        return self.title


class RoleRight(models.Model):
    """One right of a role with its scope."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="rights")
    right = models.CharField("право", max_length=40, choices=Right)
    scope = models.CharField("область", max_length=12, choices=Scope)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["role", "right"], name="role_right_once"),
            models.CheckConstraint(condition=Q(scope__in=Scope.values), name="role_right_scope"),
        ]


class _Granted(models.Model):
    """Who gave it and when; revoked rows stay."""

    granted_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField()
    revoked_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class RoleAssignment(_Granted):
    """An employee holds a role. granted_by NULL: the installation itself (bootstrap, demo)."""

    employee = models.ForeignKey(Employee, models.PROTECT, related_name="role_assignments")
    role = models.ForeignKey(Role, models.PROTECT, related_name="assignments")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "role"], condition=Q(revoked_at__isnull=True), name="role_assigned_once"
            ),
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True) | ~Q(granted_by=F("employee")), name="role_not_self_assigned"
            ),
        ]


class Grant(_Granted):
    """A single right given to an employee."""

    employee = models.ForeignKey(Employee, models.PROTECT, related_name="grants")
    right = models.CharField("право", max_length=40, choices=Right)
    scope = models.CharField("область", max_length=12, choices=Scope)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "right"], condition=Q(revoked_at__isnull=True), name="grant_once"
            ),
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True) | ~Q(granted_by=F("employee")), name="grant_not_to_self"
            ),
            models.CheckConstraint(condition=Q(scope__in=Scope.values), name="grant_scope"),
        ]


class SessionLink(models.Model):
    """Which sessions and tokens belong to whom, so that a block ends them all (decision 23)."""

    employee = models.ForeignKey(Employee, models.CASCADE, related_name="session_links")
    session_key = models.CharField(max_length=40, unique=True)
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-last_seen_at"]
