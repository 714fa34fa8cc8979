"""Who may give what (R1.22, R1.23, decision 22; A2): the `grant` service, roles, concurrency."""

import pytest

from core import clock
from core.errors import Conflict, DomainError, Forbidden
from core.models import JournalEntry
from partners import rules
from partners.models import Employee, Grant, Role, RoleAssignment
from partners.rights import LENT, NEEDS_SECOND_FACTOR, ROLES, Right, Scope
from partners.selectors import effective_rights
from partners.services.access import grant, role_add, role_change
from partners.services.blocking import employee_block
from tests.factories import DepartmentFactory, employee


def refused(code, **asked):
    with pytest.raises(DomainError) as caught:
        grant(**asked)
    assert caught.value.code == code, caught.value.message
    return caught.value.message


def test_built_in_roles_are_seeded(db):
    seeded = {r.code: {x.right: x.scope for x in r.rights.all()} for r in Role.objects.all()}
    assert seeded == {code: {str(r): str(s) for r, s in rights.items()} for code, (_t, rights) in ROLES.items()}
    assert set(ROLES["head"][1]) & NEEDS_SECOND_FACTOR and set(ROLES["operator"][1]) & NEEDS_SECOND_FACTOR


@pytest.mark.rows("R1.22", "R1.23", "R1.32")
def test_head_gives_and_takes_within_his_rights(head, manager):
    grant(employee_id=manager.pk, by=head, give={Right.EXPORT: Scope.SALESPOINT})
    assert effective_rights(manager.pk)[Right.EXPORT] == Scope.SALESPOINT
    held = Grant.objects.get(employee=manager, revoked_at=None)
    assert held.granted_by == head and held.granted_at
    grant(employee_id=manager.pk, by=head, take=[Right.EXPORT], assign=["support"], unassign=["manager"])
    assert Right.EXPORT not in effective_rights(manager.pk)
    assert [a.role.code for a in RoleAssignment.objects.filter(employee=manager, revoked_at=None)] == ["support"]
    entries = JournalEntry.objects.filter(code="employee.rights_changed", subject_id=manager.pk).order_by("pk")
    assert [e.data["text"] for e in entries] == [
        "выдано: «Выгружать в Excel» (точка продаж)",
        "выдано: роль «Поддержка»; снято: роль «Менеджер», «Выгружать в Excel» (точка продаж)",
    ]


@pytest.mark.rows("R1.23")
@pytest.mark.parametrize(
    "asked",
    [
        {"give": {Right.SALESPOINT_CHANGE: Scope.OWN}},
        {"give": {Right.CLIENT_VIEW: Scope.ALL}},
        {"give": {Right.CLIENT_VIEW: Scope.REGION}},
        {"assign": ["operator"]},
        {"assign": ["renewals"]},
    ],
)
def test_never_more_than_one_has(head, manager, asked):
    before = effective_rights(manager.pk)
    assert "больше ваших полномочий" in refused("beyond", employee_id=manager.pk, by=head, **asked)
    assert effective_rights(manager.pk) == before


def test_manager_grants_nothing(manager, colleague):
    with pytest.raises(Forbidden):
        grant(employee_id=colleague.pk, by=manager, give={Right.TICKET_CREATE: Scope.OWN})


def test_head_reaches_nobody_at_another_point(head, stranger):
    with pytest.raises(Forbidden):
        grant(employee_id=stranger.pk, by=head, take=[Right.CLIENT_VIEW])


def test_narrow_scope_is_wider_elsewhere(point, other_point, operator, stranger):
    """«Точка продаж» of Kaliningrad gives nothing in Vladivostok, though the words are the same."""
    roving = employee(None, point=point)
    Grant.objects.create(employee=roving, right=Right.EMPLOYEE_GRANT, scope=Scope.ALL, granted_at=clock.now())
    Grant.objects.create(employee=roving, right=Right.CLIENT_VIEW, scope=Scope.SALESPOINT, granted_at=clock.now())
    refused("beyond", employee_id=stranger.pk, by=roving, give={Right.CLIENT_VIEW: Scope.OWN})
    grant(employee_id=stranger.pk, by=operator, give={Right.CLIENT_VIEW: Scope.SALESPOINT})


def test_department_reaches_its_own(point):
    one, other = DepartmentFactory(salespoint=point), DepartmentFactory(salespoint=point)
    giver = rules.Holder({Right.CLIENT_VIEW: Scope.DEPARTMENT}, rules.Place(point.pk, one.pk))
    assert rules.reaches(giver, Scope.DEPARTMENT, rules.Place(point.pk, one.pk), Right.CLIENT_VIEW)
    assert not rules.reaches(giver, Scope.DEPARTMENT, rules.Place(point.pk, other.pk), Right.CLIENT_VIEW)
    assert not rules.reaches(giver, Scope.SALESPOINT, rules.Place(point.pk, one.pk), Right.CLIENT_VIEW)


def test_operator_staffs_with_what_he_does_not_use(operator, point):
    """T1: he reads no internal messages, yet every manager and head he appoints does."""
    fresh = employee(None, point=point)
    grant(employee_id=fresh.pk, by=operator, assign=["head"])
    assert set(LENT) <= set(effective_rights(fresh.pk)) and not set(LENT) & set(effective_rights(operator.pk))


