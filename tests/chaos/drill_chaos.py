"""What a machine does to `./run`: kills of every part, a full disk, no network (F9): `./run chaos drill [--control]`.

    python -m tests.chaos.drill_chaos [--rounds 3] [--seed 1] [--control]

One site of its own with the embedded servers, its data kept from trial to trial while somebody goes on writing: after
every trial nothing may be left behind, every acknowledged row has to be there, and the site has to serve again. With
`--control` the launcher's children do not die with it and the next start waits for nobody: leftovers have to show.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from random import Random

from dev.processes import start_mark
from tests.run.launching import MAIN, ROOT, Launcher, family, living

UNPROTECTED = f"""
import dev.processes, dev.services
dev.processes._die_with_parent = lambda signum: None
dev.services._wait_for_leftovers = lambda prefix: None
{MAIN}"""
PARTS = ("postgres", "valkey", "worker", "beat", "web")
READY_SECONDS, GONE_SECONDS = 900, 60
"""Patience for a busy machine; what it really took is told."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="chaos drill", description=__doc__)
    parser.add_argument("--rounds", type=int, default=2, help="of every trial that kills at a random moment")
    parser.add_argument("--only", help="the trial of this name alone")
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--control", action="store_true", help="protections off: leftovers must show")
    options = parser.parse_args(arguments)
    print(f"seed {options.seed}, {'protections off' if options.control else 'protections on'}")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="sbilling-drill-", dir="/var/tmp") as folder:
        site = Site(Path(folder), UNPROTECTED if options.control else MAIN)
        try:
            for trial in CONTROLS if options.control else TRIALS:
                if options.only not in (None, trial.__name__):
                    continue
                started = time.monotonic()
                wrong, told = trial(site, options)
                good = bool(wrong) == options.control
                failed += not good
                seconds = time.monotonic() - started
                print(
                    f"{'ok  ' if good else 'FAIL'} {trial.__name__:24} {told}; wrong {wrong} {seconds:.0f} s",
                    flush=True,
                )
        finally:
            site.end()
    return int(failed > 0)


class Site:
    """One `./run` and what was written into its database while it ran."""

    def __init__(self, state: Path, code: str) -> None:
        state.chmod(0o755)
        self.launcher, self.code = Launcher(state), code
        self.launcher.env |= {"SBILLING_DEMO": "1"}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.run: subprocess.Popen | None = None
        self.family: dict[int, str] = {}
        self.acknowledged = 0

    def start(self) -> float:
        """Seconds until a page is served; raises AssertionError with what was said if it is not."""
        began = time.monotonic()
        with (self.launcher.state / "said").open("wb") as said:
            self.run = subprocess.Popen(
                [sys.executable, "-c", self.code],
                cwd=ROOT, env=self.launcher.env | {"PORT": str(self.port)}, stdin=subprocess.DEVNULL,
                stdout=said, stderr=subprocess.STDOUT,
            )  # fmt: skip
        while not self.serves():
            assert self.run.poll() is None, self.said()
            assert time.monotonic() - began < READY_SECONDS, self.said()
            time.sleep(0.1)
        return time.monotonic() - began

    def running(self) -> None:
        """As it is, or started: the state every trial begins with."""
        if self.run is None or self.run.poll() is not None:
            self.start()
        self.family = family(self.run.pid)

    def said(self) -> str:
        return (self.launcher.state / "said").read_text(errors="replace")

    def serves(self) -> bool:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=5),
        ):
            return "READY" in self.said()
        return False

    def part(self, name: str) -> int:
        """The pid of a part, as the launcher wrote it down: in the order in which it was started."""
        pids = list(json.loads((self.launcher.state / "running.json").read_text())["processes"])
        return int(pids[("valkey", "postgres", "worker", "beat", "web").index(name)])

    def url(self) -> str:
        return json.loads((self.launcher.state / "running.json").read_text())["urls"]["DATABASE_URL"]

    @contextlib.contextmanager
    def writer(self) -> Iterator[None]:
        """Somebody who commits rows one by one and remembers what the server has acknowledged."""
        import psycopg

        url, stopping = self.url(), threading.Event()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("create table if not exists drill (n bigint primary key)")

        def write() -> None:
            with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url, autocommit=True) as connection:
                while not stopping.is_set():
                    connection.execute("insert into drill values (%s)", (self.acknowledged + 1,))
                    self.acknowledged += 1

        thread = threading.Thread(target=write)
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join()

    def lost(self) -> int:
        """Acknowledged rows that are not there. One row more than acknowledged is no fault: only the answer was lost."""
        import psycopg

        with psycopg.connect(self.url(), autocommit=True) as connection:
            highest, rows = connection.execute("select coalesce(max(n), 0), count(*) from drill").fetchone()
        lost = self.acknowledged - rows + (highest > self.acknowledged)
        self.acknowledged = highest
        return max(lost, 0)

    def left(self, seconds: float = GONE_SECONDS) -> int:
        """Processes of the last run that are still there after the time."""
        ends = time.monotonic() + seconds
        while living(self.family) and time.monotonic() < ends:
            self.run.poll()
            time.sleep(0.05)
        return len(living(self.family))

    def end(self) -> None:
        if self.run and self.run.poll() is None:
            family_then = family(self.run.pid)
            self.run.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.run.wait(40)
            self.family |= family_then
        for pid in living(self.family):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.left(5)


