"""The program behind a meter: what a request took apart, in a header that exists in this process alone.

`X-Bench: {"sql": ms, "queries": n, "cpu": ms, "buffers": n, "row_buffers": n}`: time in SQL as Python saw it, CPU of the web
thread, and, for a request with `X-Bench-Plans`, blocks that its queries touched (each is explained once more), those of the query
that fetched a list's rows apart, and the plans.
"""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, connection

from core import db

inside = get_wsgi_application()
if patience := os.environ.get("BENCH_PATIENCE"):
    # On a machine that is busy with other work: lists may take so many seconds, so that their blocks can be counted.
    db.TIMEOUTS["list"] = db.TIMEOUTS["page"] = (int(patience) * 1000, 3_000)


ROWS = re.compile(r" LIMIT (51( OFFSET \d+)?|\d+ OFFSET \d+)$")
"""The rows of a page of fifty and one more, and the key that a page by its number begins with: no other query of a list ends
like this."""


class Meter:
    """Wraps every query of a request."""

    def __init__(self, explained: str = "") -> None:
        self.seconds, self.queries, self.explained = 0.0, 0, explained
        self.buffers = self.row_buffers = 0
        self.plans: list[dict] = []

    def __call__(self, execute, sql, params, many, context):
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            taken = time.perf_counter() - began
            self.seconds += taken
            self.queries += 1
            if self.explained and not many and sql.lstrip("( ")[:6].upper() in ("SELECT", "WITH F"):
                self._explain(sql, params, taken)

    def _explain(self, sql: str, params, taken: float) -> None:
        import psycopg

        try:
            with connection.connection.cursor() as cursor:
                cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + sql, params)
                plan = cursor.fetchone()[0][0]
        except (DatabaseError, psycopg.Error) as error:
            plan = {"Plan": {}, "error": str(error)}
        blocks = sum(plan["Plan"].get(f"Shared {kind} Blocks", 0) for kind in ("Hit", "Read"))
        self.buffers += blocks
        self.row_buffers += blocks if ROWS.search(sql) else 0
        self.plans.append({"ms": round(taken * 1e3, 1), "sql": sql, "params": repr(params), "plan": plan})

    def told(self, began: float, cpu: float) -> str:
        return json.dumps(
            {
                "sql": round(self.seconds * 1e3, 2),
                "queries": self.queries,
                "cpu": round((time.thread_time() - cpu) * 1e3, 2),
                "total": round((time.perf_counter() - began) * 1e3, 2),
                "buffers": self.buffers,
                "row_buffers": self.row_buffers,
            }
        )


def application(environ, start_response):
    meter = Meter(environ.get("HTTP_X_BENCH_PLANS", ""))
    began, cpu = time.perf_counter(), time.thread_time()

    def start(status, headers, exc_info=None):
        return start_response(status, [*headers, ("X-Bench", meter.told(began, cpu))], exc_info)

    with connection.execute_wrapper(meter):
        response = inside(environ, start)
    if meter.explained and (folder := os.environ.get("BENCH_PLANS")):
        path = Path(folder) / f"{meter.explained}.json"
        path.write_text(json.dumps(meter.plans, ensure_ascii=False, indent=1))
    return response
