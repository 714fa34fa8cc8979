"""How fast registers go in, against the bare parse of the same file in the same run.

    python -m bench.import_rate [--records 10000] [--rounds 5] [--json FILE]

For every register: `bare` is lxml's iterparse alone, `read` our reader alone, `new` a load into an empty directory,
`again` the same records in another file, which writes nothing. The figure is bare / new, the goal 0.6 (issue: the
register importer), and below 200 MB. Rounds are interleaved, ratios are taken within a round, medians are told; `quiet` compares the shortest times, which is what a
machine without other work would show.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median

from tests.chaos.scratch import ROOT, run_inside

GOAL, MEMORY_GOAL = 0.6, 200
TAGS = {"egrul": "СвЮЛ", "egrip": "СвИП", "msp": "Документ"}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench.import_rate", description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", help="write the figures here too")
    parser.add_argument("--peak", help=argparse.SUPPRESS)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if not options.inside:
        return run_inside("bench.import_rate", sys.argv[1:] if arguments is None else arguments)
    import django

    django.setup()
    if options.peak:
        return peak(options.peak)
    return measure(options)


def measure(options: argparse.Namespace) -> int:
    figures = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for source in TAGS:
            path = write(folder / f"{source}.xml", source, options.records)
            rounds = [one_round(path, source) for _ in range(options.rounds)]
            figures[source] = summary(path, source, options.records, rounds)
            print(line(source, figures[source]), flush=True)
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=2))
    met = all(
        f["quiet bare / new"] >= GOAL and f["peak MB"] <= MEMORY_GOAL and f["written again"] == 0
        for f in figures.values()
    )
    return 0 if met else 1


def one_round(path: Path, source: str) -> dict[str, float]:
    """Seconds of each way through the file, one behind the other, so that a busy machine is busy for all."""
    from clients.importers.reader import RegistryFile
    from clients.importers.run import import_paths
    from tests.importers.directory import empty, row_versions

    empty()
    seconds = {
        "bare": timed(lambda: bare(path, TAGS[source])),
        "read": timed(lambda: sum(1 for _ in RegistryFile(path))),
    }
    seconds["new"] = timed(lambda: import_paths([path]))
    before = row_versions()
    other = path.with_suffix(".again.xml")
    other.write_bytes(path.read_bytes() + b"<!-- another content, the same records -->")
    seconds["again"] = timed(lambda: import_paths([other]))
    seconds["written"] = float(row_versions() != before)
    return seconds


def bare(path: Path, tag: str) -> int:
    """What a parser alone needs: every record built and dropped."""
    from lxml import etree

    count = 0
    for _event, element in etree.iterparse(str(path), events=("end",), tag=tag):
        count += 1
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return count


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def summary(path: Path, source: str, records: int, rounds: list[dict[str, float]]) -> dict[str, float]:
    from tests.importers.directory import empty

    empty()
    told = subprocess.run(
        [sys.executable, "-m", "bench.import_rate", "--inside", "--peak", str(path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    ).stdout.split()
    micro = {
        name: round(median(r[name] for r in rounds) / records * 1e6, 1) for name in ("bare", "read", "new", "again")
    }
    return {
        "records": records,
        "MB": round(path.stat().st_size / 2**20, 1),
        **{f"{name} µs": value for name, value in micro.items()},
        "bare / read": round(median(r["bare"] / r["read"] for r in rounds), 2),
        "bare / new": round(median(r["bare"] / r["new"] for r in rounds), 2),
        "quiet bare / new": round(min(r["bare"] for r in rounds) / min(r["new"] for r in rounds), 2),
        "bare / again": round(median(r["bare"] / r["again"] for r in rounds), 2),
        "written again": int(sum(r["written"] for r in rounds)),
        "peak MB": int(told[-1]),
    }


def line(source: str, figures: dict[str, float]) -> str:
    return f"{source:6} " + "  ".join(f"{name} {value}" for name, value in figures.items())


def peak(path: str) -> int:
    """The largest memory of a process that imports one file, Django included, and of the processes beside it."""
    from clients.importers import parallel
    from clients.importers.run import import_paths

    workers = []
    end = parallel.Process.end

    def measured(process: parallel.Process) -> None:
        workers.append(peak_memory(process.child.pid))
        end(process)

    parallel.Process.end = measured
    import_paths([path])
    print(peak_memory() + sum(workers))
    return 0


def peak_memory(pid: int | str = "self") -> int:
    """Megabytes. Not ru_maxrss: a child begins with the peak of the process that started it."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) >> 10


def write(path: Path, source: str, records: int) -> Path:
    from tests.importers import registry_files as files

    if source == "msp":
        rng = Random(3)
        path.write_bytes(files.msp_file(files.subject(rng) for _ in range(records)))
        return path
    return files.write_large(path, source, records)


if __name__ == "__main__":
    sys.exit(main())
