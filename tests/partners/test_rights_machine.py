"""Whatever order people are hired, given rights, blocked and let in again: nobody ever exceeds his grantor."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from core.errors import DomainError
from partners import rules
from partners.models import Employee, Grant, Role, RoleAssignment
from partners.rights import Right, Scope
from partners.selectors import holder_of, role_rights
from partners.services.access import grant
from partners.services.blocking import employee_block, employee_unblock
from tests.factories import SalesPointFactory, employee

RIGHTS = (Right.EMPLOYEE_GRANT, Right.EMPLOYEE_BLOCK, Right.EXPORT, Right.CLIENT_VIEW, Right.PRICE_CHANGE)
ROLES = ("employee", "manager", "head", "operator")
PEOPLE = 5
who = st.integers(0, PEOPLE - 1)


class Network(RuleBasedStateMachine):
    """Five people at two points; refusals are fine, what goes through must be right."""

    @initialize()
    def people(self):
        here, there = SalesPointFactory(code="7699"), SalesPointFactory(code="2500", serves=("25",))
        self.team = [
            employee(role, point=point).pk
            for role, point in (("operator", here), ("head", here), ("manager", here), ("head", there), (None, there))
        ]

    def act(self, step, target, by, **kwargs):
        """Run a service; before it, remember what the giver may hand on."""
        giver = Employee.objects.get(pk=self.team[by])
        receiver = Employee.objects.get(pk=self.team[target])
        before, place = holder_of(giver), holder_of(receiver).place
        last = Grant.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        last_role = RoleAssignment.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        try:
            step(employee_id=receiver.pk, by=giver, **kwargs)
        except DomainError:
            return
        for given in Grant.objects.filter(pk__gt=last):
            assert given.employee_id != giver.pk
            assert not rules.beyond(before, {given.right: Scope(given.scope)}, place)
        for given in RoleAssignment.objects.filter(pk__gt=last_role):
            assert given.employee_id != giver.pk and not rules.beyond(before, role_rights(given.role_id), place)

    @rule(target_=who, by=who, right=st.sampled_from(RIGHTS), scope=st.sampled_from(list(Scope)))
    def give(self, target_, by, right, scope):
        self.act(grant, target_, by, give={right: scope})

    @rule(target_=who, by=who, right=st.sampled_from(RIGHTS))
    def take(self, target_, by, right):
        self.act(grant, target_, by, take=[right])

    @rule(target_=who, by=who, role=st.sampled_from(ROLES), on=st.booleans())
    def change_role(self, target_, by, role, on):
        self.act(grant, target_, by, **{"assign" if on else "unassign": [role]})

    @rule(target_=who, by=who)
    def block(self, target_, by):
        self.act(employee_block, target_, by)

    @rule(target_=who, by=who)
    def unblock(self, target_, by):
        self.act(employee_unblock, target_, by)

    @invariant()
    def an_operator_works(self):
        if hasattr(self, "team"):
            held = RoleAssignment.objects.filter(role__code="operator", revoked_at=None, employee__access="allowed")
            assert held.exists()

    @invariant()
    def the_blocked_hold_nothing(self):
        for person in Employee.objects.filter(access="forbidden"):
            assert not person.rights


@pytest.mark.rows("R1.23")
class TestNetwork(TestCase):
    def test_nobody_exceeds_his_grantor(self):
        from django.db import transaction

        class Rolled(Network):
            """Every run starts from the same empty network."""

            def __init__(self):
                super().__init__()
                self.point = transaction.savepoint()

            def teardown(self):
                transaction.savepoint_rollback(self.point)

        assert Role.objects.filter(code__in=ROLES).count() == len(ROLES)
        run_state_machine_as_test(
            Rolled,
            settings=settings(
                max_examples=30,
                stateful_step_count=8,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
