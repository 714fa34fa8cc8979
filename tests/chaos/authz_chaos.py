"""The long state machine of hiring, rights, moves and blocks (A2): `./run chaos authz [--control]`.

    python -m tests.chaos.authz_chaos [--runs 2000] [--steps 12] [--control]

With `--control` the ceiling of `grant` is off: somebody has to get more than his grantor has, or the trial failed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from tests.chaos.scratch import run_inside


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="chaos authz", description=__doc__)
    parser.add_argument("--runs", type=int, default=2_000)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--control", action="store_true", help="the ceiling is off: the fault must show")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.inside:
        return inside(options)
    return run_inside("tests.chaos.authz_chaos", sys.argv[1:] if arguments is None else arguments)


def inside(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from django.db import transaction

    from core.faults import without_protection
    from tests.partners.rights_network import Team

    counts: Counter[str] = Counter()
    off = ("partners.grant.ceiling",) if options.control else ()
    started, fault = time.monotonic(), ""
    with transaction.atomic(), without_protection(*off):
        try:
            _run(rolled_back(Team(), counts), options)
        except AssertionError as error:
            fault = str(error).splitlines()[0]
        transaction.set_rollback(True)
    good = bool(fault) == options.control
    told = ", ".join(f"{name} {done}" for name, done in sorted(counts.items()) if name != "runs")
    print(
        f"{'ok  ' if good else 'FAIL'} authz: {counts['runs']} runs, {time.monotonic() - started:.0f} s; went through: {told}"
    )
    print(f"     found: {fault or 'nobody exceeded his grantor'}", flush=True)
    return int(not good)


def _run(machine: type, options: argparse.Namespace) -> None:
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=options.runs, stateful_step_count=options.steps, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        ),
    )  # fmt: skip


def rolled_back(team, counts: Counter[str] | None = None) -> type:
    """The machine over `team`, whose every run begins with the same network; `counts` gets the steps that went through."""
    from django.db import transaction

    from tests.partners.rights_network import Network

    class Run(Network):
        def __init__(self) -> None:
            self.team = team
            self.savepoint = transaction.savepoint()
            super().__init__()
            if counts is not None:
                counts["runs"] += 1

        def step(self, by, do, **kwargs):
            done = super().step(by, do, **kwargs)
            if done is not None and counts is not None:
                counts[do.__name__] += 1
            return done

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.savepoint)

    return Run


if __name__ == "__main__":
    sys.exit(main())