# --- trials: (number of wrong results, what was done) ----------------------------------------------------------------


def ctrl_c(site: Site, options: argparse.Namespace) -> tuple[int, str]:
    """While somebody writes: exit 0, nothing left the moment it ends."""
    first = site.start() if site.run is None else 0
    site.running()
    with site.writer():
        time.sleep(0.3)
        began = time.monotonic()
        site.run.send_signal(signal.SIGINT)
        code = site.run.wait(40)
    took, left = time.monotonic() - began, site.left(0)
    again = site.start()
    wrong = (code != 0) + left + site.lost()
    return (
        wrong,
        f"first start {first:.1f} s, stopped in {took:.1f} s with exit {code}, left {left}, again {again:.1f} s",
    )


def launcher_killed(site: Site, options: argparse.Namespace) -> tuple[int, str]:
    """kill -9 of the launcher alone: its children end by themselves."""
    wrong, times = 0, []
    rng = Random(options.seed)
    for _ in range(options.rounds):
        site.running()
        with site.writer():
            time.sleep(rng.uniform(0, 1))
            site.run.kill()
            began = time.monotonic()
            wrong += site.left()
            times.append(time.monotonic() - began)
        site.start()
        wrong += site.lost()
    return wrong, f"{options.rounds} kills, everything gone in {max(times):.1f} s"


def launcher_killed_and_started_at_once(site: Site, options: argparse.Namespace) -> tuple[int, str]:
    wrong = 0
    for _ in range(options.rounds):
        site.running()
        with site.writer():
            site.run.kill()
            site.run.wait()
            took = site.start()
        wrong += site.left(0) + site.lost()
    return wrong, f"{options.rounds} kills, serves again {took:.1f} s after the last"


def part_killed(site: Site, options: argparse.Namespace) -> tuple[int, str]:
    """kill -9 of one part: the launcher says which, stops the rest, ends with 1."""
    wrong = 0
    for name in PARTS:
        site.running()
        with site.writer():
            os.kill(site.part(name), signal.SIGKILL)
            code = site.run.wait(60)
        said = f"{name} was killed by SIGKILL; ./run cannot go on without it" in site.said()
        bad = (code != 1) + (not said) + site.left(0)
        site.start()
        bad += site.lost()
        if bad:
            print(f"     {name}: exit {code}, said {said}\n{site.said()}")
        wrong += bad
    return wrong, f"{', '.join(PARTS)}: exit 1 with its name, nothing left"


def child_killed(site: Site, options: argparse.Namespace) -> tuple[int, str]:
    """kill -9 of a child of a part: the part makes another one, the launcher and the site go on."""
    wrong = 0
    for name in ("worker", "web", "postgres"):
        site.running()
        ends = time.monotonic() + 60
        # The site serves before the worker has its pool, and a worker whose first child is killed gives up.
        log = site.launcher.state / "logs" / "worker.log"
        while (len(family(site.part(name))) == 1 or " ready." not in log.read_text()) and time.monotonic() < ends:
            time.sleep(0.1)
        time.sleep(2)
        child = max(family(site.part(name)))
        os.kill(child, signal.SIGKILL)
        while not (start_mark(child) is None and site.serves() and len(family(site.part(name))) > 1):
            if time.monotonic() > ends or site.run.poll() is not None:
                print(f"     {name}: {site.said()}")
                wrong += 1
                break
            time.sleep(0.1)
        time.sleep(1)
        wrong += site.run.poll() is not None
    return wrong, "of the worker, the web server and PostgreSQL: the site goes on"


