"""Inside: a Django process beside the measured one. It makes the data, knows what to ask for, and takes the time."""

from __future__ import annotations

import json
import os
from datetime import date

ROUNDS = 15
PAGE_SECONDS = {"small": 45, "medium": 240, "full": 420}
NIGHT_SECONDS = {"small": 20, "medium": 60, "full": 60}
"""Rounds and the weekly comparison end early when their time is up; the result says how many there were, what share was done."""


def run(options) -> int:
    import django

    django.setup()
    began = os.getloadavg()[0]
    made = data(options.scale)
    if options.only_generate:
        print(json.dumps(made, indent=1))
        return 0
    from bench import report
    from bench.claims import claims
    from bench.data.network import LOGINS, PASSWORD
    from bench.database import MEMORY
    from bench.http import Visitor
    from bench.measure import measure
    from bench.pages import Facts, cases
    from bench.sweep import first_night, nights
    from bench.totals import totals
    from bench.web import web

    on = date.fromisoformat(made["on"])
    swept = first_night(on, workers=MEMORY[options.scale][2], tell=tell)
    _as_by_day()
    facts = Facts(on)
    with web() as port:
        visitors = {login: Visitor(port, login, PASSWORD) for login in LOGINS}
        rounds, seconds = options.rounds or ROUNDS, PAGE_SECONDS[options.scale]
        asked = [case for case in cases(facts) if not options.no_baselines or not case.is_costly]
        asked = [case for case in asked if options.only.lower() in case.name.lower()]
        series = measure(asked, visitors, rounds=rounds, seconds=seconds, tell=tell)
    load = [round(began, 1), round(os.getloadavg()[0], 1)]
    told = report.document(options.scale, made, swept, series, load)
    path = report.write(told, options.out)  # what is known already, before the long nights
    if not options.only:
        beside = totals(facts, tell=tell) | {"claims": claims(tell=tell)}
        swept |= nights(on, seconds=NIGHT_SECONDS[options.scale], tell=tell)
        told = report.document(options.scale, made, swept, series, load, beside)
        path = report.write(told, options.out)
    print("\n".join(report.table(told)), f"\n\nwritten: {path}", flush=True)
    return 0


def tell(text: str) -> None:
    print(f"  {text}", flush=True)


def _as_by_day() -> None:
    """What the nightly job and autovacuum do in life: the day of «новые» is the viewers', tables are vacuumed.

    Autovacuum is turned off here, so that it does not begin while time is taken.
    """
    from django.db import connection

    from clients.services import distribution_clock_move
    from core import clock
    from partners.models import Employee

    viewer = Employee.objects.select_related("salespoint").get(login="manager")
    distribution_clock_move(on=clock.today(viewer.salespoint.zone))
    with connection.cursor() as cursor:
        cursor.execute(
            "VACUUM (ANALYZE) clients_client, accounts_account, clients_distributioncell, renewals_renewalrow"
        )


def data(scale: str) -> dict:
    """Generate into an empty database, or take what an earlier run kept: {"on", "clients", "seconds"}."""
    from django.db import connection

    from bench.data import generate
    from bench.database import MEMORY, SCALES
    from core import clock

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_made (told jsonb)")
        cursor.execute("SELECT told::text FROM bench_made")
        if row := cursor.fetchone():
            return json.loads(row[0])
        on = clock.today()
        _shared, memory, workers = MEMORY[scale]
        seconds = generate(clients=SCALES[scale], on=on, workers=workers, memory=memory, tell=tell)
        made = {"on": on.isoformat(), "clients": SCALES[scale], "seconds": seconds}
        cursor.execute("INSERT INTO bench_made VALUES (%s)", [json.dumps(made)])
    return made
