"""Random histories of the registers, and imports of them in any order, repetition, split and interruption.

The short forms run in the suite (`test_properties`), the long ones in `tests/chaos/import_chaos.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from clients.importers.run import import_paths, report
from core import faults
from tests.importers import registry_files as files
from tests.importers.directory import content_hash, empty


@dataclass(frozen=True)
class Item:
    """One record of one register at one moment; `msp` means a document of the small-business register."""

    subject: files.Subject
    msp: bool = False
    with_ogrn: bool = True
    category: str = "1"


def history(rng: Random, subjects: int = 8, *, with_msp: bool = True) -> list[Item]:
    """Versions of some subjects: renamed, ceased, restored, re-registered under one ИНН, with and without small business.

    No two different records have one version: registers do not do that, and «equal is unchanged» would then make the
    first one win, whatever came first.
    """
    items: list[Item] = []
    for _ in range(subjects):
        one = files.subject(rng, history=rng.randrange(1, 4))
        chain = [one]
        if one.kind == "entrepreneur" and rng.random() < 0.5:
            chain.append(
                files.entrepreneur(
                    rng, inn=one.inn, registered=one.registered + timedelta(rng.randrange(1, 900)), history=1
                )
            )
        for start in chain:
            moment = start
            for step in range(rng.randrange(1, 5)):
                items.append(Item(moment))
                change = rng.choice(("name", "end", "back", "plain"))
                moment = {
                    "name": lambda m, n=step: m.later(
                        1, short=f'ООО "ШАГ {n}"' if m.kind == "legal" else "", okved=f"0{n}.1"
                    ),
                    "end": lambda m: m.ended(1),
                    "back": lambda m: m.later(1, ceased=None, states=()),
                    "plain": lambda m: m.later(rng.choice((0, 2)), recorded=m.recorded + timedelta(1)),
                }[change](moment)
        if with_msp and rng.random() < 0.6:
            day = one.as_of - timedelta(rng.randrange(50))
            for month in range(rng.randrange(1, 3)):
                seen = chain[-1].later(0, as_of=day + timedelta(31 * month))
                items.append(Item(seen, msp=True, with_ogrn=rng.random() < 0.5, category=rng.choice("123")))
    return items


def members(items: list[Item], rng: Random) -> list[tuple[str, bytes]]:
    """The items in this order as files: runs of one register, cut at random, some of them in archives."""
    found: list[tuple[str, bytes]] = []
    pending: list[Item] = []

    def source(item: Item) -> str:
        return "msp" if item.msp else item.subject.source

    def close() -> None:
        if pending:
            name, content = f"{len(found):04d}.xml", _file(pending, rng)
            if rng.random() < 0.2:
                name, content = f"{len(found):04d}.zip", files.zipped({f"folder/{name}": content})
            found.append((name, content))
            pending.clear()

    for item in items:
        if pending and (source(pending[0]) != source(item) or rng.random() < 0.15):
            close()
        pending.append(item)
    close()
    return found


def _file(items: list[Item], rng: Random) -> bytes:
    if items[0].msp:
        records = [files.msp_xml(i.subject, with_ogrn=i.with_ogrn, category=i.category) for i in items]
        return files.encoded(files.wrap(records, "msp", version="4.06"), "utf-8")
    return files.file_of(
        [item.subject for item in items], envelope=rng.choice(files.ENVELOPES), version=rng.choice(("4.06", "4.07")),
        encoding=rng.choice(("windows-1251", "utf-8")),
    )  # fmt: skip


def write(folder: Path, found: list[tuple[str, bytes]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return files.write(folder, dict(found))


def plain_result(folder: Path, items: list[Item]) -> str:
    """The directory after every record came alone, in this order."""
    empty()
    import_paths([write(folder, members(items, Random(0)))])
    return content_hash()


def shuffled_result(folder: Path, items: list[Item], rng: Random) -> str:
    """The same records in another order, some twice, cut otherwise, in batches of another size."""
    again = items + [item for item in items if rng.random() < 0.3]
    rng.shuffle(again)
    empty()
    import_paths([write(folder, members(again, rng))], size=rng.choice((1, 2, 3, 7, 100)))
    return content_hash()


def interrupted_result(folder: Path, items: list[Item], rng: Random) -> tuple[str, list[dict[str, int]]]:
    """The same input, broken off at random points and started again until it ends; the reports of all runs."""
    empty()
    path = write(folder, members(items, Random(0)))
    reports = []
    while True:
        stop_at, passes = rng.randrange(1, 12), 0
        point = rng.choice(("import.batch.merged", "import.batch.before_commit", "import.batch.after_commit"))

        def pull_the_plug(stop_at: int = stop_at) -> None:
            nonlocal passes
            passes += 1
            if passes == stop_at:
                raise PowerCutError

        try:
            with faults.at(point, pull_the_plug):
                reports.append(report(import_paths([path], size=rng.choice((1, 2, 5)))))
            return content_hash(), reports
        except PowerCutError:
            continue


class PowerCutError(Exception):
    """The run ends here."""
