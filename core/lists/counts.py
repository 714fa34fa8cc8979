"""How many rows, their totals, and the counters of the quick filters: one capped query on the list's table.

An exact count of a large table costs more than the page itself (design/performance.md 3), so counting stops at 10 000.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Subquery, Value, When
from django.db.models.lookups import LessThanOrEqual

CAP = 10_000


@dataclass
class Counts:
    """`total` is exact unless `capped` (there are at least so many); `sums` stay empty when capped; `segments` hold None where not counted."""

    total: int = 0
    capped: bool = False
    sums: dict[str, Any] = field(default_factory=dict)
    segments: dict[str, int | None] = field(default_factory=dict)

    @property
    def data_total(self) -> str:
        """The contract's `data-total`."""
        return f"{self.total}+" if self.capped else str(self.total)

    @property
    def exact(self) -> int | None:
        return None if self.capped else self.total


def count(
    queryset: QuerySet, *, sums: Sequence[str] = (), segments: Mapping[str, Q] | None = None, chosen: str = ""
) -> Counts:
    """Count `queryset` (filtered, but not by the segment) and what falls into each segment and into the chosen one."""
    segments = segments or {}
    flags = {
        f"in_{slug}": Case(When(q, then=Value(1)), default=Value(0), output_field=IntegerField())
        for slug, q in segments.items()
        if q
    }
    rows = queryset.order_by().annotate(**flags).values("pk", *flags)[: CAP + 1]
    is_inside = f"in_{chosen}" in flags
    asked = {"n": Count("pk")} | {f"n_{flag}": Count("pk", filter=Q(**{flag: 1})) for flag in flags}
    summed = queryset.filter(segments[chosen]) if is_inside else queryset
    asked |= {f"sum_{name}": _unless_capped(summed, name) for name in sums}
    got = rows.aggregate(**asked)
    capped = got["n"] > CAP
    found = {slug: None if capped else got.get(f"n_in_{slug}", got["n"]) for slug in segments}
    if capped and is_inside:
        return _chosen_alone(queryset.filter(segments[chosen]), sums, found)
    total = got["n"] if not is_inside else got[f"n_in_{chosen}"]
    return Counts(
        min(total, CAP), capped, {} if capped else {name: got[f"sum_{name}"] or Decimal(0) for name in sums}, found
    )


class _SumOf(Subquery):
    """The sum of the only column of a queryset."""

    template = "(SELECT SUM(summed) FROM (%(subquery)s) rows)"


def _unless_capped(queryset: QuerySet, name: str) -> Case:
    """A total that is not shown is not added up: what PostgreSQL does not come to, it does not read.

    So rows are counted in an index where one holds the filter; those of a page with a total are walked twice.
    """
    rows = queryset.order_by().annotate(summed=F(name)).values("summed")
    return Case(When(LessThanOrEqual(Count("pk"), CAP), then=_SumOf(rows)))


def _chosen_alone(queryset: QuerySet, sums: Sequence[str], segments: dict[str, int | None]) -> Counts:
    counts = count(queryset, sums=sums)
    counts.segments = segments
    return counts
