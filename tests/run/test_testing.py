"""`./run test`: which arguments mean the whole suite, and what is said where there is no Chromium (decision 36)."""

import subprocess
import sys
import types
from pathlib import Path

import pytest

from dev import chromium, testing
from tests.plugins.browser import BrowserTests

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize(
    ("args", "whole"),
    [
        ([], True),
        (["-q", "--require-browser", "--durations=5"], True),
        (["tests/core"], False),
        (["-k", "binding"], False),
        (["-kbinding"], False),
        (["--lf"], False),
        (["-m", "browser"], False),
    ],
)
def test_whole_suite(args, whole):
    assert testing.is_whole(args) is whole


def test_as_many_workers_as_cores_unless_the_caller_chose(monkeypatch):
    monkeypatch.setattr(testing.os, "sched_getaffinity", lambda pid: {0, 1}, raising=False)
    assert testing._parallel(["-q"]) == ["--numprocesses=2", "--dist=worksteal"]
    assert testing._parallel(["-n", "0"]) == []
    assert testing._parallel(["tests/core/test_health.py"]) == []
    monkeypatch.setattr(testing.os, "sched_getaffinity", lambda pid: {0}, raising=False)
    assert testing._parallel([]) == []


def pytest_without_chromium(*args: str, **more: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "pytest", "tests/run/test_browser.py", "-p", "no:cacheprovider", *args]
    env = {**testing.program_environment(), "CHROMIUM": "/nonexistent", **more}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=180)


@pytest.mark.parametrize(("args", "code"), [(["-n", "1"], 0), (["--require-browser"], 1)])
def test_without_chromium_browser_tests_are_left_out_and_counted(args, code):
    done = pytest_without_chromium(*args)
    *_, mend, last = done.stdout.splitlines()
    assert mend == f"3 browser tests were not run, there is no Chromium. To mend it: {chromium.mending_command()}"
    assert last.startswith("=")
    assert "1 passed" in last
    assert done.returncode == code


@pytest.mark.parametrize(
    ("status", "is_required", "becomes"),
    [(0, False, 0), (0, True, 1), (5, False, 0), (5, True, 1), (1, False, 1), (2, True, 2)],
)
def test_exit_code_without_chromium(status, is_required, becomes):
    """5 is pytest's word for "nothing was run": here it means that nothing but browser tests was asked for."""
    config = types.SimpleNamespace(getoption=lambda name: is_required)
    tests, session = BrowserTests(config), types.SimpleNamespace(exitstatus=status)
    tests.deselected = 3
    tests.pytest_sessionfinish(session)
    assert session.exitstatus == becomes


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """A machine without Chromium, whose driver would start: in a bare Debian it does not."""
    monkeypatch.setattr(chromium, "_driver_starts", lambda: True)
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "cache"))
    chromium.find.cache_clear()
    yield tmp_path
    chromium.find.cache_clear()


def program(path: Path, code: int = 0) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\nexit {code}\n")
    path.chmod(0o755)
    return str(path)


def test_order_of_the_search(nowhere, monkeypatch):
    assert chromium.find() is None
    cached = program(nowhere / "cache" / "chromium-1234" / "chrome-linux" / "chrome")
    chromium.find.cache_clear()
    assert chromium.find() == cached
    program(nowhere / "chromium", code=127)  # its libraries are missing
    on_path = program(nowhere / "google-chrome")
    chromium.find.cache_clear()
    assert chromium.find() == on_path
    monkeypatch.setenv("CHROMIUM", program(nowhere / "named"))
    chromium.find.cache_clear()
    assert chromium.find() == str(nowhere / "named")


def test_chromium_without_a_driver_is_of_no_use(nowhere, monkeypatch):
    """A bare Debian: apt brings Chromium, but not the library Playwright's node needs."""
    monkeypatch.setenv("CHROMIUM", program(nowhere / "chromium"))
    assert chromium.find()
    chromium.find.cache_clear()
    monkeypatch.setattr(chromium, "_driver_starts", lambda: False)
    assert chromium.find() is None


def test_order_of_the_installation(nowhere, monkeypatch):
    tried = []
    program(nowhere / "apt-get")
    monkeypatch.setattr(chromium, "IS_ROOT", True)
    monkeypatch.setattr(chromium.ctypes.util, "find_library", lambda name: name)
    monkeypatch.setattr(chromium, "_run", lambda command, **more: tried.append(" ".join(command[-2:])))
    assert chromium.find_or_install() is None
    assert tried == ["install chromium", "update -qq", "chromium libatomic1"]


def test_ordinary_user_without_the_libraries_installs_nothing(nowhere, monkeypatch):
    monkeypatch.setattr(chromium, "IS_ROOT", False)
    monkeypatch.setattr(chromium.ctypes.util, "find_library", lambda name: None)
    monkeypatch.setattr(chromium, "_run", lambda command, **more: pytest.fail(f"ran {command}"))
    assert chromium.find_or_install() is None
