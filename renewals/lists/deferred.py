"""Lists of terms: rows are found by what is stored on them, and what they show is fetched for those of a page alone.

Joined before the page is cut, organisation, outcome, calls and licences cost sixty blocks a row (docs/evidence/bench.md).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Case, F, JSONField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import JSONObject

from accounts.models import AccountMember
from core.lists import Found, ListPage
from partners.rights import Scope
from renewals.choices import Category
from renewals.models import Outcome, RenewalRow


class DeferredList(ListPage, abstract=True):
    """`bare` for the filter, counters and the keys of a page; `in_full` for its rows, for Excel and for bulk actions."""

    def bare(self) -> QuerySet:
        """Every row the viewer may see, with no more than the filter and the orders need."""
        raise NotImplementedError

    def in_full(self, rows: QuerySet) -> QuerySet:
        """The same rows with everything that cells and Excel show."""
        raise NotImplementedError

    def get_queryset(self) -> QuerySet:
        # A bulk action asks each row for the day at its sales point.
        return self.bare() if self.is_filtering else self.in_full(self.bare()).select_related("salespoint")

    def filtered(self) -> Found:
        found = super().filtered()
        found.queryset = self.in_full(found.queryset)
        return found

    def decorate(self, found: list[RenewalRow]) -> None:
        """What the rows show, in one query. A row that a sweep took away meanwhile is not shown."""
        whole = RenewalRow.objects.filter(pk__in=[row.pk for row in found])
        shown = {row.pk: row for row in self.in_full(whole)} if found else {}
        found[:] = [row for row in found if row.pk in shown]
        for row in found:
            vars(row).update(vars(shown[row.pk]))


def whole_country(page: ListPage, categories: Iterable[Category]) -> tuple[Q, ...]:
    """Branches of the order of the ends where nothing narrows to an owner: its index is in that order state by state."""
    if (
        page.params.get("resp")
        or page.sort.lstrip("-") != "ends"
        or page.request.user.scope_of(page.right) != Scope.ALL
    ):
        return ()
    return tuple(Q(category=category) for category in categories)


def main_member(account: OuterRef | int) -> QuerySet:
    """The main organisation's place in an account: at most one."""
    return AccountMember.objects.filter(account=account, is_main=True, left_at=None).order_by()


def inn() -> Subquery:
    return Subquery(main_member(OuterRef("account")).values("client__inn"))


def said(**fields: str) -> Case:
    """{name: value} of the open outcome, None without one: looked for only where the row has it."""
    found = Outcome.objects.filter(term=OuterRef("pk"), withdrawn_at=None).order_by()
    told = Subquery(found.values(told=JSONObject(**{name: F(path) for name, path in fields.items()})))
    return Case(When(outcome="", then=Value(None)), default=told, output_field=JSONField())


__all__ = ["DeferredList", "inn", "main_member", "said", "whole_country"]
