"""Child processes that end when the launcher ends, whichever way it ends."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from .places import LOGS, ROOT

_PR_SET_PDEATHSIG = 1


def _die_with_parent(signum: int):
    """What the child runs before exec: the kernel sends it the signal when the launcher dies, by kill -9 too."""
    if not sys.platform.startswith("linux"):
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def before_exec() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signum, 0, 0, 0)
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return before_exec


class Process:
    """A child in a session of its own (the terminal's Ctrl-C reaches the launcher alone, which stops it in order).

    `log=False` lets it write to the launcher's own output; `on_death` is sent by the kernel when the launcher dies.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
        stop_signal: int = signal.SIGTERM,
        on_death: int | None = None,
        grace: float = 10,
        user: pwd.struct_passwd | None = None,
        log: bool = True,
    ) -> None:
        self.name, self.stop_signal, self.grace = name, stop_signal, grace
        self.log = LOGS / f"{name}.log" if log else None
        with contextlib.ExitStack() as files:
            out = files.enter_context(self.log.open("wb")) if self.log else None
            self.popen = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT if out else None,
                cwd=cwd,
                env=env,
                start_new_session=True,
                preexec_fn=_die_with_parent(on_death or stop_signal),
                **as_user(user),
            )
        self.pid = self.popen.pid

    @property
    def is_alive(self) -> bool:
        return self.popen.poll() is None

    @property
    def ended_how(self) -> str:
        code = self.popen.returncode
        if code is None:
            return "is running"
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"

    def tail(self, lines: int = 15) -> str:
        if not self.log:
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def ask_to_stop(self) -> None:
        if self.is_alive:
            self.popen.send_signal(self.stop_signal)

    def stop(self) -> None:
        """Ask, wait for the grace time, then kill what is left of its session."""
        self.ask_to_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(self.grace)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait(5)


def as_user(user: pwd.struct_passwd | None) -> dict:
    """Arguments of subprocess that start a program as another user; none for our own."""
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def stop_together(processes: Iterable[Process]) -> None:
    """Ask all at once, so that the slowest alone sets the time."""
    processes = list(processes)
    for process in processes:
        process.ask_to_stop()
    for process in processes:
        process.stop()


def start_mark(pid: int) -> str | None:
    """When the process started, as a text that differs for a later process of the same number; None if it is gone."""
    if sys.platform.startswith("linux"):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            return None
        return None if fields[0] == "Z" else fields[19]
    found = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True)
    return found.stdout.strip() or None


def outlive(marks: Mapping[str, str], seconds: float) -> None:
    """Wait until the processes {pid: start mark} of a killed launcher are gone, then kill their sessions."""
    left = {int(pid): mark for pid, mark in marks.items()}
    ends = time.monotonic() + seconds
    while left := {pid: mark for pid, mark in left.items() if start_mark(pid) == mark}:
        if time.monotonic() > ends:
            for pid in left:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)
            ends += 5
        time.sleep(0.05)
