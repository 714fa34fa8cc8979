"""Hostile input in bulk (T7, A6): `./run chaos hostile [--count 10000]`.

    python -m tests.chaos.hostile_chaos [--count 10000] [--imports 300] [--registers 3000] [--uploads 150] [--seed 20261123]

Mutated statements are read (all) and imported twice (some) in a scratch database; mutated register files are read;
hostile files are uploaded through the page as a browser would. A result or the typed error, nothing else.
"""

from __future__ import annotations

import argparse
import sys
import time
from io import BytesIO
from random import Random

from tests.chaos import hostile_statements
from tests.chaos.scratch import run_inside


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="chaos hostile", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="mutated statements that are read")
    parser.add_argument("--imports", type=int, default=300, help="mutated statements that are imported twice")
    parser.add_argument("--registers", type=int, default=3_000, help="mutated register files that are read")
    parser.add_argument("--uploads", type=int, default=150, help="hostile files through the upload page")
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.inside:
        return inside(options)
    return run_inside("tests.chaos.hostile_chaos", sys.argv[1:] if arguments is None else arguments)


def inside(options: argparse.Namespace) -> int:
    import django

    django.setup()
    failed = 0
    print(f"seed {options.seed}")
    for trial in (statements, imports, registers, uploads):
        started = time.monotonic()
        wrong, told = trial(options)
        failed += wrong > 0
        verdict = "FAIL" if wrong else "ok  "
        print(f"{verdict} {trial.__name__:12} {told}; wrong {wrong}; {time.monotonic() - started:.0f} s", flush=True)
    return int(failed > 0)


def statements(options: argparse.Namespace) -> tuple[int, str]:
    wrong, told = hostile_statements.read_all(options.count, options.seed)
    return wrong, f"{options.count} statements: {told}"


def imports(options: argparse.Namespace) -> tuple[int, str]:
    wrong, told = hostile_statements.import_all(options.imports, options.seed + 1)
    return wrong, f"{options.imports} statements imported twice: {told}"


def registers(options: argparse.Namespace) -> tuple[int, str]:
    wrong, told = read_registers(options.registers, options.seed)
    return wrong, f"{options.registers} register files: {told}"


def read_registers(count: int, seed: int) -> tuple[int, dict[str, int]]:
    """Mutated register files: records, rejected records, or RegistryFileError."""
    from clients.importers import RegistryFileError, read_records
    from tests.importers.registry_files import file_of, subject

    rng, wrong, told = Random(f"{seed}:registers"), 0, {"records": 0, "refused": 0}
    for _ in range(count):
        data = file_of([subject(rng)], encoding=rng.choice(["windows-1251", "utf-8"]))
        for _ in range(rng.randint(1, 6)):
            data = rng.choice(REGISTER_DAMAGES)(data, rng)
        try:
            told["records"] += sum(1 for _ in read_records(BytesIO(data)))
        except RegistryFileError:
            told["refused"] += 1
        except Exception as error:  # what is looked for
            print(f"FAIL {type(error).__name__}: {error}; {data[:200]!r}")
            wrong += 1
    return wrong, told


def _attribute(data: bytes, rng: Random) -> bytes:
    """Another value for one of the attributes."""
    parts = data.split(b'"')
    if len(parts) < 4:
        return data
    at = rng.randrange(1, len(parts) - 1) | 1
    if at < len(parts):
        value = rng.choice(["", "0", "&lt;", "9" * 400, "2026-13-45", "\t", "&#10;", "тест"])
        parts[at] = value.encode("cp1251")
    return b'"'.join(parts)


def _tag(data: bytes, rng: Random) -> bytes:
    parts = data.split(b">")
    at = rng.randrange(len(parts))
    if rng.random() < 0.5:
        del parts[at]
    else:
        parts.insert(at, parts[rng.randrange(len(parts))])
    return b">".join(parts)


REGISTER_DAMAGES = [
    hostile_statements._bytes, hostile_statements._cut, hostile_statements._recoded, _attribute, _attribute, _attribute, _tag,
]  # fmt: skip


def uploads(options: argparse.Namespace) -> tuple[int, str]:
    from django.conf import settings
    from django.test import override_settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # nothing is collected here
    with override_settings(STORAGES=settings.STORAGES | {"staticfiles": plain}):
        wrong, told = upload_all(options.uploads, options.seed)
    return wrong, f"{options.uploads} uploads: {told}"


def upload_all(count: int, seed: int) -> tuple[int, dict[int, int]]:
    """Names and contents nobody expects, through the page: never a 5xx, and what comes back is escaped."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client as Browser

    from tests import factories as make

    browser = Browser(raise_request_exception=False, SERVER_NAME="127.0.0.1")
    browser.force_login(make.employee("operator"))
    rng, wrong, told = Random(f"{seed}:uploads"), 0, {}
    files = hostile_statements.cases(count, seed + 2)
    for number, data in enumerate(files):
        name = rng.choice(NAMES) if rng.random() < 0.7 else f"kl_{number}.txt"
        content = rng.choice([data, data, data, rng.randbytes(300), b"", b"PK\x03\x04" + data, b"\x1f\x8b" + data])
        answer = browser.post("/payments/statements/add/", {"files": [SimpleUploadedFile(name, content)]})
        told[answer.status_code] = told.get(answer.status_code, 0) + 1
        wrong += answer.status_code >= 500 or b"<script>alert" in answer.content
        if number % 10 == 9:
            page = browser.get("/payments/statements/waiting/")
            wrong += page.status_code != 200 or b"<script>alert" in page.content
    for url in ("/payments/statements/?all=1", "/payments/?all=1"):
        page = browser.get(url)
        wrong += page.status_code != 200 or b"<script>alert" in page.content
    return wrong, told


NAMES = [
    "<script>alert(1)</script>.txt", "../../etc/passwd", "a" * 400 + ".txt", "\u202etxt.exe", "CON", "выписка за год.txt", "a\x00b.txt", "  ",
    "=cmd|' /C calc'!A0.txt", "%s%n.txt", "kl_to_1c.txt",
]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
