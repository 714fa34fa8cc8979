"""`./run rows` and the mark it counts."""

import types

import pytest

from dev.rows import _ranges
from tests.plugins import manual_rows


def test_387_rows_in_seven_chapters():
    chapters = manual_rows.chapters()
    assert [len(rows) for rows in chapters.values()] == [20, 32, 158, 42, 64, 62, 9]
    assert len({row for rows in chapters.values() for row in rows}) == 387


def item(*rows: str):
    return types.SimpleNamespace(
        nodeid="tests/a.py::b[1]", iter_markers=lambda name: [types.SimpleNamespace(args=rows)] if rows else []
    )


def test_known_rows_pass():
    manual_rows.pytest_collection_modifyitems([item("R2.15", "RX.9"), item()])


def test_unknown_row_is_an_error():
    with pytest.raises(pytest.UsageError, match=r"tests/a.py::b: R2\.159"):
        manual_rows.pytest_collection_modifyitems([item("R2.158", "R2.159")])


def test_neighbours_are_joined():
    assert _ranges(["R2.1", "R2.2", "R2.3", "R2.7"]) == "R2.1-R2.3 R2.7"
    assert _ranges([]) == "none"
