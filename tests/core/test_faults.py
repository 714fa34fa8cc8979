"""Fault points: they act where a test asks for it, and nowhere else."""

import signal
import subprocess
import sys
import threading

import pytest

from core import faults
from core.faults import without_protection


def test_protected_until_switched_off():
    assert faults.protected("clients.bind.lock")
    with without_protection("clients.bind.lock"):
        assert not faults.protected("clients.bind.lock")
        assert faults.protected("clients.bind.constraint")
    assert faults.protected("clients.bind.lock")


@without_protection("clients.bind.lock")
def test_as_a_decorator_it_keeps_fixtures_and_counts_in_threads(tmp_path):
    seen = []
    thread = threading.Thread(target=lambda: seen.append(faults.protected("clients.bind.lock")))
    thread.start()
    thread.join()
    assert seen == [False]
    assert tmp_path.exists()


def test_action_at_a_point():
    passed = []
    with faults.at("importer.batch", lambda: passed.append(1)):
        faults.hit("importer.batch")
        faults.hit("importer.other")
    faults.hit("importer.batch")
    assert passed == [1]


PROGRAM = "from core import faults\nfor n in range(5):\n    print(n, flush=True)\n    faults.hit('importer.batch')"


def program(**env):
    return subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, env=env)


def test_a_started_program_is_killed_at_the_pass():
    done = program(SBILLING_DEMO="1", SBILLING_FAULTS="importer.batch=kill:3")
    assert (done.returncode, done.stdout.split()) == (-signal.SIGKILL, ["0", "1", "2"])


def test_production_does_not_read_faults():
    done = program(SBILLING_FAULTS="importer.batch=kill:3")
    assert (done.returncode, done.stdout.split()) == (0, ["0", "1", "2", "3", "4"])


def test_misspelt_fault_is_refused():
    with pytest.raises(ValueError, match="neither"):
        faults._read_environment("importer.batch=kil:3")
