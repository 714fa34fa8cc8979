"""Vendored assets: what stands in the repository is what was pinned; old browsers can read our style sheet."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from core import icons

ROOT = Path(settings.BASE_DIR)
VENDOR = ROOT / "static" / "vendor"
LOCK = json.loads((VENDOR / "VENDOR.lock").read_text())
PINNED = json.loads((ROOT / "frontend" / "package.json").read_text())


def compressed(path: str) -> int:
    return len(gzip.compress((ROOT / "static" / path).read_bytes(), 9))


def test_files_are_those_of_the_lock():
    for name, entry in LOCK.items():
        data = (VENDOR / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == entry["sha256"], name
        assert entry["licence"] in {"MIT", "0BSD", "Apache-2.0", "OFL-1.1", "MPL-2.0"}, name
        assert b"sourceMappingURL" not in data
    on_disk = {
        str(p.relative_to(VENDOR))
        for p in VENDOR.rglob("*")
        if p.is_file() and p.name not in {"LICENSE", "VENDOR.lock"}
    }
    assert on_disk == {name for name in LOCK if not name.startswith("..")}


def test_versions_are_exact_and_each_has_its_licence():
    versions = PINNED["dependencies"] | PINNED["devDependencies"]
    assert {entry["npm"] for entry in LOCK.values()} == {f"{name}@{version}" for name, version in versions.items()}
    assert all((folder / "LICENSE").stat().st_size > 100 for folder in VENDOR.iterdir() if folder.is_dir())


def test_every_named_icon_is_in_the_sprite():
    named = set()
    for path in [*ROOT.glob("templates/**/*.html"), *ROOT.glob("*/**/*.py")]:
        if ".venv" not in path.parts and "node_modules" not in path.parts:
            source = path.read_text()
            named |= set(re.findall(r'{% icon "([\w-]+)"', source)) | set(re.findall(r'\bicon="([\w-]+)"', source))
    assert named - icons.names() == set()


@pytest.mark.rows("R1.2")
def test_a_page_is_light():
    scripts = [
        "bootstrap-5.3.9/bootstrap.bundle.min.js",
        "htmx-2.0.11/htmx.min.js",
        "tom-select-2.6.2/tom-select.base.min.js",
    ]
    total = sum(
        compressed(f"vendor/{name}") for name in [*scripts, "idiomorph-0.8.0/idiomorph-ext.min.js"]
    ) + compressed("js/sb.js")
    styles = compressed("vendor/bootstrap-5.3.9/bootstrap.min.css") + compressed("css/sb.css")
    assert total <= 66 * 1024, total
    assert styles + compressed("vendor/tom-select-2.6.2/tom-select.bootstrap5.min.css") <= 48 * 1024, styles
    assert (VENDOR / "inter-4.1.1/inter-sb.woff2").stat().st_size <= 30 * 1024


@pytest.mark.rows("R1.3")
def test_our_style_sheet_keeps_to_what_old_browsers_know():
    css = re.sub(r"/\*.*?\*/", "", (ROOT / "static/css/sb.css").read_text(), flags=re.S)
    for modern in ("color-mix(", "light-dark(", "oklch(", "@layer", "@container", "@scope"):
        assert modern not in css, modern
    scripts = (ROOT / "static/js/sb.js").read_text()
    assert "e.key ===" not in scripts.replace("e.key === 'Escape'", ""), (
        "keys by event.code: the Russian layout works too"
    )


@pytest.mark.rows("R2.108")
def test_secondary_columns_go_below_1350_px():
    css = (ROOT / "static/css/sb.css").read_text()
    assert re.search(r"@media \(max-width:1349\.98px\)\{[^@]*\.lo\{ display:none !important; \}", css)
