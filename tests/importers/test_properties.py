"""The directory depends on the records alone, not on how they came (F16, C9). Long forms: `./run chaos import`."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clients.importers.run import import_paths
from tests.importers import scenarios
from tests.importers.directory import content_hash, row_versions

pytestmark = pytest.mark.django_db

SEEDS = st.integers(0, 10**9)
FEW = settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(SEEDS)
@FEW
def test_order_repetition_and_split_do_not_matter(tmp_path_factory, seed):
    rng = Random(seed)
    items = scenarios.history(rng, 5)
    folder = tmp_path_factory.mktemp("order")
    expected = scenarios.plain_result(folder / "plain", items)
    assert scenarios.shuffled_result(folder / "shuffled", items, rng) == expected


@given(SEEDS)
@FEW
def test_a_run_that_is_broken_off_goes_on_to_the_same_end(tmp_path_factory, seed):
    rng = Random(seed)
    items = scenarios.history(rng, 4)
    folder = tmp_path_factory.mktemp("cut")
    expected = scenarios.plain_result(folder / "plain", items)
    result, reports = scenarios.interrupted_result(folder / "cut", items, rng)
    assert result == expected
    assert reports[-1]["read"] == len(items)


@given(SEEDS)
@FEW
def test_the_second_time_nothing_is_written(tmp_path_factory, seed):
    rng = Random(seed)
    items = scenarios.history(rng, 4)
    folder = tmp_path_factory.mktemp("twice")
    scenarios.plain_result(folder / "first", items)
    before, versions = content_hash(), row_versions()
    rng.shuffle(items)
    second = import_paths([scenarios.write(folder / "second", scenarios.members(items, rng))])
    assert (second.new, second.changed, second.ceased) == (0, 0, 0)
    assert second.unchanged == len(items)
    assert (content_hash(), row_versions()) == (before, versions)
