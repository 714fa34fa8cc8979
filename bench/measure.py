"""Every page once to warm up, once explained for its buffers, then rounds in which all of them stand interleaved."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from statistics import median

from .http import Answer, Visitor
from .pages import Case

GIVEN_UP = "база не успела ответить".encode()
"""What a list says after its two seconds."""
SLOW_MS, SLOW_ROUNDS, VERY_SLOW_MS = 3_000, 2, 15_000


@dataclass
class Series:
    """What one page gave, request by request."""

    case: Case
    ms: list[float] = field(default_factory=list)
    sql: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    queries: list[int] = field(default_factory=list)
    buffers: int = 0
    row_buffers: int = 0
    kilobytes: float = 0
    first_ms: float = 0
    given_up: int = 0
    problem: str = ""
    plans: str = ""

    def add(self, answer: Answer) -> None:
        self.ms.append(answer.ms)
        self.sql.append(answer.told.get("sql", 0.0))
        self.cpu.append(answer.told.get("cpu", 0.0))
        self.queries.append(answer.told.get("queries", 0))
        self.given_up += GIVEN_UP in answer.body
        self.kilobytes = round(len(answer.body) / 1024, 1)

    @property
    def is_slow(self) -> bool:
        return self.case.heavy or (bool(self.ms) and min(self.ms) > SLOW_MS)

    def told(self) -> dict:
        found = {"name": self.case.name, "who": self.case.who, "url": self.case.urls[0]}
        if self.problem:
            found["problem"] = self.problem
        if not self.ms:
            return found
        return found | {
            "median_ms": round(median(self.ms), 1),
            "p95_ms": round(percentile(self.ms, 0.95), 1),
            "min_ms": round(min(self.ms), 1),
            "sql_ms": round(median(self.sql), 1),
            "cpu_ms": round(median(self.cpu), 1),
            "first_ms": round(self.first_ms, 1),
            "queries": int(median(self.queries)),
            "buffers": self.buffers,
            "row_buffers": self.row_buffers,
            "kB": self.kilobytes,
            "rounds": len(self.ms),
            "given_up": self.given_up,
            "is_baseline": self.case.is_baseline,
            "is_list": self.case.is_list,
            "is_word": self.case.is_word,
        }


def percentile(values: Iterable[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def measure(
    cases: list[Case], visitors: dict[str, Visitor], *, rounds: int, seconds: float, tell: Callable[[str], None]
) -> list[Series]:
    """Rounds end early when the time is up: how many a page had stands in its series."""
    series = [Series(case) for case in cases]
    began = time.perf_counter()
    for number, one in enumerate(series):
        _warm(one, visitors[one.case.who], f"plans-{number:02d}", tell)
    turn: dict[str, int] = defaultdict(int)
    rng = Random(1)
    for number in range(rounds):
        order = [one for one in series if not one.problem]
        rng.shuffle(order)
        for one in order:
            if one.is_slow and len(one.ms) >= (1 if one.first_ms > VERY_SLOW_MS else SLOW_ROUNDS):
                continue
            url = one.case.urls[turn[one.case.name] % len(one.case.urls)]
            turn[one.case.name] += 1
            one.add(visitors[one.case.who].get(url))
        if time.perf_counter() - began > seconds and number >= 2:
            tell(f"time is up after {number + 1} rounds")
            break
    return series


def _warm(one: Series, visitor: Visitor, plans: str, tell: Callable[[str], None]) -> None:
    """The first answer (its time is kept apart), then one whose queries are explained."""
    one.plans = plans
    answer = visitor.get(one.case.urls[0])
    one.first_ms = answer.ms
    if GIVEN_UP in answer.body:  # cold: once more
        answer = visitor.get(one.case.urls[0])
    found = answer.status == 200 or (answer.status == 302 and one.case.urls[0].startswith("/search/"))
    if not found or GIVEN_UP in answer.body:
        missing = f"status {answer.status or 'none in 90 s'}"
        one.problem = missing if not found else "given up after 2 s: names the filter to add"
        tell(f"{one.case.name}: {one.problem} {answer.location}")
        return
    if not one.case.heavy and answer.ms < 2 * SLOW_MS:
        told = visitor.get(one.case.urls[0], plans=plans).told
        one.buffers, one.row_buffers = told.get("buffers", 0), told.get("row_buffers", 0)
