"""Long histories on a moved clock (invariants 1–13, 16–19, 21–22): `./run chaos time [--control]`.

    python -m tests.chaos.time_chaos [--histories 60] [--steps 50] [--lives 3] [--accounts 12] [--control]

`histories`: any step of a sale on any day, beside a second implementation in fractions. `two_years`: renewals day by
day, with an outage of three days in twenty, with double runs: one category a day, the same end.
With `--control` the program is made wrong in one place, and the trial has to find it.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from decimal import ROUND_DOWN, Decimal
from functools import partial
from unittest import mock

from tests.chaos.scratch import run_inside


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="chaos time", description=__doc__)
    parser.add_argument("--histories", type=int, default=60)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--lives", type=int, default=3, help="generated pairs of years")
    parser.add_argument("--accounts", type=int, default=12, help="accounts of a life")
    parser.add_argument("--control", action="store_true", help="the program is wrong in one place: the fault must show")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.inside:
        return inside(options)
    return run_inside("tests.chaos.time_chaos", sys.argv[1:] if arguments is None else arguments)


def inside(options: argparse.Namespace) -> int:
    import django

    django.setup()
    failed = 0
    plan = CONTROLS if options.control else [(nullcontext, histories), (nullcontext, two_years)]
    for made_wrong, trial in plan:
        started = time.monotonic()
        with rolled_back(), made_wrong():
            wrong, told = trial(options)
        good = bool(wrong) == options.control
        failed += not good
        name = f"{trial.__name__} {getattr(made_wrong, '__name__', '')}".replace("nullcontext", "").strip()
        print(
            f"{'ok  ' if good else 'FAIL'} {name:28} {told}; wrong {wrong}; {time.monotonic() - started:.0f} s",
            flush=True,
        )
    return int(failed > 0)


@contextmanager
def rolled_back() -> Iterator[None]:
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def people() -> dict:
    from tests import factories as make

    return {"head": make.employee("head"), "manager": make.employee("manager"), "colleague": make.employee("manager"), "operator": make.employee("operator")}  # fmt: skip


# --- trials -----------------------------------------------------------------------------------------------------


def histories(options: argparse.Namespace) -> tuple[int, str]:
    """Hypothesis draws the steps; each history is rolled back."""
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis.stateful import run_state_machine_as_test

    from tests.properties.catalogue import open_floor
    from tests.properties.selling import Selling

    who = people()
    Selling.market = open_floor(who["manager"], who["head"], who["operator"])
    Selling.told.clear()
    long = settings(
        max_examples=options.histories, stateful_step_count=options.steps, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), print_blob=True,
    )  # fmt: skip
    return _found(lambda: run_state_machine_as_test(Selling, settings=long), options), _steps(Selling.told)


def _steps(told) -> str:
    return f"{sum(told.values())} steps: " + ", ".join(f"{name} {number}" for name, number in sorted(told.items()))


def two_years(options: argparse.Namespace) -> tuple[int, str]:
    """Each life three times: every night, with outages, with double nights."""
    from tests.licenses.market import open_market
    from tests.properties.years import Years

    who = people()
    market = open_market(who["head"])
    market.item("a", 6000, months=(1, 3, 12))
    market.item("d", 9000, line="edo", months=(1, 3, 12))
    wrong, told, rows, written = 0, {}, 0, 0
    nights: tuple[Callable[[int], int], ...] = (
        lambda day: 1,
        lambda day: 0 if day % 20 in (7, 8, 9) else 1,
        lambda day: 2 if day % 3 == 0 else 1,
    )
    for seed in range(options.lives):
        ends: list[dict] = []
        letters: list[set] = []
        for number, nightly in enumerate(nights):
            life = Years(market, [who["manager"], who["colleague"]], who["head"], seed, options.accounts)
            check = partial(_exactly_one, life) if number == 0 else None
            with rolled_back():
                wrong += _found(partial(_live, life, nightly, check, ends), options)
            letters.append(life.letters)
            if number == 0:
                for name, times in life.told.items():
                    told[name] = told.get(name, 0) + times
        wrong += any(end != ends[0] for end in ends) + any(not found <= letters[0] for found in letters)
        written += len(letters[0])
        rows += len(ends[0]["rows"]) if ends else 0
    return (
        wrong,
        f"{options.lives} lives of 731 days, {options.accounts} accounts, {rows} terms, {written} letters; {_steps(told)}",
    )


def _live(life, nightly: Callable[[int], int], check, ends: list[dict]) -> None:
    ends.append(life.live(nightly, check=check))


def _exactly_one(life, on: date) -> None:
    """The stored rows are those of the rule, and one of them stands for each account."""
    from tests.properties.years import stored

    found = stored()
    assert found == life.slow_rows(on), on
    assert sum(worst for _, worst in found.values()) == sum(bool(terms) for terms in life.facts.values()), on


def _found(act: Callable[[], object], options: argparse.Namespace) -> int:
    try:
        act()
    except Exception as error:
        if options.control:
            print(f"     found: {str(error).splitlines()[0][:150] if str(error) else type(error).__name__}", flush=True)
        else:
            traceback.print_exc()
        return 1
    return 0


# --- controls ---------------------------------------------------------------------------------------------------


@contextmanager
def rounded_down() -> Iterator[None]:
    """Shares and VAT lose what is below a kopeck."""

    def down(amount, part, whole) -> Decimal:
        return (Decimal(amount) * part / whole).quantize(Decimal("0.01"), ROUND_DOWN)

    with mock.patch("licenses.rules.pricing.ratio", down):
        yield


@contextmanager
def undo_forgets_cards() -> Iterator[None]:
    """A cancelled shipment leaves the client's card as the activation made it."""
    with mock.patch("licenses.services.shipping.put_back", lambda *_args, **_named: None):
        yield


@contextmanager
def undo_forgets_changes() -> Iterator[None]:
    """A cancelled shipment of a change leaves the old licence closed."""
    with mock.patch("licenses.services.shipping.changes_undo", lambda *_args, **_named: None):
        yield


@contextmanager
def late_nights() -> Iterator[None]:
    """The nightly sweep counts for the day before."""
    from datetime import timedelta

    from renewals.services import renewals_night_all

    with mock.patch(
        "tests.properties.years.renewals_night_all", lambda *, on: renewals_night_all(on=on - timedelta(days=1))
    ):
        yield


CONTROLS = (
    (rounded_down, histories), (undo_forgets_cards, histories), (undo_forgets_changes, histories), (late_nights, two_years),
)  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
