"""«Распределение»: the same filtered rows as «Список», counted by sales point and manager (R2.8, R2.31–R2.33)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, NullIf

from clients.models import Binding, BindingTopic
from partners import known

NESTED_POINTS = 3
"""With more sales points than that their managers unfold one point at a time."""


@dataclass(frozen=True)
class Measure:
    """A column: which rows it counts, and the parameters of the list that show exactly them."""

    slug: str
    title: str
    q: Q
    params: tuple[tuple[str, str], ...] = ()


@dataclass
class Line:
    """A row: its group as a value of «Ответственный» ("" = all), numbers in the order of the measures."""

    title: str
    resp: str
    numbers: list[int]
    level: int = 0
    is_pool: bool = False
    children: list[Line] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.numbers[-1]


@dataclass
class Distribution:
    total: Line
    lines: list[Line]

    def __iter__(self):
        for line in self.lines:
            yield line
            yield from line.children


def distribution(
    queryset: QuerySet, measures: Sequence[Measure], *, topic: str = "", cells: QuerySet | None = None
) -> Distribution:
    """Lines by binding: without a partner first (R2.33), then sales points with «без менеджера» and their managers.

    «Основная» is grouped by the card's own columns, another `topic` by its open bindings. `cells` are the same rows in
    the cube (`clients.selectors.cube`): then nothing is counted.

    One query: names are known.
    """
    counts = {m.slug: Count("pk", filter=m.q) if m.q else Count("pk") for m in measures}
    rows = queryset.order_by()
    if cells is not None:
        zero = Value(0)
        counts = {m.slug: Coalesce(Sum("clients", filter=m.q) if m.q else Sum("clients"), zero) for m in measures}
        rows = cells.filter(clients__gt=0).annotate(
            by_point=NullIf("salespoint", zero), by_manager=NullIf("manager", zero)
        )
    elif topic and topic != BindingTopic.MAIN:
        open_ = Binding.objects.open().filter(client=OuterRef("pk"), topic__code=topic).order_by()
        rows = rows.annotate(
            by_point=Subquery(open_.values("salespoint")[:1]), by_manager=Subquery(open_.values("manager")[:1])
        )
    elif "by_manager" not in rows.query.annotations:  # else the list says itself whose its rows are
        rows = rows.annotate(by_point=F("salespoint_id"), by_manager=F("manager_id"))
    points: dict[int | None, list[tuple[int | None, list[int]]]] = defaultdict(list)
    for row in rows.values("by_point", "by_manager").annotate(**counts):
        points[row["by_point"]].append((row["by_manager"], [row[m.slug] for m in measures]))
    names = {pk: name for pk, name in known.points().items() if pk in points}
    nested = len(names) <= NESTED_POINTS
    people = known.people() if nested else {}
    total = Line("Итого", "", _sum([n for group in points.values() for _pk, n in group], len(measures)))
    lines = []
    if None in points:
        lines.append(
            Line("Без привязки к партнеру", "none", _sum([n for _pk, n in points[None]], len(measures)), is_pool=True)
        )
    for point, name in names.items():
        line = Line(name, f"p{point}", _sum([n for _pk, n in points[point]], len(measures)))
        if nested:
            line.children = _managers(point, points[point], people)
        lines.append(line)
    return Distribution(total, lines)


def _managers(point_id: int, group: list, people: Mapping[int, known.Person]) -> list[Line]:
    free = [Line("Без привязки к менеджеру", f"p{point_id}f", n, 1, is_pool=True) for pk, n in group if pk is None]
    named = [Line(people[pk].short_name, f"p{point_id}e{pk}", n, 1) for pk, n in group if pk]
    return free + sorted(named, key=lambda line: (-line.total, line.title, line.resp))


def _sum(numbers: list[list[int]], width: int) -> list[int]:
    return [sum(column) for column in zip(*numbers, strict=True)] or [0] * width
