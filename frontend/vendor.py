"""Copy the pinned npm files to static/vendor and write VENDOR.lock. Run by a developer, never by ./run.

    cd frontend && npm ci --ignore-scripts && python vendor.py

Only the standard library is needed. `--font` also rebuilds the Inter subset (fonttools and brotli needed).
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = HERE / "node_modules"
OUT = HERE.parent / "static" / "vendor"
TEST_ASSETS = HERE.parent / "tests" / "assets"

# npm package -> (files, licence file)
PACKAGES = {
    "bootstrap": (("dist/css/bootstrap.min.css", "dist/js/bootstrap.bundle.min.js"), "LICENSE"),
    "htmx.org": (("dist/htmx.min.js",), "LICENSE"),
    "idiomorph": (("dist/idiomorph-ext.min.js",), "LICENSE"),
    "tom-select": (("dist/js/tom-select.base.min.js", "dist/css/tom-select.bootstrap5.min.css"), "LICENSE"),
}
SOURCE_MAP = re.compile(rb"\n?/[/*]# sourceMappingURL=[^\n]*?(\*/)?(?=\n|$)")
FONT_UNICODES = (
    "U+0020-007E,U+00A0,U+00A7,U+00AB,U+00AD,U+00B0-00B2,U+00B7,U+00BB,U+00D7,U+0401,U+0410-044F,U+0451,"
    "U+2009,U+2010-2014,U+2018-201E,U+2022,U+2026,U+202F,U+2030,U+20BD,U+2116,"
    "U+2190-2193,U+2212,U+2248,U+2260,U+2264,U+2265,U+2713"
)


def package_json(name: str) -> dict:
    """The installed package's own description: exact version and licence."""
    return json.loads((MODULES / name / "package.json").read_text())


def entry(name: str, data: bytes) -> dict:
    """One line of the lock."""
    about = package_json(name)
    return {
        "npm": f"{name}@{about['version']}",
        "licence": about["license"],
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
    }


def copy_packages(lock: dict) -> None:
    """Scripts and styles, without their source-map lines: the manifest storage fails on a missing map."""
    for name, (files, licence) in PACKAGES.items():
        folder = OUT / f"{name.removesuffix('.org')}-{package_json(name)['version']}"
        folder.mkdir(parents=True)
        for path in files:
            data = SOURCE_MAP.sub(b"", (MODULES / name / path).read_bytes())
            target = folder / Path(path).name
            target.write_bytes(data)
            lock[str(target.relative_to(OUT))] = entry(name, data)
        shutil.copyfile(MODULES / name / licence, folder / "LICENSE")


def build_sprite(lock: dict) -> None:
    """One file with the symbols named in icons.txt; line width and size come from the style sheet."""
    name = "@tabler/icons"
    folder = OUT / f"tabler-icons-{package_json(name)['version']}"
    folder.mkdir(parents=True)
    symbols = []
    for icon in sorted(set((HERE / "icons.txt").read_text().split())):
        svg = (MODULES / name / f"icons/outline/{icon}.svg").read_text()
        body = re.sub(r"\s*\n\s*", "", re.search(r"<svg[^>]*>(.*)</svg>", svg, re.S).group(1))
        symbols.append(
            f'<symbol id="i-{icon}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
            f'stroke-linecap="round" stroke-linejoin="round">{body}</symbol>'
        )
    data = ('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n").encode()
    (folder / "sprite.svg").write_bytes(data)
    lock[f"{folder.name}/sprite.svg"] = entry(name, data)
    shutil.copyfile(MODULES / name / "LICENSE", folder / "LICENSE")


def build_font(lock: dict, kept: bytes | None) -> None:
    """Inter: Latin, Cyrillic, ₽ № and arrows, weights 400–700, tabular figures, in one file."""
    folder = OUT / f"inter-{package_json('inter-ui')['version']}"
    folder.mkdir(parents=True)
    target = folder / "inter-sb.woff2"
    if kept is None:
        from fontTools import subset
        from fontTools.ttLib import TTFont
        from fontTools.varLib import instancer

        font = TTFont(MODULES / "inter-ui/variable/InterVariable.woff2", recalcTimestamp=False)
        options = subset.Options(flavor="woff2", layout_features=["kern", "calt", "tnum", "ccmp", "locl", "mark"])
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=subset.parse_unicodes(FONT_UNICODES.replace("U+", "")))
        subsetter.subset(font)
        font = instancer.instantiateVariableFont(font, {"wght": (400, 700), "opsz": 14})
        font.flavor = "woff2"
        font.save(target)
    else:
        target.write_bytes(kept)
    lock[f"{folder.name}/inter-sb.woff2"] = entry("inter-ui", target.read_bytes())
    shutil.copyfile(MODULES / "inter-ui/LICENSE.txt", folder / "LICENSE")


def copy_test_assets(lock: dict) -> None:
    """The accessibility checker: a test's tool, never served."""
    TEST_ASSETS.mkdir(parents=True, exist_ok=True)
    data = (MODULES / "axe-core/axe.min.js").read_bytes()
    (TEST_ASSETS / "axe.min.js").write_bytes(data)
    shutil.copyfile(MODULES / "axe-core/LICENSE", TEST_ASSETS / "axe.LICENSE")
    lock["../../tests/assets/axe.min.js"] = entry("axe-core", data)


def main() -> None:
    fonts = sorted(OUT.glob("inter-*/inter-sb.woff2"))
    kept = fonts[-1].read_bytes() if fonts and "--font" not in sys.argv else None
    shutil.rmtree(OUT, ignore_errors=True)
    lock: dict = {}
    copy_packages(lock)
    build_sprite(lock)
    build_font(lock, kept)
    copy_test_assets(lock)
    (OUT / "VENDOR.lock").write_text(json.dumps(lock, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
