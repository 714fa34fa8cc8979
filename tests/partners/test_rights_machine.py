"""Whatever order people are hired, given rights, moved, blocked and let in again: nobody ever exceeds his grantor."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.extra.django import TestCase
from hypothesis.stateful import run_state_machine_as_test

from core.faults import without_protection
from tests.chaos.authz_chaos import rolled_back
from tests.partners.rights_network import Team

RUNS = settings(
    max_examples=100, stateful_step_count=8, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


class TestNetwork(TestCase):
    @pytest.mark.rows("R1.23")
    def test_nobody_exceeds_his_grantor(self):
        run_state_machine_as_test(rolled_back(Team()), settings=RUNS)

    def test_without_the_ceiling_somebody_does(self):
        """The control: the machine finds what the check of `grant` keeps out."""
        loose = settings(RUNS, max_examples=300, phases=[Phase.generate])
        with without_protection("partners.grant.ceiling"), pytest.raises(AssertionError, match="more than he has"):
            run_state_machine_as_test(rolled_back(Team()), settings=loose)
