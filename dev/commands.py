"""The commands of `./run`, by name (contracts: they stay put)."""

import errno
import importlib.util
import subprocess
import sys
from collections.abc import Callable

from .console import Stop
from .places import ROOT
from .services import program_environment

USAGE = """\
./run                              set up and start everything: http://127.0.0.1:8000/, Ctrl-C stops it
./run test [pytest args]           the tests; --require-browser fails without Chromium
./run check                        linters, import rules, migrations, production settings, templates
./run rows                         which rows of the manual are shown by tests
./run manage COMMAND …             manage.py against the services of ./run
./run bench [--scale small|medium|full]
./run chaos [race|time|import|authz|hostile|drill|load|equality] [--control]
./run manual                       perform the user manual in a browser, write docs/manual/

PORT, DATABASE_URL, REDIS_URL, CHROMIUM, PG_BIN and SBILLING_STATE override what is found or chosen.
"""


def up(args: list[str]) -> int:
    from .up import up

    if args:
        raise Stop(f"./run up takes no arguments: {' '.join(args)}")
    return up()


def test(args: list[str]) -> int:
    from .testing import test

    return test(args)


def manage(args: list[str]) -> int:
    from .manage import manage

    return manage(args)


def rows(args: list[str]) -> int:
    from .rows import rows

    return rows()


def check(args: list[str]) -> int:
    from .check import check

    return check()


def usage(args: list[str]) -> int:
    print(USAGE, end="")
    return 0


def module(name: str) -> Callable[[list[str]], int]:
    """A command that is a program of its own and starts what it needs with `dev.services`."""

    def run(args: list[str]) -> int:
        try:
            found = importlib.util.find_spec(f"{name}.__main__") or importlib.util.find_spec(name)
        except ModuleNotFoundError:
            found = None
        if found is None:
            raise Stop(f"this checkout has no {name.replace('.', '/')}: the command cannot run.")
        return subprocess.call([sys.executable, "-m", name, *args], cwd=ROOT, env=program_environment())

    return run


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "up": up,
    "test": test,
    "check": check,
    "rows": rows,
    "manage": manage,
    "bench": module("bench"),
    "chaos": module("tests.chaos"),
    "manual": module("dev.manual"),
    **dict.fromkeys(("help", "--help", "-h"), usage),
}


def main(args: list[str]) -> int:
    name, *rest = args or ["up"]
    if name not in COMMANDS:
        print(f"run: there is no command {name}\n\n{USAGE}", end="", file=sys.stderr)
        return 2
    try:
        return COMMANDS[name](rest)
    except Stop as problem:
        print(f"run: {problem}", file=sys.stderr)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        place = f" ({error.filename})" if error.filename else ""
        print(f"run: the disk is full: free some space and start again{place}", file=sys.stderr)
    except KeyboardInterrupt:
        print("run: stopped", file=sys.stderr)
        return 130
    return 1
