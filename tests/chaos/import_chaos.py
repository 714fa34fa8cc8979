"""The long forms of the importer's tests (F16, C9, T7): `./run chaos import [--control]`.

    python -m tests.chaos.import_chaos [--seeds 200] [--kills 100] [--records 20000] [--control]

A scratch database on the server of DATABASE_URL, dropped at the end. With `--control` the protections are off, one by
one, and every fault has to show: a run in which it does not is the failure.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from random import Random

from tests.chaos.scratch import MANAGE, ROOT, run_inside

POINTS = ("import.batch.merged", "import.batch.before_commit", "import.batch.after_commit")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="chaos import", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="random histories, each in two orders and broken off")
    parser.add_argument("--kills", type=int, default=100, help="SIGKILLs of one long import")
    parser.add_argument("--records", type=int, default=20_000, help="records of the long import")
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--control", action="store_true", help="protections off: the faults must show")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.inside:
        return inside(options)
    return run_inside("tests.chaos.import_chaos", sys.argv[1:] if arguments is None else arguments)


def inside(options: argparse.Namespace) -> int:
    import django

    django.setup()
    trials = CONTROLS if options.control else TRIALS
    failed = 0
    print(f"seed {options.seed}, {'protections off' if options.control else 'protections on'}")
    for trial in trials:
        started = time.monotonic()
        wrong, told = trial(options)
        # In a control the fault is what is wanted.
        good = bool(wrong) == options.control
        failed += not good
        print(
            f"{'ok  ' if good else 'FAIL'} {trial.__name__:28} {told}; wrong {wrong}; {time.monotonic() - started:.0f} s",
            flush=True,
        )
    return int(failed > 0)


# --- trials: (number of wrong results, what was done) ------------------------------------------------------------------


def any_order(options: argparse.Namespace) -> tuple[int, str]:
    """Every history in its own order and in another one, repeated and cut otherwise."""
    from django.db import IntegrityError

    from tests.importers import scenarios

    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.seeds):
            rng = Random(f"{options.seed}:order:{seed}")
            items = scenarios.history(rng, 5)
            try:
                expected = scenarios.plain_result(Path(folder, f"{seed}a"), items)
                wrong += scenarios.shuffled_result(Path(folder, f"{seed}b"), items, rng) != expected
            except IntegrityError:
                wrong += 1  # the schema held what the program did not
    return wrong, f"{options.seeds} histories in another order"


def broken_off(options: argparse.Namespace) -> tuple[int, str]:
    """Every history broken off at named points until it ends."""
    from tests.importers import scenarios

    wrong = runs = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.seeds):
            rng = Random(f"{options.seed}:cut:{seed}")
            items = scenarios.history(rng, 4)
            expected = scenarios.plain_result(Path(folder, f"{seed}a"), items)
            result, reports = scenarios.interrupted_result(Path(folder, f"{seed}b"), items, rng)
            wrong += result != expected or reports[-1]["read"] != len(items) or not _adds_up()
            runs += 1
    return wrong, f"{runs} histories broken off"


def killed(options: argparse.Namespace) -> tuple[int, str]:
    """A long import in a process of its own, killed at named points and at random times, until it ends by itself."""
    from tests.importers.directory import content_hash, empty, row_versions

    rng = Random(f"{options.seed}:kill")
    with tempfile.TemporaryDirectory() as name:
        folder = _long_input(Path(name), options.records)
        batch = max(50, options.records // 100)
        empty()
        whole = _import(folder, batch)
        expected = content_hash()
        empty()
        kills = unequal = 0
        while kills < options.kills:
            if _killed_import(folder, batch, rng):
                kills += 1
                continue
            unequal += content_hash() != expected  # it came to its end between two kills: once more
            empty()
        last = _import(folder, batch)
        result, versions = content_hash(), row_versions()
        again = _import(folder, batch)
        wrong = unequal + (result != expected) + (last["read"] != whole["read"]) + (not _adds_up())
        wrong += (row_versions() != versions) + (again["new"] + again["changed"] + again["ceased"] != 0)
    return wrong, f"{options.records} records, {kills} kills"


def cut_connections(options: argparse.Namespace) -> tuple[int, str]:
    """The database ends every connection again and again; the import goes on by itself (F9)."""
    from django.db import connection

    from tests.importers.directory import content_hash, empty

    rng = Random(f"{options.seed}:cut")
    with tempfile.TemporaryDirectory() as name:
        folder = _long_input(Path(name), options.records)
        empty()
        _import(folder, 200)
        expected = content_hash()
        empty()
        done = subprocess.Popen(
            [*MANAGE, "import_registry", str(folder), "--batch", "200", "-v", "0"], stdout=subprocess.PIPE, cwd=ROOT
        )
        cuts = 0
        while done.poll() is None:
            time.sleep(rng.uniform(0.5, 1.5))
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND %s",
                    [cuts < 4],
                )
                cuts += cursor.fetchone()[0]
        wrong = (content_hash() != expected) + (done.returncode != 0)
    return wrong, f"{cuts} connections ended"


def bombs(options: argparse.Namespace) -> tuple[int, str]:
    """A bomb is refused in a second, within 150 MB for the whole process."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "bomb.zip")
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
            archive.open("a.xml", "w") as out,
        ):
            out.write("<Файл>".encode())
            for _ in range(500):
                out.write(b"<a/>" * (1 << 18))
            out.write("</Файл>".encode())
        code = (
            "import sys, time; sys.path.insert(0, '.'); import django; django.setup()\n"
            "from clients.importers.sources import Archive\nfrom clients.importers.reader import read_records\n"
            "from clients.importers.records import RegistryFileError\nfrom pathlib import Path\nfrom bench.import_rate import peak_memory\n"
            f"archive = Archive(Path({str(path)!r})); started = time.monotonic()\n"
            "with archive.opened() as infos:\n    for info in infos:\n        try:\n"
            "            with archive.member(info) as stream: list(read_records(stream))\n"
            "            print('taken')\n        except RegistryFileError: pass\n"
            "print(time.monotonic() - started, peak_memory())"
        )
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True).stdout
        seconds, megabytes = map(float, told.split()[-2:])
    return ("taken" in told) + (seconds > 2) + (megabytes > 150), f"{seconds:.1f} s, {megabytes:.0f} MB"


