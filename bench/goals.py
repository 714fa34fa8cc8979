"""The bar of design/performance.md 14, as far as this suite measures it: ratios within one run, and buffer counts."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

BUFFERS, QUERIES, GROWTH = 500, 6, 1.3


def ratios(pages: dict[str, dict], pairs: dict[str, str]) -> dict[str, float]:
    """{page: its baseline / itself}, how many times quicker, for pages with a baseline."""
    found = {}
    for name, against in pairs.items():
        page, other = pages.get(name, {}), pages.get(against, {})
        if page.get("median_ms") and other.get("median_ms"):
            found[name] = round(other["median_ms"] / page["median_ms"], 2)
    return found


def goals(
    pages: dict[str, dict], nights: dict, beside: dict | None = None, smaller: dict[str, dict] | None = None
) -> list[dict]:
    """[{"goal", "limit", "seen", "met"}]; what a run could not measure is left out. `smaller`: pages of a smaller scale."""
    found = [*_seen(pages, nights), *_grown(pages, smaller or {}), *_beside(beside or {})]
    return [
        {"goal": goal, "limit": limit, "seen": seen, "met": seen <= limit}
        for goal, limit, seen in found
        if seen is not None
    ]


def _seen(pages: dict[str, dict], nights: dict) -> Iterator[tuple[str, float, float | None]]:
    def ratio(one: str, other: str, what: str) -> float | None:
        top, bottom = pages.get(one, {}).get(what), pages.get(other, {}).get(what)
        return round(top / bottom, 3) if top and bottom else None

    yield "page 10 000 / page 1, SQL", 1.5, ratio("Вся страна, страница 10 000", "Вся страна, страница 1", "sql_ms")
    yield (
        "page 10 000 / page 1, blocks of rows",
        1.5,
        ratio("Вся страна, страница 10 000", "Вся страна, страница 1", "row_buffers"),
    )
    lists = [page for page in pages.values() if _is_plain(page) and page.get("row_buffers")]
    if lists:
        widest = max(lists, key=lambda page: page["row_buffers"])
        yield f"blocks of a list's rows, the most: {widest['name']}", BUFFERS, widest["row_buffers"]
        yield (
            f"lists of {len(lists)} whose rows touch more than {BUFFERS} blocks",
            0,
            sum(page["row_buffers"] > BUFFERS for page in lists),
        )
        most = max(lists, key=lambda page: page["queries"])
        yield f"queries of a list page, the most: {most['name']}", QUERIES, most["queries"]
    frame = pages.get("Главная", {}).get("buffers", 0)  # session, employee, rights
    for name in ("Поиск: ИНН", "Поиск: телефон", "Поиск: номер аккаунта"):
        if blocks := pages.get(name, {}).get("buffers"):
            yield f"{name}, blocks beside those of session and rights", 20, max(blocks - frame, 0)
    yield "search, rare word / ИНН, SQL", 40, ratio("Поиск: редкое слово", "Поиск: ИНН", "sql_ms")
    yield "search, common word / ИНН, SQL", 100, ratio("Поиск: частое слово", "Поиск: ИНН", "sql_ms")
    for page in pages.values():
        if page.get("is_word"):
            yield f"list with its total, {page['name']} / ИНН, SQL", 100, ratio(page["name"], "Поиск: ИНН", "sql_ms")
    yield "«Распределение» / GROUP BY, SQL", 0.1, ratio("Распределение, вся страна", "typical: distribution", "sql_ms")
    page, bare = pages.get("Новые с телефоном, без партнера, мой регион", {}), pages.get("floor: new", {})
    if page.get("cpu_ms") and bare.get("cpu_ms"):
        whole = (page["cpu_ms"] + page["sql_ms"]) / (bare["cpu_ms"] + bare["sql_ms"])
        yield "list page / bare floor, CPU of the web process and SQL", 3, round(whole, 2)
    floor, steady = nights.get("one read-only pass", {}).get("seconds"), nights.get("next night", {})
    if floor and steady:
        whole = steady.get("seconds_of_all", steady["seconds"])
        yield "nightly sweep / one read-only pass", 4, round(whole / floor, 2)
        yield "longest transaction of the nightly sweep, s", 0.5, steady["longest_chunk_seconds"]


def _is_plain(page: dict) -> bool:
    """A list narrowed by a word has the goal of a search: the word's index grows with the country."""
    return bool(page.get("is_list")) and not page.get("is_word")


def _grown(pages: dict[str, dict], smaller: dict[str, dict]) -> Iterator[tuple[str, float, float | None]]:
    """Blocks of the lists of one owner, who is as large at every scale."""
    found = {
        name: round(page["row_buffers"] / smaller[name]["row_buffers"], 2)
        for name, page in pages.items()
        if _is_plain(page) and page.get("who") == "manager"
        if page.get("row_buffers") and smaller.get(name, {}).get("row_buffers")
    }
    if found:
        most = max(found, key=found.__getitem__)
        yield (
            f"blocks of the rows of an owner's list, this scale / small, the most of {len(found)}: {most}",
            GROWTH,
            found[most],
        )
        yield "the same, the median of these lists", GROWTH, round(median(found.values()), 2)


def _beside(beside: dict) -> Iterator[tuple[str, float, float | None]]:
    for name in ("count", "count of many", "count of everything"):
        if told := beside.get(name):
            if "cube_ms" in told:
                share = round(told["cube_ms"] / told["exact_ms"], 3)
                yield f"{name}: {told['rows']} rows, known by the cube / exact", 0.15, share
            if told["rows"] > 12 * told["cap"]:  # the goal's own sixteen times the cap; see docs/adr/0009
                share = round(told["capped_ms"] / told["exact_ms"], 3)
                yield f"{name}: {told['rows']} rows, capped at {told['cap']} / exact", 0.15, share
    if cube := beside.get("cube"):
        yield "cells of the cube that differ from a recount", 0, cube["cells_that_differ"]
    if told := beside.get("claims"):
        share = round(median(told["with_counters_ms"]) / median(told["without_ms"]), 2)
        yield "bulk claim with live counters / without", 1.3, share
        yield "deadlocks and double claims of it", 0, told["deadlocks"] + told["double"] + told["cells_that_differ"]
