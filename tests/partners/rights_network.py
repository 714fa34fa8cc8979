"""The network as a machine: people are hired, given rights, moved, blocked and let in again in any order (A2, T2).

What a step may do is judged here by what everybody reaches before and after it, not by `partners.rules`: whatever
anybody gained, whoever did the step had it himself. `tests/partners/test_rights_machine.py` runs it a hundred times,
`./run chaos authz` two thousand.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core import clock
from core.errors import DomainError
from partners.models import Employee, Grant, Role, RoleAssignment, RoleRight, SalesPoint, SessionLink
from partners.rights import LENT, Right, Scope
from partners.services.access import grant, role_change
from partners.services.blocking import employee_block, employee_unblock
from partners.services.people import employee_hire, employee_move
from tests.factories import DirectoryPersonFactory, SalesPointFactory, employee

RIGHTS = (Right.EMPLOYEE_GRANT, Right.EMPLOYEE_BLOCK, Right.EXPORT, Right.CLIENT_VIEW, Right.PRICE_CHANGE)
ROLES = ("employee", "manager", "head", "operator")
WIDTH = {scope.value: number for number, scope in enumerate(Scope)}
PEOPLE = 8  # six who work here at the start, two who are hired on the way
who = st.integers(0, PEOPLE - 1)
rights, scopes = st.sampled_from(RIGHTS), st.sampled_from(list(Scope))

Reach = dict[str, tuple[int, frozenset[int]]]
"""{right: (width of the scope, the sales points it reaches)}"""


class Team:
    """Three sales points, two of one region, and the people the runs begin with. Made once; every run rolls back."""

    def __init__(self) -> None:
        self.points = [
            SalesPointFactory(code=code, name=f"Офис {code}", serves=(region,))
            for code, region in (("7699", "39"), ("7700", "39"), ("2500", "25"))
        ]
        here, near, far = self.points
        crew = (("operator", here), ("operator", far), ("head", here), ("manager", here), ("head", near), (None, far))
        self.people = [employee(role, point=point, external_id=f"net-{n}").pk for n, (role, point) in enumerate(crew)]
        self.strangers = [DirectoryPersonFactory(external_id=f"new-{n}").external_id for n in range(2)]
        self.regional = {
            point.pk: frozenset(SalesPoint.objects.filter(regions__in=point.regions.all()).values_list("pk", flat=True))
            for point in self.points
        }
        self.everywhere = frozenset(SalesPoint.objects.values_list("pk", flat=True))

    def reach(self) -> dict[int, Reach]:
        """What every employee reaches now; nothing while he is blocked."""
        found: dict[int, Reach] = {}
        people = {e.pk: e for e in Employee.objects.all()}
        live = {"revoked_at": None, "employee__access": Employee.Access.ALLOWED}
        held = list(Grant.objects.filter(**live).values_list("employee", "right", "scope"))
        of_roles = RoleRight.objects.values_list("role", "right", "scope")
        for person, role in RoleAssignment.objects.filter(**live).values_list("employee", "role"):
            held += [(person, right, scope) for of, right, scope in of_roles if of == role]
        for person, right, scope in held:
            reach = found.setdefault(person, {})
            width, points = reach.get(right, (-1, frozenset()))
            reach[right] = (max(width, WIDTH[scope]), points | self._points(scope, people[person].salespoint_id))
        return found

    def _points(self, scope: str, own: int) -> frozenset[int]:
        if scope == Scope.ALL:
            return self.everywhere
        return self.regional[own] | {own} if scope == Scope.REGION else frozenset({own})


def gained(before: Reach, after: Reach) -> Reach:
    """Rights that reach further than they did."""
    nothing = (-1, frozenset())
    return {
        right: (width, points)
        for right, (width, points) in after.items()
        if width > before.get(right, nothing)[0] or not points <= before.get(right, nothing)[1]
    }


def authority(reach: Reach, everywhere: frozenset[int]) -> Reach:
    """One's own reach, and what whoever staffs the whole network may lend (T1, internal messages)."""
    if reach.get(Right.EMPLOYEE_GRANT, (0, ()))[0] == WIDTH[Scope.ALL]:
        return reach | {str(right): (WIDTH[Scope.ALL], everywhere) for right in LENT}
    return reach