def everything_killed(site: Site, options: argparse.Namespace) -> tuple[int, str]:
    """kill -9 of all processes at once, as a power cut without the disk, and a start right away."""
    wrong = 0
    for _ in range(options.rounds):
        site.running()
        with site.writer():
            for pid in site.family:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            site.run.wait()
            took = site.start()
        wrong += site.left(0) + site.lost()
    return wrong, f"{options.rounds} times, serves again {took:.1f} s after the last, {site.acknowledged} rows there"


def killed_while_starting(site: Site, options: argparse.Namespace) -> tuple[int, str]:
    """kill -9 of the launcher at a random moment of a start, the next start finds what it needs."""
    wrong, rng = 0, Random(options.seed)
    for _ in range(options.rounds * 2):
        site.end()
        starting = site.launcher.python(site.code, PORT=str(site.port))
        time.sleep(rng.uniform(0.1, 4))
        site.family = family(starting.pid)
        starting.kill()
        starting.communicate()
        site.start()
        wrong += site.left(0) + site.lost()
    return wrong, f"{options.rounds * 2} kills between 0.1 and 4 s"


def disk_full(site: Site, options: argparse.Namespace) -> tuple[int, str]:
    """State on a disk of 64 MB: one sentence, exit 1, nothing left; with room enough the same state starts."""
    if os.geteuid() != 0:
        return 0, "not tried: only root may mount"
    disk = Path(tempfile.mkdtemp(prefix="sbilling-drill-disk-", dir="/var/tmp"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m,mode=0755", "tmpfs", str(disk)]
    subprocess.run(mount, check=True)
    full = Site(disk, site.code)
    try:
        done = full.launcher.python(full.code, PORT=str(full.port))
        out, err = done.communicate(timeout=READY_SECONDS)
        told = [line for line in err.splitlines() if "disk is full" in line]
        wrong = (done.returncode != 1) + (not told) + len(full.launcher.pids())
        if wrong:
            print(f"     exit {done.returncode}\n{out}{err}")
        subprocess.run(["mount", "-o", "remount,size=1g", str(disk)], check=True)
        took = full.start()
        return wrong, f"«{told[-1] if told else ''}», with more room READY in {took:.1f} s"
    finally:
        full.end()
        subprocess.run(["umount", "--lazy", str(disk)], check=False)
        disk.rmdir()


def network_gone(site: Site, options: argparse.Namespace) -> tuple[int, str]:
    """A fresh checkout without network, then killed half-way: no .venv that looks whole."""
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="sbilling-drill-checkout-") as name:
        checkout = Path(name)
        for part in ("run", "requirements", *(path.name for path in ROOT.glob("requirements*.txt"))):
            found = ROOT / part
            shutil.copytree(found, checkout / part) if found.is_dir() else shutil.copy2(found, checkout / part)
        nowhere = {
            key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "UV_"))
        } | {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:1/", "UV_INDEX_URL": "http://127.0.0.1:1/"}  # fmt: skip
        done = subprocess.run(
            [sys.executable, checkout / "run"], env=nowhere, capture_output=True, text=True, timeout=120, check=False
        )
        said = "Nothing half-made is left" in done.stderr
        wrong += (done.returncode != 1) + (not said) + (checkout / ".venv").exists()
        for moment in (0.3, 1.5):
            half = subprocess.Popen([sys.executable, checkout / "run"], env=nowhere, stderr=subprocess.PIPE)
            time.sleep(moment)
            for pid in family(half.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            half.communicate()
            whole = list((checkout / ".venv").glob(".installed-*"))
            wrong += len(whole) + ((checkout / ".venv").exists() and not (checkout / ".venv" / ".unfinished").exists())
    return wrong, "one sentence, no .venv; killed half-way it is marked unfinished"


def leftovers(site: Site, options: argparse.Namespace) -> tuple[int, str]:
    """Control: without the death signal and without waiting, a killed launcher leaves its children."""
    site.start()
    site.family = family(site.run.pid)
    site.run.kill()
    site.run.wait()
    left = site.left(5)
    return left, f"{left} processes left behind"


TRIALS = (
    ctrl_c, launcher_killed, launcher_killed_and_started_at_once, part_killed, child_killed, everything_killed,
    killed_while_starting, disk_full, network_gone,
)  # fmt: skip
CONTROLS = (leftovers,)

if __name__ == "__main__":
    sys.exit(main())
