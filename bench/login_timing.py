"""Does the time of an answer tell an unknown login from a wrong password or a blocked employee? (A14, decision 24)

    python -m bench.login_timing [--rounds 60]

The three are asked in turn through the whole program with the production password hasher, each time from another
address, so that the limiter of attempts stays out of the way. Printed: median, 10th and 90th percentile in milliseconds.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import sys
import time

from tests.chaos.scratch import run_inside


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench.login_timing", description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.inside:
        return inside(options.rounds)
    return run_inside("bench.login_timing", sys.argv[1:] if arguments is None else arguments)


def inside(rounds: int) -> int:
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client
    from django.test.utils import override_settings, setup_test_environment

    from core import clock
    from partners.services.people import employee_install
    from tests.factories import SalesPointFactory

    setup_test_environment()
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}).enable()
    point = SalesPointFactory()
    for login in ("known", "blocked"):
        person = employee_install(login=login, password="correct horse battery", name="Пробный Петр", salespoint=point)
    person.access, person.blocked_at = "forbidden", clock.now()
    person.save(update_fields=["access", "blocked_at"])
    asked = {
        "unknown login": ("nobody", "correct horse battery"),
        "wrong password": ("known", "wrong horse battery"),
        "blocked, right password": ("blocked", "correct horse battery"),
    }
    took: dict[str, list[float]] = {name: [] for name in asked}
    browser = Client()
    logging.disable()
    for number in range(rounds + 3):
        for name, (login, password) in asked.items():
            form, address = {"username": login, "password": password}, f"10.0.{number % 250}.{len(name)}"
            started = time.perf_counter()
            answer = browser.post("/login/", form, REMOTE_ADDR=address)
            if number >= 3:  # the first ones warm up
                took[name].append((time.perf_counter() - started) * 1000)
            assert answer.status_code == 422, answer.status_code
    for name, times in took.items():
        deciles = statistics.quantiles(times, n=10)
        print(f"{name:26} median {statistics.median(times):6.1f}   10 % {deciles[0]:6.1f}   90 % {deciles[-1]:6.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
