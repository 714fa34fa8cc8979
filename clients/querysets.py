"""Named lists and visibility of clients."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Coalesce, JSONObject

from partners.rights import Right, Scope
from partners.scopes import scope_parts, scope_q

from .choices import ProspectState


class ClientQuerySet(models.QuerySet):
    def visible_to(self, employee, *, bound: bool | None = None):
        """Cards in scope: one's own point's, and unbound ones of the regions it serves (decision 21).

        Register fields of a single card and look-ups by INN are open to every employee: they start from `all()`.
        `bound` is for callers whose filter wants bound (True) or unbound (False) cards only: the scope without its other
        half walks one index, with both halves the planner sees no order to walk (8 000 cards read for the first 50).
        """
        scope = employee.scope_of(Right.CLIENT_VIEW)
        if bound is False and scope not in (None, Scope.ALL):
            rows = self.filter(salespoint__isnull=True, region_code__in=employee.region_codes)
        else:
            rows = self.filter(scope_q(employee, Right.CLIENT_VIEW, region=None if bound else "region_code"))
        if scope == Scope.ALL:
            # Merged cards have neither a sales point nor a region: no other scope reaches them anyway.
            rows = rows.exclude(prospect_state=ProspectState.MERGED)
        return rows

    def parts_visible_to(self, employee) -> list:
        """`visible_to` in parts that share no card: its bound half and the pool of each region. [] for who sees all."""
        parts = scope_parts(employee, Right.CLIENT_VIEW, region="region_code")
        return [self.filter(part) for part in parts] if len(parts) > 1 else []

    def potential(self):
        return self.exclude(prospect_state=ProspectState.CONNECTED)

    def with_last_invitation(self):
        """Adds `last_invitation`: {"sender": name, "sender_id", "topic", "count": how many}, None without one.

        Of one look into the index of invitations for each row; a page, its Excel and its counter read the same.
        """
        from .models import Invitation

        told = JSONObject(
            sender=Coalesce("sender__name", "sender_name"),
            sender_id="sender",
            topic="topic",
            count=models.Window(models.Count("*")),
        )
        newest = Invitation.objects.filter(client=models.OuterRef("pk")).order_by("-sent_at", "-pk")
        return self.annotate(last_invitation=models.Subquery(newest.annotate(told=told).values("told")[:1]))

    def living(self):
        return self.filter(ceased_on__isnull=True)


class BindingQuerySet(models.QuerySet):
    def open(self):
        return self.filter(closed_at__isnull=True)

    def visible_to(self, employee):
        return self.filter(scope_q(employee, Right.CLIENT_VIEW, salespoint="salespoint", manager="manager"))
