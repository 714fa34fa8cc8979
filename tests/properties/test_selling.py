"""Any history of sales keeps the invariants of billing 3.13; the long form is `./run chaos time`."""

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from .catalogue import open_floor
from .selling import Selling

pytestmark = pytest.mark.django_db

FEW = settings(max_examples=5, stateful_step_count=20, deadline=None, derandomize=True, phases=[Phase.generate])


def test_any_history_of_sales_keeps_the_invariants(manager, head, operator):
    Selling.market, Selling.told = open_floor(manager, head, operator), type(Selling.told)()
    run_state_machine_as_test(Selling, settings=FEW)
    assert min(Selling.told[step] for step in ("choose", "issue", "pay", "ship", "activate", "change")) > 0, (
        Selling.told
    )
