"""The bar of design/performance.md 14, as far as this suite measures it: ratios within one run, and buffer counts."""

from __future__ import annotations

from collections.abc import Iterator

BUFFERS, QUERIES = 500, 6


def ratios(pages: dict[str, dict], pairs: dict[str, str]) -> dict[str, float]:
    """{page: its baseline / itself}, how many times quicker, for pages with a baseline."""
    found = {}
    for name, against in pairs.items():
        page, other = pages.get(name, {}), pages.get(against, {})
        if page.get("median_ms") and other.get("median_ms"):
            found[name] = round(other["median_ms"] / page["median_ms"], 2)
    return found


def goals(pages: dict[str, dict], nights: dict) -> list[dict]:
    """[{"goal", "limit", "seen", "met"}]; what a run could not measure is left out."""
    return [
        {"goal": goal, "limit": limit, "seen": seen, "met": seen <= limit}
        for goal, limit, seen in _seen(pages, nights)
        if seen is not None
    ]


def _seen(pages: dict[str, dict], nights: dict) -> Iterator[tuple[str, float, float | None]]:
    def ratio(one: str, other: str, what: str) -> float | None:
        top, bottom = pages.get(one, {}).get(what), pages.get(other, {}).get(what)
        return round(top / bottom, 3) if top and bottom else None

    yield "page 10 000 / page 1, SQL", 1.5, ratio("Вся страна, страница 10 000", "Вся страна, страница 1", "sql_ms")
    yield "page 10 000 / page 1, blocks", 1.5, ratio("Вся страна, страница 10 000", "Вся страна, страница 1", "buffers")
    lists = [page for page in pages.values() if page.get("is_list") and page.get("buffers")]
    lists = [page for page in lists if not page["name"].startswith("По стране: название")]
    if lists:
        widest = max(lists, key=lambda page: page["buffers"])
        yield f"blocks of a list page with all its counts, the most: {widest['name']}", BUFFERS, widest["buffers"]
        most = max(lists, key=lambda page: page["queries"])
        yield f"queries of a list page, the most: {most['name']}", QUERIES, most["queries"]
    frame = pages.get("Главная", {}).get("buffers", 0)  # session, employee, rights
    for name in ("Поиск: ИНН", "Поиск: телефон", "Поиск: номер аккаунта"):
        if blocks := pages.get(name, {}).get("buffers"):
            yield f"{name}, blocks beside those of session and rights", 20, max(blocks - frame, 0)
    yield "search, rare word / ИНН, SQL", 40, ratio("Поиск: редкое слово", "Поиск: ИНН", "sql_ms")
    yield "search, common word / ИНН, SQL", 100, ratio("Поиск: частое слово", "Поиск: ИНН", "sql_ms")
    yield "«Распределение» / GROUP BY, SQL", 0.1, ratio("Распределение, вся страна", "typical: distribution", "sql_ms")
    yield (
        "list page / bare floor, CPU of the web process",
        3,
        ratio("Новые с телефоном, без партнера, мой регион", "floor: new", "cpu_ms"),
    )
    floor, steady = nights.get("one read-only pass", {}).get("seconds"), nights.get("next night", {})
    if floor and steady:
        whole = steady.get("seconds_of_all", steady["seconds"])
        yield "nightly sweep / one read-only pass", 4, round(whole / floor, 2)
        yield "longest transaction of the nightly sweep, s", 0.5, steady["longest_chunk_seconds"]
