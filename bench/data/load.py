"""Generate: network, cards by COPY, what follows in set statements, then the copies and lists by the program's own jobs."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from random import Random

import psycopg
from django.db import connection

from clients.services import cube_rewrite, distribution_clock_move, frequencies_rewrite, queue_take
from partners.models import Employee

from . import derived, network
from .clients import COLUMNS, SHARDS, Register
from .tables import bare, sequences_catch_up
from .words import Vocabulary

SEED = 20_261_123
_FILLED_BY_JOBS = "clients_nameword", "clients_distributioncell", "clients_clientsignal"


@dataclass
class Timings:
    """Seconds of each step, in order; told as they come."""

    tell: Callable[[str], None] = lambda text: None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str):
        began = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - began, 1)
        self.tell(f"{name}: {self.seconds[name]} s")


@dataclass(frozen=True)
class Server:
    """Connections of its own for work beside Django's connection. Threads, as many as there are workers."""

    parameters: dict
    memory: str
    workers: int

    @contextmanager
    def connect(self):
        with psycopg.connect(**self.parameters, autocommit=True) as made:
            made.execute(
                f"SET maintenance_work_mem = '{self.memory}'; SET work_mem = '{self.memory}'; SET timezone = 'UTC'"
            )
            made.execute(derived.CHANCE)
            yield made

    def run(self, statements: Iterable[str], facts: dict | None = None) -> None:
        """One after the other on one connection."""
        with self.connect() as made:
            for sql in statements:
                made.execute(sql, facts)

    def run_beside(self, groups: Iterable[Iterable[str]], facts: dict | None = None) -> None:
        """Every group on a connection of its own, as many at a time as there are workers."""
        with ThreadPoolExecutor(self.workers) as pool:
            list(pool.map(lambda group: self.run(group, facts), list(groups)))


def generate(
    *,
    clients: int,
    on: date,
    seed: int = SEED,
    workers: int = 1,
    memory: str = "64MB",
    tell: Callable[[str], None] = lambda text: None,
) -> dict[str, float]:
    """Fill an empty, migrated database: seconds by step. Everything but the renewals sweep, which `bench.sweep` measures."""
    if Employee.objects.exists():
        raise ValueError("the database is not empty: data is generated into an empty one only")
    rng, timings = Random(seed), Timings(tell)
    server = Server(_parameters(), memory, workers)
    with timings.step("network, price list"):
        net = network.load(rng, clients=clients, on=on)
    facts = {"on": on, "topic": net.main_topic, "home": net.home}
    with bare(derived.TABLES) as building:
        with timings.step("cards by COPY"):
            words = Vocabulary(rng)
            _copy_all(server, [Register(n, words, net, seed=seed, on=on, count=clients) for n in range(SHARDS)])
        with timings.step("accounts and what follows from cards"):
            server.run(["ANALYZE clients_client"])
            of_accounts = [derived.PLACES, derived.BOUGHT, "ANALYZE bench_places", *derived.OF_ACCOUNTS.values()]
            server.run_beside([of_accounts, derived.OF_CLIENTS.values()], facts)
        with timings.step("indexes and constraints"):
            _build(server, building)
    with timings.step("copies, counters, cube, words, signals"):
        server.run([derived.COUNTERS, derived.NUMBERS, derived.WORDS, derived.QUEUE], facts)
        server.run(["DROP TABLE bench_places", "DROP TABLE bench_bought"])
        _settle(on)
    with timings.step("VACUUM ANALYZE"):
        server.run_beside([[f"VACUUM (ANALYZE) {table}"] for table in (*derived.TABLES, *_FILLED_BY_JOBS)])
    return timings.seconds


def _parameters() -> dict:
    known = {"host", "port", "user", "password", "dbname"}
    return {name: value for name, value in connection.get_connection_params().items() if name in known}


def _copy_all(server: Server, parts: list[Register]) -> None:
    """By processes, because inventing names keeps one core busy."""
    if server.workers == 1:
        for part in parts:
            _copy(server, part)
        return
    # Forked: the children use connections of their own and nothing else of their parent.
    pool: Executor = ProcessPoolExecutor(server.workers, mp_context=multiprocessing.get_context("fork"))
    with pool:
        for done in [pool.submit(_copy, server, part) for part in parts]:
            done.result()


def _copy(server: Server, part: Register) -> None:
    with server.connect() as made, made.cursor() as cursor:
        with cursor.copy(f"COPY clients_client ({', '.join(COLUMNS)}) FROM STDIN") as copy:
            for piece in part.lines():
                copy.write(piece)


def _build(server: Server, building: list[str]) -> None:
    """Indexes beside each other, then constraints of one table after the other's: foreign keys last."""
    indexes = [sql for sql in building if sql.startswith("CREATE")]
    keys = [sql for sql in building if "FOREIGN KEY" in sql]
    own = [sql for sql in building if sql not in {*indexes, *keys}]
    server.run_beside([sql] for sql in sorted(indexes, key=lambda sql: "gin" not in sql))
    server.run_beside([sql] for sql in own)
    server.run_beside([sql] for sql in keys)
    building.clear()


def _settle(on: date) -> None:
    sequences_catch_up(derived.TABLES)
    distribution_clock_move(on=on)
    cube_rewrite()
    # Signals of one sales point's cards: what lists rest on needs none, cards of this point show related ones.
    while queue_take():
        pass
    frequencies_rewrite()
