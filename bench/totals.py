"""Totals beside the pages: a capped count against an exact one, the cube against a recount of every card."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from django.db import connection
from django.db.models import QuerySet

from clients.models import Client, DistributionCell
from clients.rules import new_since
from clients.selectors import cube
from clients.services import cube_drift
from core.lists import counts

from .pages import Facts

ROUNDS = 5


def totals(facts: Facts, *, tell: Callable[[str], None]) -> dict[str, dict]:
    """Milliseconds, medians of interleaved rounds; the recount is one run. `rows` are those that the filter gives."""
    found: dict[str, dict] = {}
    for name, low, high in (("count", 12_000, 20_000), ("count of many", 12 * counts.CAP, 24 * counts.CAP)):
        query, rows = facts.most_rows(low, high)
        if rows:
            cards, cells = _of(query, facts)
            capped, exact, known = _interleaved(
                lambda cards=cards: counts.count(cards), cards.count, lambda cells=cells: cube.total(cells)
            )
            found[name] = {"rows": rows, "cap": counts.CAP, "capped_ms": capped, "exact_ms": exact, "cube_ms": known}
    every = Client.objects.all()
    capped, exact = _interleaved(lambda: counts.count(every), every.count, rounds=2)
    found["count of everything"] = {"rows": facts.total, "cap": counts.CAP, "capped_ms": capped, "exact_ms": exact}
    began = time.perf_counter()
    drift = cube_drift()
    found["cube"] = {
        "cells": DistributionCell.objects.count(),
        "recount_seconds": round(time.perf_counter() - began, 2),
        "cells_that_differ": drift,
    }
    for name, numbers in found.items():
        tell(f"{name}: {numbers}")
    return found


def _of(query: str, facts: Facts) -> tuple[QuerySet, QuerySet]:
    """The cards of a filter and the cells of the cube that hold them."""
    region, *flags = query.removeprefix("region=").split("&")
    cards, cells = Client.objects.filter(region_code=region), DistributionCell.objects.filter(region_code=region)
    if "phone=1" in flags:
        cards, cells = cards.filter(has_phone=True), cells.filter(has_phone=True)
    if "reg=new" in flags:
        cards, cells = cards.filter(registered_on__gt=new_since(facts.on)), cells.filter(is_new=True)
    return cards, cells


def _interleaved(*asked: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Medians in milliseconds. Without the time limits of pages: a slow count shall be seen."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    taken: list[list[float]] = [[] for _ in asked]
    for number in range(rounds + 1):
        for series, ask in zip(taken, asked, strict=True):
            began = time.perf_counter()
            ask()
            if number:  # the first round warms up
                series.append((time.perf_counter() - began) * 1e3)
    return [round(median(series), 2) for series in taken]
