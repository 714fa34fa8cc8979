"""`./run bench`: generate, sweep, open pages, compare, write down.

    ./run bench [--scale small|medium|full] [--rounds N] [--no-baselines] [--only TEXT] [--keep] [--out FILE]

`--keep` leaves the database for the next run. See docs/evidence/bench.md for what is measured and how far to trust it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from dev.places import ROOT


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="./run bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--scale", choices=["small", "medium", "full"], default="small")
    parser.add_argument("--rounds", type=int, default=0, help="how often each page is opened")
    parser.add_argument("--keep", action="store_true", help="leave the database for the next run")
    parser.add_argument("--out", default="", help="where the JSON goes instead of bench/results/")
    parser.add_argument("--no-baselines", action="store_true", help="the program's own pages and the floors alone")
    parser.add_argument("--only", default="", metavar="TEXT", help="only the pages whose name contains this")
    parser.add_argument("--only-generate", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        from bench.run import run

        return run(options)
    from bench.database import database

    with database(options.scale, keep=options.keep) as env:
        command = [sys.executable, "-m", "bench", *sys.argv[1:], "--inside"]
        return subprocess.call(command, cwd=ROOT, env=env | {"BENCH_SCALE": options.scale})


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.exit(main())
