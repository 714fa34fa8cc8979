"""`@pytest.mark.rows("R2.15")`: which rows of the manual a test shows. An id that is in no chapter is an error."""

import re
from pathlib import Path

import pytest

ROWS = Path(__file__).resolve().parent.parent.parent / "docs" / "requirements-rows.txt"


def chapters() -> dict[str, list[str]]:
    """Title of the chapter → ids of its rows, in the manual's order."""
    found: dict[str, list[str]] = {}
    for line in ROWS.read_text().splitlines()[1:]:
        if line.startswith("# "):
            found[line.removeprefix("# ")] = rows = []
        elif line:
            rows.append(line)
    return found


def rows_of(item: pytest.Item) -> set[str]:
    return {row for mark in item.iter_markers("rows") for row in mark.args}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    known = {row for rows in chapters().values() for row in rows}
    wrong = {f"{item.nodeid}: {row}" for item in items for row in rows_of(item) - known}
    if wrong:
        listed = "\n".join(sorted(re.sub(r"\[.*\]", "", text) for text in wrong))
        raise pytest.UsageError(f"marks name rows that {ROWS.name} does not have:\n{listed}")
