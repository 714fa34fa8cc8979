"""Any filter combination: every list with filters, orders and pages drawn at random, at the scale that is there.

    python -m bench.combinations [--scale full] [--count 400] [--seed 1] [--section clients] [--slow 500] [--out FILE]

`./run bench` times the pages that people open; this looks for those that nobody thought of. A list is drawn with up to four
of its filters (values from its own form), one of its orders, and the first, a middle or the last page, as a role that may see
it. Asked through the program inside one process. Told: median, p95, how many took longer than `--slow`, which gave no rows
in time (the program says so and names filters to add), and the slowest ones with their URL.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import statistics
import sys
import time
from collections import Counter
from datetime import date, timedelta
from urllib.parse import urlencode

WORDS = ("иванов", "сервис", "торговый дом", "маяк", "ромашка", "7718", "смирнова ольга", "а")
ROLES = ("manager", "head", "renewals")
"""The renewal centre sees every card, like the operator, whose second factor stays out of this."""


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="bench.combinations", description=__doc__)
    parser.add_argument("--scale", choices=["tiny", "small", "medium", "full"], default="small")
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--section", default="", help="only lists whose path contains this")
    parser.add_argument("--slow", type=int, default=500, help="milliseconds of an answer that are told one by one")
    parser.add_argument("--out", default="")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.inside:
        return inside(options)
    import subprocess

    from bench.database import database
    from dev.places import ROOT

    with database(options.scale, keep=True) as env:
        return subprocess.call([sys.executable, "-m", "bench.combinations", *arguments, "--inside"], cwd=ROOT, env=env)


def inside(options) -> int:
    import django

    django.setup()
    from django.conf import settings
    from django.test.utils import override_settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    override_settings(
        STORAGES={**settings.STORAGES, "staticfiles": plain}, ALLOWED_HOSTS=["*"], SECURE_SSL_REDIRECT=False
    ).enable()
    logging.disable()
    rng, visitors = random.Random(options.seed), _visitors()
    lists = [found for found in _lists() if options.section in found[0]]
    asked = [_drawn(rng, *rng.choice(lists)) for _ in range(options.count)]
    for login, path, query in asked[:5]:
        visitors[login].get(path, query)  # the first ones warm up
    told = [_timed(visitors[login], login, path, query) for login, path, query in asked]
    _tell(told, options)
    return 1 if any(one["status"] >= 500 for one in told) else 0


def _visitors() -> dict:
    from django.test import Client

    from partners.models import Employee

    found = {}
    for login in ROLES:
        found[login] = Client()
        found[login].force_login(Employee.objects.get(login=login))
    return found


def _lists() -> list[tuple[str, type]]:
    """(path, page class) of every list whose URL has no parameters."""
    from django.urls import get_resolver
    from django.urls.resolvers import URLPattern

    from core.lists import ListPage

    def walk(patterns, prefix: str):
        for pattern in patterns:
            path = f"{prefix}{pattern.pattern}"
            if isinstance(pattern, URLPattern):
                yield path, getattr(pattern.callback, "view_class", None)
            else:
                yield from walk(pattern.url_patterns, path)

    return [
        (path, view)
        for path, view in walk(get_resolver().url_patterns, "/")
        if view and issubclass(view, ListPage) and view.filterset_class and "<" not in path
    ]


def _drawn(rng: random.Random, path: str, view: type) -> tuple[str, str, list[tuple[str, str]]]:
    from django.test import RequestFactory

    from partners.models import Employee

    login = rng.choice(ROLES)
    request = RequestFactory().get(path)
    request.user = Employee.objects.get(login=login)
    request.htmx = False
    form = view.filterset_class({}, view.table_class and _none(view), request=request).form
    query: list[tuple[str, str]] = []
    for name in rng.sample(sorted(form.fields), min(len(form.fields), rng.randint(0, 4))):
        query += _value(rng, name, form.fields[name])
    orders = [column.name for column in view.table if column.orders]
    if orders and rng.random() < 0.6:
        query.append(("sort", rng.choice(["", "-"]) + rng.choice(orders)))
    page = rng.choice(["", "", "", "2", "40", "200", "last"])
    query += [("page", page)] if page else []
    return login, path, query or [("all", "1")]


def _none(view: type):
    from django.apps import apps

    return apps.get_model("clients", "Client").objects.none()


def _value(rng: random.Random, name: str, field) -> list[tuple[str, str]]:
    """A value as the field's own form sends it."""
    from django import forms

    if isinstance(field, forms.MultiValueField):
        period = dict(getattr(field.fields[0], "choices", ()))
        if not period:
            return [(f"{name}_from", str(rng.choice([100, 5_000, 50_000])))]
        chosen = rng.choice([code for code in period if code])
        first = date(2026, 11, 1) - timedelta(days=rng.choice([10, 100, 700, 5_000]))
        days = [
            (f"{name}_from", f"{first:%d.%m.%Y}"),
            (f"{name}_to", f"{first + timedelta(days=rng.choice([1, 30, 400])):%d.%m.%Y}"),
        ]
        return [(name, chosen), *(days if chosen == "period" else [])]
    if isinstance(field, forms.MultipleChoiceField):
        codes = [str(code) for code, _label in field.choices if code]
        return [(name, code) for code in rng.sample(codes, min(len(codes), rng.randint(1, 2)))]
    if isinstance(field, forms.ChoiceField):
        codes = [str(code) for code, _label in field.choices if code and not isinstance(_label, (list, tuple))]
        return [(name, rng.choice(codes))] if codes else []
    if isinstance(field, forms.CharField):
        return [(name, rng.choice(WORDS))]
    return []


def _timed(visitor, login: str, path: str, query: list[tuple[str, str]]) -> dict:
    from contextlib import ExitStack

    from django.db import connection

    spent: list[float] = []

    def watch(execute, sql, params, many, context):
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent.append((time.perf_counter() - began) * 1000)

    with ExitStack() as stack:
        stack.enter_context(connection.execute_wrapper(watch))
        began = time.perf_counter()
        answer = visitor.get(path, query, follow=True)
        took = (time.perf_counter() - began) * 1000
    body = answer.content.decode() if not answer.streaming else ""
    return {
        "who": login,
        "url": f"{path}?{urlencode(query)}",
        "status": answer.status_code,
        "ms": round(took),
        "longest_query_ms": round(max(spent, default=0)),
        "in_time": "база не успела ответить" not in body,
    }


def _tell(told: list[dict], options) -> None:
    times = sorted(one["ms"] for one in told)
    slow = [one for one in told if one["ms"] > options.slow]
    summary = {
        "scale": options.scale,
        "seed": options.seed,
        "asked": len(told),
        "statuses": dict(Counter(one["status"] for one in told)),
        "median_ms": statistics.median(times),
        "p95_ms": times[int(len(times) * 0.95)],
        "most_ms": times[-1],
        f"longer_than_{options.slow}_ms": len(slow),
        "not_in_time": sum(not one["in_time"] for one in told),
        "load": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(summary, ensure_ascii=False, indent=1))
    for one in sorted(slow, key=lambda one: -one["ms"])[:60]:
        print(
            f"{one['ms']:>6} ms, longest query {one['longest_query_ms']:>6}  {'' if one['in_time'] else 'NOT IN TIME '}{one['who']:9} {one['url']}"
        )
    if options.out:
        with open(options.out, "w") as file:
            json.dump(
                {**summary, "slowest": sorted(slow, key=lambda one: -one["ms"])[:60]},
                file,
                ensure_ascii=False,
                indent=1,
            )


if __name__ == "__main__":
    sys.exit(main())
