"""Children of the launcher end with it, also those that do not want to, also by kill -9."""

import os
import signal
import subprocess
import sys
import time

import pytest

from dev import processes
from dev.processes import Process, outlive, start_mark


@pytest.fixture(autouse=True)
def logs(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "LOGS", tmp_path)


def is_gone(pid: int, seconds: float = 5) -> bool:
    ends = time.monotonic() + seconds
    while start_mark(pid) is not None and time.monotonic() < ends:
        time.sleep(0.02)
    return start_mark(pid) is None


DEAF = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def test_deaf_child_and_its_own_children_are_killed():
    process = Process("deaf", [sys.executable, "-c", DEAF], grace=0.2)
    while not process.tail().strip():
        time.sleep(0.02)
    grandchild = int(process.tail())
    process.stop()
    assert process.ended_how == "was killed by SIGKILL"
    assert is_gone(grandchild)


def test_log_and_exit_code_are_told():
    process = Process("short", [sys.executable, "-c", "print('the reason'); raise SystemExit(3)"])
    process.popen.wait(10)
    assert (process.tail(), process.ended_how, process.is_alive) == ("the reason", "ended with code 3", False)


def test_kill_of_the_launcher_ends_its_children(launcher):
    parent = launcher.python(
        "import sys, time\n"
        "from dev.processes import Process\n"
        "from dev.places import make_places\n"
        "make_places()\n"
        "print(Process('sleeper', [sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True)\n"
        "time.sleep(60)"
    )
    sleeper = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    assert is_gone(sleeper)


def test_outlive_kills_what_does_not_end():
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    outlive({str(left.pid): start_mark(left.pid)}, seconds=0.1)
    assert left.wait(5) == -signal.SIGKILL


def test_outlive_leaves_another_process_of_the_same_number():
    outlive({str(os.getpid()): "started at another time"}, seconds=0)
    assert start_mark(os.getpid()) is not None
