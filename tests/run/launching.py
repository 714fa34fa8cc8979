"""`./run` in a place of its own: state in a folder of the caller, no servers of the environment."""

import os
import subprocess
import sys
import time
from pathlib import Path

from dev.processes import start_mark

ROOT = Path(__file__).resolve().parent.parent.parent
MAIN = "import sys; from dev.commands import main; sys.exit(main(sys.argv[1:]))"


class Launcher:
    """Starts `./run …`, or code that uses the launcher's modules, under the Python that runs the tests."""

    def __init__(self, state: Path) -> None:
        ours = {"DATABASE_URL", "REDIS_URL", "PORT"}
        self.env = {name: value for name, value in os.environ.items() if name not in ours}
        self.env |= {"SBILLING_STATE": str(state), "PYTHONPATH": str(ROOT)}
        self.state, self.started = state, []

    def start(self, *args: str, **more: str) -> subprocess.Popen:
        return self.python(MAIN, *args, **more)

    def python(self, code: str, *args: str, **more: str) -> subprocess.Popen:
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", code, *args]
        child = subprocess.Popen(
            command, cwd=ROOT, env=self.env | more, stdin=pipe, stdout=pipe, stderr=pipe, text=True
        )
        self.started.append(child)
        return child

    def done(self, *args: str, **more: str) -> subprocess.CompletedProcess:
        child = self.start(*args, **more)
        out, err = child.communicate(timeout=60)
        return subprocess.CompletedProcess(args, child.returncode, out, err)

    def pids(self) -> list[int]:
        """Every living process that has our state in its environment, the launcher itself included."""
        mark = f"SBILLING_STATE={self.env['SBILLING_STATE']}".encode()
        return [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and mark in _environment(p)]

    def wait_until_gone(self, seconds: float = 10) -> None:
        ends = time.monotonic() + seconds
        while self.pids():
            assert time.monotonic() < ends, f"still running: {self.pids()}"
            time.sleep(0.05)


def _environment(process: Path) -> bytes:
    try:
        is_zombie = (process / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
        return b"" if is_zombie else (process / "environ").read_bytes()
    except OSError:
        return b""


def family(pid: int) -> dict[int, str]:
    """The process and all its descendants: {pid: start mark}."""
    parents = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                parents[int(path.name)] = int((path / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return {one: mark for one in found if (mark := start_mark(one))}


def living(marks: dict[int, str]) -> list[int]:
    """Those of a family that are still there."""
    return [pid for pid, mark in marks.items() if start_mark(pid) == mark]
