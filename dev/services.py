"""PostgreSQL and Valkey for a command: those of the environment, those of a running `./run`, or our own.

    with services("bench-") as running:
        subprocess.run([...], env=running.env)

Data lives in STATE under names that begin with the prefix, so that `./run` ("") and `./run test` ("t1-") run side by
side. Whoever holds the prefix's lock owns the servers; the kernel frees it however the owner ends.
"""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from . import valkey
from .console import Stop, say
from .places import LOGS, ROOT, STATE, make_places
from .postgres import Cluster
from .processes import Process, outlive, start_mark, stop_together


class Busy(Stop):
    """Another command of this checkout holds the prefix."""


def program_environment() -> dict[str, str]:
    """The environment of every program the launcher starts: the demo door, plain HTTP, files in our own places."""
    env = dict(os.environ)
    env.setdefault("DJANGO_SETTINGS_MODULE", "sbilling.settings")
    env.setdefault("SBILLING_DEMO", "1")
    env.setdefault("SBILLING_HTTPS", "0")
    env.setdefault("SBILLING_STATIC_ROOT", str(STATE / "static"))
    env.setdefault("SBILLING_FILES", str(STATE / "files"))
    env.setdefault("SBILLING_EMAIL_DIR", str(STATE / "mail"))
    env.setdefault("PGCONNECT_TIMEOUT", "10")  # a host that swallows packets would be waited for two minutes
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # six processes would each compile everything again
    env["PYTHONUTF8"] = env["PYTHONUNBUFFERED"] = "1"
    env["PYTHONPATH"] = str(ROOT)
    return env


class Services:
    """What is running, and the environment that leads there."""

    def __init__(self, prefix: str, env: dict[str, str]) -> None:
        self.prefix, self.env = prefix, env
        self.servers: list[Process] = []
        self.programs: list[Process] = []

    @property
    def processes(self) -> list[Process]:
        return [*self.servers, *self.programs]

    def add_server(self, process: Process) -> None:
        self.servers.append(process)
        self.remember()

    def add(self, process: Process) -> Process:
        """Own a program: it is stopped before the servers, and found again after a kill -9 of the launcher."""
        self.programs.append(process)
        self.remember()
        return process

    def remember(self, **told) -> None:
        """Write down what others need: pids for the next start, URLs for `./run manage`."""
        marks = {p.pid: start_mark(p.pid) for p in self.processes}
        _write(_notes(self.prefix), _read(_notes(self.prefix)) | told | {"processes": marks})

    def dead(self) -> list[Process]:
        return [process for process in self.processes if not process.is_alive]

    def stop(self) -> None:
        """Programs first, all at once; then the servers they need."""
        stop_together(self.programs)
        stop_together(self.servers)


@contextlib.contextmanager
def services(
    prefix: str = "", *, durable: bool = True, settings: dict[str, str] | None = None, quiet: bool = False
) -> Iterator[Services]:
    """Start what the environment does not name, and stop it at the end. `settings` are PostgreSQL's.

    Raises Busy if another command of this checkout holds the prefix.
    """
    tell = (lambda text: None) if quiet else say
    with _locked(prefix):
        _wait_for_leftovers(prefix)
        running = Services(prefix, program_environment())
        try:
            _start_valkey(running, tell)
            _start_postgres(running, durable, settings, tell)
            running.remember(pid=os.getpid(), urls={name: running.env[name] for name in ("DATABASE_URL", "REDIS_URL")})
            yield running
        finally:
            running.stop()
            _write(_notes(prefix), {})


def wait_for_leftovers(prefix: str = "") -> None:
    """Processes of a launcher that was killed are on their way out: when this returns, they are gone. Raises Busy."""
    with _locked(prefix):
        _wait_for_leftovers(prefix)


def _wait_for_leftovers(prefix: str) -> None:
    outlive(_read(_notes(prefix)).get("processes", {}), seconds=15)
    _write(_notes(prefix), {})


def _start_valkey(running: Services, tell) -> None:
    if running.env.get("REDIS_URL"):
        _refuse_other_scheme("REDIS_URL", ("redis", "rediss", "unix"), "redis://HOST:6379/0")
        valkey.refuse_silent(running.env["REDIS_URL"])
        tell("Redis: REDIS_URL of the environment")
        return
    began = time.perf_counter()
    process, running.env["REDIS_URL"] = valkey.start(f"{running.prefix}valkey")
    running.add_server(process)
    tell(f"Valkey started in {time.perf_counter() - began:.1f} s")


def _start_postgres(running: Services, durable: bool, settings: dict[str, str] | None, tell) -> None:
    if running.env.get("DATABASE_URL"):
        _refuse_other_scheme("DATABASE_URL", ("postgres", "postgresql"), "postgres://USER:PASSWORD@HOST:5432/NAME")
        tell("PostgreSQL: DATABASE_URL of the environment")
        return
    began = time.perf_counter()
    cluster = Cluster(f"{running.prefix}postgres", durable=durable, settings=settings)
    running.add_server(cluster.start())
    running.env["DATABASE_URL"] = cluster.url(may_create_databases=bool(running.prefix))
    tell(f"PostgreSQL {cluster.major} started in {time.perf_counter() - began:.1f} s")


def _refuse_other_scheme(name: str, schemes: tuple[str, ...], example: str) -> None:
    """The address itself is not repeated: it may hold a password."""
    if os.environ[name].partition("://")[0] not in schemes:
        raise Stop(f"{name} is no address this program knows: {example} is expected.")


def urls_of_running(prefix: str = "", wait: float = 0) -> dict[str, str] | None:
    """DATABASE_URL and REDIS_URL of the command that holds the prefix; None if nobody holds it.

    Waits until a command that is just starting has them.
    """
    ends = time.monotonic() + wait
    while True:
        try:
            with _locked(prefix):
                return None
        except Busy:
            if urls := _read(_notes(prefix)).get("urls"):
                return urls
        if time.monotonic() > ends:
            raise Stop("./run is starting or stopping: try again in a moment.")
        time.sleep(0.1)


def notes_of_running(prefix: str = "") -> dict:
    """What the command that holds the prefix has told: pid, urls, address of the site."""
    return _read(_notes(prefix))


@contextlib.contextmanager
def _locked(prefix: str) -> Iterator[None]:
    make_places()
    with (STATE / f"{prefix}lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Busy(f"another command of this checkout is running its services (state in {STATE}).") from None
        yield


def _notes(prefix: str) -> Path:
    return STATE / f"{prefix}running.json"


def _read(path: Path) -> dict:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


def _write(path: Path, told: dict) -> None:
    """By rename: a reader never sees half of it."""
    half = path.with_name(f"{path.name}.unfinished")
    half.write_text(json.dumps(told))
    half.chmod(0o600)
    half.rename(path)


def log_tails(processes: list[Process]) -> str:
    return "\n".join(
        f"--- {p.name} {p.ended_how}; the end of {LOGS / p.log.name}:\n{p.tail()}" for p in processes if p.log
    )
