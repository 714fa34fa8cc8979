"""Generated facts for the tests of rules, and how many of them (SBILLING_EXAMPLES multiplies)."""

import csv
import os
from datetime import date
from decimal import Decimal
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st

DATA = Path(__file__).parent / "data"
FACTOR = int(os.environ.get("SBILLING_EXAMPLES", "1"))

money = st.integers(0, 100_000_000).map(lambda units: Decimal(units).scaleb(-2))
days = st.dates(date(2019, 1, 1), date(2028, 12, 31))


def many(examples: int) -> settings:
    """`examples` in the suite, more in the long form."""
    return settings(max_examples=examples * FACTOR, deadline=None)


def rows(name: str) -> list[dict[str, str]]:
    """A golden table of tests/rules/data."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
