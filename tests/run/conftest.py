"""A launcher with places of its own: state in a folder of the test, no servers of the environment."""

import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from tests.run.launching import Launcher


@pytest.fixture
def launcher():
    state = Path(tempfile.mkdtemp(prefix="sbilling-test-", dir="/var/tmp"))  # root's PostgreSQL cannot enter tmp_path
    launcher = Launcher(state)
    yield launcher
    for child in launcher.started:
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
            child.communicate(timeout=30)
    launcher.wait_until_gone()
    sockets = launcher.python("from dev.places import SOCKETS; print(SOCKETS)").communicate()[0].strip()
    shutil.rmtree(sockets, ignore_errors=True)
    # A server that has just lost its launcher may still be removing its own pid file.
    shutil.rmtree(state, ignore_errors=True)
