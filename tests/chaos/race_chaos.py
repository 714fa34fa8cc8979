"""The long races of binding (C1, acceptance tests 1, 2 and 5; B1) and of selling (B2, B4, C10): `./run chaos race [--control]`.

    python -m tests.chaos.race_chaos [--rounds 300] [--threads 12] [--sales 40] [--control]

With `--control` the protection of each trial is off, and its fault has to show, or the trial failed: without the lock of
rule C1 two cards of one ИНН get two owners, without row locks an invoice is shipped twice.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.chaos.scratch import run_inside


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="chaos race", description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--threads", type=int, default=12)
    parser.add_argument("--sales", type=int, default=40, help="rounds of the races over one sale, of 16 threads")
    parser.add_argument("--control", action="store_true", help="the lock is off: the fault must show")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.inside:
        return inside(options)
    return run_inside("tests.chaos.race_chaos", sys.argv[1:] if arguments is None else arguments)


def inside(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from core.faults import without_protection

    crew, failed = Crew(options.threads), 0
    trials = (two_cards,) if options.control else (pool_a, pool_b, two_cards, same_five_hundred)
    off = ("clients.bind.lock",) if options.control else ()
    with without_protection(*off):
        for trial in trials:
            started = time.monotonic()
            wrong, told = trial(crew, options)
            good = bool(wrong) == options.control
            failed += not good
            print(
                f"{'ok  ' if good else 'FAIL'} {trial.__name__:20} {told}; wrong {wrong}; {time.monotonic() - started:.0f} s",
                flush=True,
            )
    return int(failed + selling(options) > 0)


def selling(options: argparse.Namespace) -> int:
    """The races over one sale; how many failed."""
    from contextlib import nullcontext

    from tests.chaos import selling_races as races

    fair, failed = races.Fair(16), 0
    plan = races.CONTROLS if options.control else [(nullcontext, trial) for trial in races.TRIALS]
    for protection_off, trial in plan:
        started = time.monotonic()
        with protection_off():
            wrong, told = trial(fair, options.sales)
        good = bool(wrong) == options.control
        failed += not good
        print(
            f"{'ok  ' if good else 'FAIL'} {trial.__name__:20} {told}; wrong {wrong}; {time.monotonic() - started:.0f} s",
            flush=True,
        )
    return failed


class Crew:
    """Managers of one sales point, each with a thread and a connection of his own."""

    def __init__(self, threads: int) -> None:
        from tests import factories as make

        self.make = make
        self.managers = [make.employee() for _ in range(threads)]
        self.pool = ThreadPoolExecutor(threads)
        self.barrier = threading.Barrier(threads)

    def together(self, act: Callable) -> list:
        """act(index, manager) in all threads at one moment: results, refusals as they are; anything else is raised."""
        from core.errors import DomainError

        def one(index: int):
            self.barrier.wait(60)
            try:
                return act(index, self.managers[index])
            except DomainError as refusal:
                return refusal

        return [future.result(120) for future in [self.pool.submit(one, i) for i in range(len(self.managers))]]


def pool_a(crew: Crew, options: argparse.Namespace) -> tuple[int, str]:
    """One card of the sales point's pool: one winner, the others hear his name and the time."""
    return _one_card(crew, options, in_pool=True), f"{options.rounds} rounds of {options.threads} threads"


def pool_b(crew: Crew, options: argparse.Namespace) -> tuple[int, str]:
    """One card of the region."""
    return _one_card(crew, options, in_pool=False), f"{options.rounds} rounds of {options.threads} threads"


def _one_card(crew: Crew, options: argparse.Namespace, *, in_pool: bool) -> int:
    from clients.services import BindResult, client_bind
    from core.errors import Conflict

    wrong = 0
    for _ in range(options.rounds):
        card = crew.make.ClientFactory()
        if in_pool:
            crew.make.bound(card, point=crew.managers[0].salespoint)
        results = crew.together(lambda index, manager, pk=card.pk: client_bind(client_id=pk, by=manager))
        winners = [crew.managers[i] for i, r in enumerate(results) if isinstance(r, BindResult) and r.won]
        losers = [r for r in results if isinstance(r, Conflict) and r.who and r.when]
        good = (
            len(winners) == 1
            and len(losers) == options.threads - 1
            and {r.who for r in losers} == {winners[0].short_name}
        )
        wrong += not good
    return wrong


def two_cards(crew: Crew, options: argparse.Namespace) -> tuple[int, str]:
    """Two cards of one ИНН: one owner for both."""
    from clients.models import Binding
    from clients.services import client_bind

    wrong = 0
    for _ in range(options.rounds):
        first = crew.make.ClientFactory()
        pair = [first.pk, crew.make.ClientFactory(inn=first.inn, kpp="250901001").pk]
        crew.together(lambda index, manager, pair=pair: client_bind(client_id=pair[index % 2], by=manager))
        wrong += Binding.objects.open().filter(client__in=pair).values("manager").distinct().count() != 1
    return wrong, f"{options.rounds} rounds of {options.threads} threads over two cards"


def same_five_hundred(crew: Crew, options: argparse.Namespace) -> tuple[int, str]:
    """Everybody claims the same 500 cards in batches of 50, one manager after the other way round: each card once."""
    from clients.models import Binding
    from clients.services import client_bind_many

    ids = [crew.make.ClientFactory().pk for _ in range(500)]

    def act(index: int, manager) -> int:
        order = ids if index % 2 else ids[::-1]
        return sum(
            r.won for at in range(0, 500, 50) for r in client_bind_many(client_ids=order[at : at + 50], by=manager)
        )

    won = crew.together(act)
    wrong = sum(won) != 500 or Binding.objects.open().filter(client__in=ids).count() != 500
    return int(wrong), f"{options.threads} managers over 500 cards, won {sorted(won)}"


if __name__ == "__main__":
    sys.exit(main())