def test_blocked_gives_and_gets_nothing(head, manager, colleague, operator):
    employee_block(employee_id=colleague.pk, by=head)
    refused("blocked", employee_id=colleague.pk, by=head, give={Right.EXPORT: Scope.OWN})
    employee("head", point=head.salespoint)
    employee_block(employee_id=head.pk, by=operator)
    refused("blocked", employee_id=manager.pk, by=head, give={Right.EXPORT: Scope.OWN})


def test_last_operator_stays(operator, point):
    second = employee("operator", point=point)
    grant(employee_id=operator.pk, by=second, unassign=["operator"])
    third = employee(None, point=point)
    Grant.objects.bulk_create(
        Grant(employee=third, right=right, scope=Scope.ALL, granted_at=clock.now()) for right in Right
    )
    refused("last_operator", employee_id=second.pk, by=third, unassign=["operator"])
    employee("head", point=point)
    with pytest.raises(DomainError) as caught:
        employee_block(employee_id=second.pk, by=third)
    assert caught.value.code == "last_operator"


@pytest.mark.parametrize(
    "asked", [{"give": {"no.such": "own"}}, {"give": {Right.EXPORT: "wide"}}, {"assign": ["boss"]}]
)
def test_unknown_names_are_refused(operator, manager, asked):
    assert refused(
        "unknown_role" if "assign" in asked else "unknown_right", employee_id=manager.pk, by=operator, **asked
    )


# ---- roles ----------------------------------------------------------------------------------------------------------


def test_operator_edits_a_role_for_everybody_at_once(operator, manager, colleague):
    role = Role.objects.get(code="manager")
    rights = {r.right: r.scope for r in role.rights.all()} | {Right.EXPORT: Scope.SALESPOINT}
    role_change(role_id=role.pk, rights=rights, by=operator, version=role.version)
    assert effective_rights(manager.pk)[Right.EXPORT] == effective_rights(colleague.pk)[Right.EXPORT] == "salespoint"
    with pytest.raises(Conflict):
        role_change(role_id=role.pk, rights={}, by=operator, version=role.version)


def test_roles_are_not_a_way_up(operator, head, point):
    role = Role.objects.get(code="operator")
    for by, code in ((operator, "self"), (head, "beyond")):
        with pytest.raises(DomainError) as caught:
            role_change(role_id=role.pk, rights=dict.fromkeys(Right, Scope.ALL), by=by)
        assert caught.value.code == code
    watcher = employee(None, point=point)
    for right in (Right.EMPLOYEE_GRANT, Right.EXPORT):
        Grant.objects.create(employee=watcher, right=right, scope=Scope.ALL, granted_at=clock.now())
    added = role_add(code="exporters", title="Выгрузка", rights={Right.EXPORT: Scope.ALL}, by=watcher)
    with pytest.raises(DomainError) as caught:
        role_change(role_id=added.pk, rights={Right.EXPORT: Scope.ALL, Right.ADMIN: Scope.OWN}, by=watcher)
    assert caught.value.code == "beyond"
    with pytest.raises(DomainError):
        role_add(code="admins", title="Админы", rights={Right.ADMIN: Scope.OWN}, by=watcher)


def test_operators_role_keeps_granting(operator, point):
    other = employee(None, point=point)
    for right in Right:
        Grant.objects.create(employee=other, right=right, scope=Scope.ALL, granted_at=clock.now())
    with pytest.raises(DomainError) as caught:
        role_change(role_id=Role.objects.get(code="operator").pk, rights={Right.CLIENT_VIEW: Scope.ALL}, by=other)
    assert caught.value.code == "last_operator"


# ---- races ----------------------------------------------------------------------------------------------------------


def race(threads, operator, head, manager) -> bool:
    """The operator demotes the head while he grants; True when the grant came after the demotion."""
    steps = [
        lambda: grant(employee_id=head.pk, by=operator, unassign=["head"]),
        lambda: grant(employee_id=manager.pk, by=head, give={Right.EXPORT: Scope.SALESPOINT}),
    ]
    threads(2, lambda i: steps[i](), catch=(DomainError,))
    taken = RoleAssignment.objects.filter(employee=head, revoked_at__isnull=False).order_by("-pk").first()
    given = Grant.objects.filter(employee=manager).order_by("-pk").first()
    return bool(taken and given and given.granted_at > taken.revoked_at)


def test_demoted_meanwhile_grants_nothing(threads, operator, head, manager):
    for _ in range(5):
        assert not race(threads, operator, head, manager)
        grant(employee_id=manager.pk, by=operator, take=[Right.EXPORT])
        grant(employee_id=head.pk, by=operator, assign=["head"])


def test_two_operators_cannot_unseat_each_other(threads, point):
    pair = [employee("operator", point=point), employee("operator", point=point)]
    threads(2, lambda i: grant(employee_id=pair[1 - i].pk, by=pair[i], unassign=["operator"]), catch=(DomainError,))
    left = RoleAssignment.objects.filter(role__code="operator", revoked_at=None)
    assert left.count() == 1


def test_two_heads_cannot_block_each_other(threads, point):
    pair = [employee("head", point=point), employee("head", point=point)]
    threads(2, lambda i: employee_block(employee_id=pair[1 - i].pk, by=pair[i]), catch=(DomainError,))
    assert Employee.objects.unblocked().filter(salespoint=point).count() == 1
