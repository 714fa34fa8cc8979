"""`./run check`: files copied from elsewhere."""

import hashlib
import json

import pytest

from dev import check


@pytest.fixture
def vendor(tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "lib.js").write_text("one")
    (tmp_path / "lib" / "LICENSE").write_text("MIT")
    lock = {"lib/lib.js": {"sha256": hashlib.sha256(b"one").hexdigest(), "licence": "MIT"}}
    (tmp_path / "VENDOR.lock").write_text(json.dumps(lock))
    return tmp_path


def test_as_locked(vendor):
    assert check.vendored(vendor) == (True, "")


def test_changed_missing_and_foreign_files(vendor):
    (vendor / "lib" / "lib.js").write_text("two")
    (vendor / "other.js").touch()
    assert check.vendored(vendor) == (False, "other.js: not in VENDOR.lock\nlib/lib.js: differs from VENDOR.lock")
    (vendor / "lib" / "lib.js").unlink()
    (vendor / "other.js").unlink()
    assert check.vendored(vendor) == (False, "lib/lib.js: in VENDOR.lock, but not there")


def test_ours():
    assert check.vendored(check.ROOT / "static" / "vendor") == (True, "")


def test_every_step_runs_and_failures_are_named(monkeypatch, capsys):
    monkeypatch.setattr(check, "STEPS", {"one": lambda: (False, "why\n"), "two": lambda: (True, "")})
    assert check.check() == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("FAILED one")
    assert lines[1] == "why"
    assert lines[2].startswith("ok     two")
    assert lines[3] == "check failed: one"
