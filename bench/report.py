"""The JSON of a run and its table."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.db import connection

from dev.places import ROOT

from .goals import goals, ratios
from .measure import Series

SETTINGS = [
    "shared_buffers",
    "work_mem",
    "random_page_cost",
    "effective_cache_size",
    "jit",
    "fsync",
    "max_parallel_workers_per_gather",
]


RESULTS = ROOT / "bench" / "results"


def document(
    scale: str, made: dict, nights: dict, series: list[Series], loads: list[float], beside: dict | None = None
) -> dict:
    """`beside`: what `bench.totals` and `bench.claims` found."""
    pages = {one.case.name: one.told() for one in series}
    return {
        "at": datetime.now().astimezone().isoformat(timespec="seconds"),
        "scale": scale,
        "commit": _commit(),
        "machine": {
            "cores": os.cpu_count(),
            "load_average_before": loads[0],
            "load_average_after": loads[1],
            "patience_seconds": int(os.environ.get("BENCH_PATIENCE", 0)),
        },
        "data": made | _sizes(),
        "postgres": _postgres(),
        "sweep": nights,
        "beside": beside or {},
        "pages": list(pages.values()),
        "times_quicker_than_baseline": ratios(
            pages, {one.case.name: one.case.against for one in series if one.case.against}
        ),
        "goals": goals(pages, nights, beside or {}, _smaller(scale)),
    }


def _smaller(scale: str) -> dict[str, dict]:
    """{name: page} of the newest run at the small scale, for the other scales."""
    found = [] if scale == "small" else sorted(RESULTS.glob("*-small.json"))
    return {page["name"]: page for page in json.loads(found[-1].read_text())["pages"]} if found else {}


def write(told: dict, out: str = "") -> Path:
    path = Path(out) if out else RESULTS / f"{told['at'][:10]}-{told['scale']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    return path


def table(told: dict) -> Iterable[str]:
    """Lines of what is printed."""
    yield f"{'':52}{'median':>9}{'p95':>9}{'SQL':>9}{'CPU':>8}{'queries':>9}{'blocks':>9}{'× base':>8}"
    for page in told["pages"]:
        if "median_ms" not in page:
            yield f"{page['name'][:51]:52}{page.get('problem', 'not opened')}"
            continue
        quicker = told["times_quicker_than_baseline"].get(page["name"], "")
        yield (
            f"{page['name'][:51]:52}{page['median_ms']:>9}{page['p95_ms']:>9}{page['sql_ms']:>9}{page['cpu_ms']:>8}"
            f"{page['queries']:>9}{page['buffers'] or '':>9}{quicker:>8}"
        )
    yield ""
    for night, numbers in told["sweep"].items():
        yield f"sweep, {night}: " + ", ".join(f"{key} {value}" for key, value in numbers.items())
    for name, numbers in told["beside"].items():
        yield f"{name}: " + ", ".join(f"{key} {value}" for key, value in numbers.items())
    yield ""
    for goal in told["goals"]:
        yield f"{'met   ' if goal['met'] else 'MISSED'} {goal['goal']}: {goal['seen']} (limit {goal['limit']})"
    machine = told["machine"]
    yield f"\nms; load average {machine['load_average_before']} → {machine['load_average_after']} on {machine['cores']} cores: trust ratios and blocks"


def _sizes() -> dict:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM accounts_account), (SELECT count(*) FROM licenses_license), pg_database_size(current_database())"
        )
        accounts, licences, size = cursor.fetchone()
    return {"accounts": accounts, "licences": licences, "database_MB": size >> 20}


def _postgres() -> dict:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting || coalesce(unit, '') FROM pg_settings WHERE name = ANY(%s)", [SETTINGS])
        told = dict(cursor.fetchall())
        cursor.execute("SHOW server_version")
        return {"version": cursor.fetchone()[0]} | told


def _commit() -> str:
    try:
        return subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True
        ).stdout.strip()
    except OSError:
        return ""
