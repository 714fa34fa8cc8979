"""The long form of «one number everywhere»: list, counter, «Распределение», drill-down and Excel under random filters.

    python -m tests.chaos.equality_chaos [--examples 400] [--control]

The examples are drawn anew every time. With `--control` the counter forgets the filter «Телефон», and has to be found out.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from tests.chaos.scratch import ROOT

TEST = "tests/clients/test_equality.py"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="chaos equality", description=__doc__)
    parser.add_argument("--examples", type=int, default=400)
    parser.add_argument("--control", action="store_true", help="the counter is wrong: the test must find it")
    options = parser.parse_args(arguments)
    env = os.environ | {"SBILLING_EXAMPLES": str(options.examples)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", TEST]
    if options.control:
        command[3:3] = ["-p", "tests.chaos.equality_control"]
    failed = subprocess.run(command, env=env, cwd=ROOT, check=False).returncode
    good = bool(failed) == options.control
    print(f"{'ok  ' if good else 'FAIL'} one_number_everywhere {options.examples} examples", flush=True)
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
