"""Bulk «Закрепить» while others want the same cards: with the live counters of «Распределение» and without them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random

from django.db import connection

from clients.models import Client
from clients.rules import new_since
from clients.services import client_bind_many, cube_drift
from core import clock
from partners.models import Employee

CARDS, AT_ONCE, MANAGERS, ROUNDS = 1_000, 50, 4, 3
TRIGGERS = "clients_spread_insert", "clients_spread_update", "clients_spread_delete"


def claims(*, tell: Callable[[str], None]) -> dict:
    """Four managers of one point, all after the same thousand free cards, in batches of 50, each in an order of his own.

    Milliseconds of each round, cards won in each, deadlocks, cards won twice, cells of the cube that differ afterwards.
    What was claimed is set free again; the journal keeps its lines.
    """
    home = Employee.objects.select_related("salespoint").get(login="manager").salespoint
    people = list(Employee.objects.filter(salespoint=home, login__startswith="m").order_by("pk")[:MANAGERS])
    region = home.region_id
    free = Client.objects.filter(
        salespoint__isnull=True, region_code=region, ceased_on__isnull=True, inn__gt="", has_phone=True,
        registered_on__lte=new_since(clock.today()), prospect_state="none",
    )  # fmt: skip
    ids = list(free.order_by("pk").values_list("pk", flat=True)[:CARDS])
    taken: dict[bool, list[float]] = {True: [], False: []}
    double, before = 0, _deadlocks()
    won: list[int] = []
    for number in range(2 * ROUNDS):
        is_counting = number % 2 == 0
        with _counters(is_counting):
            began = time.perf_counter()
            with ThreadPoolExecutor(len(people)) as pool:
                told = list(pool.map(lambda one: _claim(one, ids), people))
            taken[is_counting].append((time.perf_counter() - began) * 1e3)
            winners = Counter(pk for mine in told for pk in mine)
            _set_free(ids)
        double += sum(n > 1 for n in winners.values())
        won.append(len(winners))
    found = {
        "cards": len(ids),
        "managers": len(people),
        "with_counters_ms": [round(ms) for ms in taken[True]],
        "without_ms": [round(ms) for ms in taken[False]],
        "won": won,
        "deadlocks": _deadlocks() - before,
        "double": double,
        "cells_that_differ": cube_drift(),
    }
    tell(f"claims: {found}")
    return found


def _claim(one: Employee, ids: list[int]) -> list[int]:
    """The cards that this manager won."""
    mine, order = [], list(ids)
    Random(one.pk).shuffle(order)
    try:
        for start in range(0, len(order), AT_ONCE):
            results = client_bind_many(client_ids=order[start : start + AT_ONCE], by=one)
            mine += [result.client_id for result in results if result.won]
    finally:
        connection.close()
    return mine


def _deadlocks() -> int:
    """The server's count: the service repeats a transaction that met one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_stat_clear_snapshot(), deadlocks FROM pg_stat_database WHERE datname = current_database()"
        )
        return cursor.fetchone()[1]


@contextmanager
def _counters(are_on: bool) -> Iterator[None]:
    with connection.cursor() as cursor:
        if not are_on:
            for name in TRIGGERS:
                cursor.execute(f"ALTER TABLE clients_client DISABLE TRIGGER {name}")
        yield
        for name in TRIGGERS:
            cursor.execute(f"ALTER TABLE clients_client ENABLE TRIGGER {name}")


def _set_free(ids: list[int]) -> None:
    """Bindings are never deleted: the trigger that says so sleeps meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE clients_binding DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM clients_binding WHERE client_id = ANY(%s)", [ids])
        cursor.execute("ALTER TABLE clients_binding ENABLE TRIGGER USER")
        cursor.execute("UPDATE clients_client SET salespoint_id = NULL, manager_id = NULL WHERE id = ANY(%s)", [ids])
