"""`./run check`: everything that reads the code instead of running it. Needs no database."""

import hashlib
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from .places import ROOT
from .services import program_environment

Step = Callable[[], tuple[bool, str]]


def check() -> int:
    """Every step, also after one that fails; 1 if any did."""
    failed = []
    for name, step in STEPS.items():
        began = time.perf_counter()
        passed, told = step()
        print(f"{'ok    ' if passed else 'FAILED'} {name} ({time.perf_counter() - began:.1f} s)", flush=True)
        if not passed:
            print(told.strip(), flush=True)
            failed.append(name)
    print(f"check failed: {', '.join(failed)}" if failed else "check passed")
    return 1 if failed else 0


def _program(*command: str, env: dict[str, str] | None = None) -> tuple[bool, str]:
    done = subprocess.run(
        command, cwd=ROOT, env=env or program_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.returncode == 0, done.stdout


def _tool(name: str, *args: str) -> Step:
    """A program of the environment's bin folder; `python -m` where its scripts would break in a moved checkout."""
    return lambda: _program(sys.executable, "-m", name, *args)


def _import_rules() -> tuple[bool, str]:
    """import-linter has no `python -m`."""
    return _program(
        sys.executable, "-c", "from importlinter.cli import lint_imports_command as main; main()", "--no-cache"
    )


def _migrations() -> tuple[bool, str]:
    """Nowhere to connect to: a database has no say in whether the migrations are complete."""
    env = program_environment() | {"DATABASE_URL": "postgres://sbilling@127.0.0.1:1/none", "PYTHONWARNINGS": "ignore"}
    return _program(sys.executable, "manage.py", "makemigrations", "--check", "--dry-run", env=env)


def _production_settings() -> tuple[bool, str]:
    """As a production installation sets them: no demo, HTTPS, a key of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SBILLING_")}
    env = kept | {
        "DJANGO_SETTINGS_MODULE": "sbilling.settings",
        "PYTHONUTF8": "1",
        "SBILLING_HTTPS": "1",
        "SBILLING_SECRET_KEY": secrets.token_urlsafe(64),
        "SBILLING_HOSTS": "sbilling.example",
        "SBILLING_ORIGINS": "https://sbilling.example",
    }
    return _program(sys.executable, "manage.py", "check", "--deploy", "--fail-level=WARNING", env=env)


def _templates() -> tuple[bool, str]:
    folders = [
        str(p.relative_to(ROOT)) for p in (ROOT / "templates", *ROOT.glob("*/templates")) if any(p.rglob("*.html"))
    ]
    return _program(sys.executable, "-m", "djlint", *folders, "--lint", "--quiet") if folders else (True, "")


def _vendored_files() -> tuple[bool, str]:
    return vendored(ROOT / "static" / "vendor")


def vendored(folder: Path) -> tuple[bool, str]:
    """What was copied from elsewhere is what VENDOR.lock says (path → sha256, licence), and nothing lies beside it."""
    named = json.loads((folder / "VENDOR.lock").read_text())
    beside = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - named.keys()
    wrong = [
        f"{name}: not in VENDOR.lock" for name in sorted(beside) if Path(name).name not in {"VENDOR.lock", "LICENSE"}
    ]
    for name, told in sorted(named.items()):
        path = folder / name
        if not path.is_file():
            wrong.append(f"{name}: in VENDOR.lock, but not there")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != told["sha256"]:
            wrong.append(f"{name}: differs from VENDOR.lock")
        elif not told.get("licence"):
            wrong.append(f"{name}: VENDOR.lock names no licence")
    return not wrong, "\n".join(wrong)


STEPS: dict[str, Step] = {
    "ruff check": _tool("ruff", "check", "--no-cache", "."),
    "ruff format": _tool("ruff", "format", "--no-cache", "--check", "."),
    "import rules": _import_rules,
    "migrations are complete": _migrations,
    "production settings": _production_settings,
    "templates": _templates,
    "vendored files": _vendored_files,
}
