"""Chromium for the browser tests: where it is, and how to get it (decision 36).

Order: $CHROMIUM, PATH, Playwright's cache, `playwright install`, apt when root.
"""

import ctypes.util
import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .console import say
from .places import IS_ROOT

ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Playwright drives it by a node of its own, which a bare Debian has not everything for.
BY_APT = "apt-get install -y chromium libatomic1"
# Playwright's Chromium comes without these; without them its 170 MB would not start.
SYSTEM_LIBRARIES = ("nss3", "nspr4", "atk-1.0", "gbm", "asound")


@functools.cache
def find() -> str | None:
    """A Chromium that starts, without installing anything."""
    return next((path for path in _candidates() if _starts(path)), None) if _driver_starts() else None


def find_or_install() -> str | None:
    """As find(); what is missing is installed, where that can be done without asking anybody."""
    if found := find():
        return found
    if all(ctypes.util.find_library(name) for name in SYSTEM_LIBRARIES):
        say("no Chromium: installing Playwright's")
        _run([sys.executable, "-m", "playwright", "install", "chromium"], seconds=300)
        find.cache_clear()
        if found := find():
            return found
    if IS_ROOT and shutil.which("apt-get"):
        say(f"no Chromium: {BY_APT}")
        env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        _run(["apt-get", "update", "-qq"], seconds=120, env=env)
        _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *BY_APT.split()[3:]], seconds=600, env=env)
        find.cache_clear()
    return find()


def mending_command() -> str:
    """The one command that makes the browser tests run here."""
    if shutil.which("apt-get"):
        return BY_APT if IS_ROOT else f"sudo {BY_APT}"
    return f"{Path(sys.executable).parent / 'playwright'} install --with-deps chromium"


def _candidates() -> list[str]:
    if named := os.environ.get("CHROMIUM"):
        return [named]
    return [*filter(None, map(shutil.which, ON_PATH)), *map(str, _in_playwrights_cache())]


def _in_playwrights_cache() -> list[Path]:
    default = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "ms-playwright"
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or default)
    names = ("chrome-linux*/chrome", "chrome-mac*/*.app/Contents/MacOS/*", "chrome-linux*/headless_shell")
    return [path for name in names for path in sorted(cache.glob(f"chromium*/{name}"), reverse=True)]


def _driver_starts() -> bool:
    """Whether Playwright's own node runs here: without it there is nobody to drive a browser."""
    try:
        from playwright._impl._driver import compute_driver_executable
    except ImportError:
        return False
    return _starts(str(compute_driver_executable()[0]))


def _starts(path: str) -> bool:
    """Whether it is a program whose libraries are there."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _run(command: list[str], seconds: int, env: dict[str, str] | None = None) -> None:
    """Its success shows in whether Chromium is found afterwards; its words go to stderr."""
    try:
        subprocess.run(command, env=env, stdout=sys.stderr, timeout=seconds)
    except (OSError, subprocess.TimeoutExpired) as error:
        say(f"{command[0]}: {error}")
