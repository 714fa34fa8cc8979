"""Long tests and those of the browser begin first, so that the workers of `./run test` end together.

Chromium keeps one worker waiting while the other one computes; what is left for the end is short.
"""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After pytest-randomly has shuffled: within the two groups its order stays."""
    items.sort(key=lambda item: not (item.get_closest_marker("long") or item.get_closest_marker("browser")))