class Network(RuleBasedStateMachine):
    """Refusals are fine; what goes through must be right. Subclasses give `team`."""

    team: Team

    def __init__(self) -> None:
        super().__init__()
        self.people = list(self.team.people)
        self.now = self.team.reach()

    def person(self, number: int) -> Employee | None:
        return Employee.objects.get(pk=self.people[number]) if number < len(self.people) else None

    def step(self, by: int, do, **kwargs):
        """One step of somebody; whatever anybody gained by it, he had himself, and he gained nothing."""
        actor = self.person(by)
        if actor is None or ("employee_id" in kwargs and kwargs["employee_id"] is None):
            return None
        before = self.now
        try:
            done = do(by=actor, **kwargs)
        except (DomainError, Employee.DoesNotExist, SalesPoint.DoesNotExist):
            return None
        self.now = self.team.reach()
        own = authority(before.get(actor.pk, {}), self.team.everywhere)
        for pk, reach in self.now.items():
            more = gained(before.get(pk, {}), reach)
            assert not (more and pk == actor.pk), f"{actor} gave himself {more}"
            assert not gained(own, more), f"{actor} gave {pk} more than he has: {gained(own, more)}"
        return done

    def target(self, number: int) -> int | None:
        return self.people[number] if number < len(self.people) else None

    @rule(by=who, whom=who, right=rights, scope=scopes)
    def give(self, by, whom, right, scope):
        self.step(by, grant, employee_id=self.target(whom), give={right: scope})

    @rule(by=who, whom=who, right=rights)
    def take(self, by, whom, right):
        self.step(by, grant, employee_id=self.target(whom), take=[right])

    @rule(by=who, whom=who, role=st.sampled_from(ROLES), on=st.booleans())
    def change_role(self, by, whom, role, on):
        self.step(by, grant, employee_id=self.target(whom), **{"assign" if on else "unassign": [role]})

    @rule(by=who, whom=who, signs_in=st.booleans())
    def block(self, by, whom, signs_in):
        person, now = self.person(whom), clock.now()
        if person and person.is_active and signs_in:
            SessionLink.objects.create(
                employee=person,
                session_key=f"{person.pk}-{SessionLink.objects.count()}",
                started_at=now,
                last_seen_at=now,
            )
        self.step(by, employee_block, employee_id=self.target(whom))

    @rule(by=who, whom=who)
    def unblock(self, by, whom):
        self.step(by, employee_unblock, employee_id=self.target(whom))

    @rule(by=who, whom=who, to=st.integers(0, 2))
    def move(self, by, whom, to):
        self.step(by, employee_move, employee_id=self.target(whom), salespoint_id=self.team.points[to].pk)

    @rule(by=who, new=st.integers(0, 1), to=st.integers(0, 2))
    def hire(self, by, new, to):
        hired = self.step(
            by, employee_hire, salespoint_id=self.team.points[to].pk, external_id=self.team.strangers[new]
        )
        if hired and hired.pk not in self.people:
            self.people.append(hired.pk)

    @rule(by=who, code=st.sampled_from(ROLES), right=rights, scope=st.one_of(st.none(), scopes))
    def edit_role(self, by, code, right, scope):
        role = Role.objects.get(code=code)
        held = dict(RoleRight.objects.filter(role=role).values_list("right", "scope")) | {str(right): scope}
        self.step(by, role_change, role_id=role.pk, rights={r: s for r, s in held.items() if s})

    @invariant()
    def an_operator_works(self):
        held = RoleAssignment.objects.filter(role__code="operator", revoked_at=None, employee__access="allowed")
        assert held.exists(), "nobody is operator any more"

    @invariant()
    def the_blocked_are_out(self):
        gone = Employee.objects.filter(access="forbidden").values_list("pk", flat=True)
        assert not SessionLink.objects.filter(employee__in=gone).exists(), "a session outlived the block"
