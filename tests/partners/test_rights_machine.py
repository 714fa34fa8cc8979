"""Whatever order people are hired, given rights, moved, blocked and let in again: nobody ever exceeds his grantor."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.extra.django import TestCase
from hypothesis.stateful import run_state_machine_as_test

from core.faults import without_protection
from partners.rights import Scope
from tests.chaos.authz_chaos import rolled_back
from tests.partners.rights_network import RIGHTS, Network, Team

RUNS = settings(
    max_examples=100, stateful_step_count=8, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


class TestNetwork(TestCase):
    @pytest.mark.rows("R1.23")
    def test_nobody_exceeds_his_grantor(self):
        run_state_machine_as_test(rolled_back(Team()), settings=RUNS)

    def test_without_the_ceiling_somebody_does(self):
        """The control: the same step is refused with the check of `grant` and found by the machine without it."""
        network = type("Once", (Network,), {"team": Team()})()
        head, manager = 2, 3
        beyond = [(right, Scope.ALL) for right in RIGHTS if network.now[network.people[head]].get(right, (0,))[0] < 4]
        assert beyond
        for right, scope in beyond:
            network.give(by=head, whom=manager, right=right, scope=scope)
        with without_protection("partners.grant.ceiling"), pytest.raises(AssertionError, match="more than he has"):
            network.give(by=head, whom=manager, right=beyond[0][0], scope=Scope.ALL)