def without_versions(options: argparse.Namespace) -> tuple[int, str]:
    """Control: every record is taken, the older ones too."""
    from core import faults

    few = argparse.Namespace(**vars(options) | {"seeds": min(options.seeds, 20)})
    with faults.without_protection("import.version"):
        return any_order(few)


def without_checkpoints(options: argparse.Namespace) -> tuple[int, str]:
    """Control: a broken run starts its file again from nothing."""
    from core import faults

    few = argparse.Namespace(**vars(options) | {"seeds": min(options.seeds, 20)})
    with faults.without_protection("import.checkpoint"):
        return broken_off(few)


TRIALS = (cut_connections, bombs, any_order, broken_off, killed)
CONTROLS = (without_versions, without_checkpoints)


# --- parts -------------------------------------------------------------------------------------------------------------


def _adds_up() -> bool:
    """Every finished file was merged once: its counts are its records."""
    from clients.models import ImportFile

    rows = ImportFile.objects.filter(is_archive=False, state="done")
    return all(row.read == row.checkpoint for row in rows) and not ImportFile.objects.filter(state="merging").exists()


def _long_input(folder: Path, records: int) -> Path:
    from tests.importers import registry_files as files

    half = records // 2
    files.write_large(folder / "a.xml", "egrul", half // 2, seed=1, history=2)
    files.write_large(folder / "b.xml", "egrip", half, seed=2, history=2)
    files.write_large(folder / "c.xml", "egrul", records - half - half // 2, seed=3, history=2)
    return folder


def _import(folder: Path, batch: int) -> dict[str, int]:
    done = subprocess.run(
        [*MANAGE, "import_registry", str(folder), "--batch", str(batch), "-v", "0"], stdout=subprocess.PIPE, text=True,
        cwd=ROOT, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def _killed_import(folder: Path, batch: int, rng: Random) -> bool:
    """Start an import that is to die; False when it came to its end before."""
    env = dict(os.environ)
    timed = rng.random() < 0.5
    if not timed:
        env["SBILLING_FAULTS"] = f"{rng.choice(POINTS)}=kill:{rng.randrange(1, 8)}"
    process = subprocess.Popen(
        [*MANAGE, "import_registry", str(folder), "--batch", str(batch), "-v", "0"],
        env=env,
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
    )
    try:
        process.wait(rng.uniform(1, 5) if timed else None)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


if __name__ == "__main__":
    code = main()
    if "--inside" in sys.argv:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"peak memory of this process {peak} MB")
    sys.exit(code)
