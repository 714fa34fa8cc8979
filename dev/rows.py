"""`./run rows`: which rows of the manual the tests show, by chapter, and which they do not yet."""

import contextlib
import io
import os
import sys

from .console import Stop
from .places import ROOT
from .services import program_environment


class Shown:
    """A pytest plugin that gathers the rows named by the collected tests."""

    def __init__(self) -> None:
        self.rows: set[str] = set()

    def pytest_collection_finish(self, session) -> None:
        from tests.plugins.manual_rows import rows_of

        self.rows.update(*(rows_of(item) for item in session.items))


def rows() -> int:
    import pytest

    os.environ.update(program_environment())
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    shown = Shown()
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        code = pytest.main(["--collect-only", "-qq", "-p", "no:cacheprovider", "--no-header"], plugins=[shown])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        print(told.getvalue())
        raise Stop("the tests could not be collected (see above).")
    _print(shown.rows)
    return 0


def _print(shown: set[str]) -> None:
    from tests.plugins.manual_rows import chapters

    every = chapters()
    for title, ids in every.items():
        here = [row for row in ids if row in shown]
        print(f"\n{title}: {len(here)} of {len(ids)}")
        print(f"  shown:   {_ranges(here)}")
        print(f"  not yet: {_ranges([row for row in ids if row not in shown])}")
    print(f"\nshown {len(shown)} of {sum(map(len, every.values()))}")


def _ranges(ids: list[str]) -> str:
    """R2.1-R2.4 R2.7: neighbours joined, for people."""
    runs: list[list[str]] = []
    for row in ids:
        number = int(row.split(".")[1])
        if runs and int(runs[-1][-1].split(".")[1]) == number - 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    return " ".join(run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs) or "none"
