"""`./run manage …`: manage.py against the services of `./run`, joined when they are up, started and stopped otherwise."""

import os
import subprocess
import sys

from .console import Stop
from .places import ROOT
from .services import program_environment, services, urls_of_running

# These work on a database that is behind the code, or on none.
NOT_MIGRATED_FIRST = {
    "migrate",
    "makemigrations",
    "showmigrations",
    "sqlmigrate",
    "squashmigrations",
    "optimizemigration",
    "check",
    "collectstatic",
    "dbshell",
    "help",
    "version",
    "diffsettings",
}


def manage(args: list[str]) -> int:
    env = program_environment()
    if "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ:
        return _manage(args, env)
    if urls := urls_of_running(wait=60):
        return _manage(args, urls | env)
    with services(quiet=True) as running:
        if args and not args[0].startswith("-") and args[0] not in NOT_MIGRATED_FIRST:
            migrated = _manage(["migrate", "--noinput", "--verbosity=0"], running.env)
            if migrated:
                raise Stop("the database could not be migrated (see above).")
        return _manage(args, running.env)


def _manage(args: list[str], env: dict[str, str]) -> int:
    """In the caller's folder, so that file names mean what they say; Ctrl-C is the command's own to handle."""
    child = subprocess.Popen([sys.executable, ROOT / "manage.py", *args], env=env)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue
