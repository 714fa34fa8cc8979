"""Giving rights: never more than one has, never to oneself, never over a newer version (R1.21–R1.24)."""

import pytest

from core.errors import Conflict, DomainError, Forbidden
from core.models import JournalEntry
from partners import rules
from partners.models import Grant, Role, RoleAssignment
from partners.rights import MODULES, Right, Scope
from partners.selectors import effective_rights
from partners.services.access import grant, role_add, role_change
from tests.factories import employee

pytestmark = pytest.mark.django_db


@pytest.mark.rows("R1.22", "R1.23")
def test_a_head_gives_what_he_has_and_no_more(head, manager):
    grant(employee_id=manager.pk, by=head, give={Right.CLIENT_REBIND: Scope.SALESPOINT})
    given = Grant.objects.get(employee=manager, right=Right.CLIENT_REBIND)
    assert given.granted_by == head and given.granted_at
    for right, scope in ((Right.PRICE_CHANGE, Scope.OWN), (Right.CLIENT_VIEW, Scope.ALL)):
        with pytest.raises(DomainError) as refused:
            grant(employee_id=manager.pk, by=head, give={right: scope})
        assert refused.value.code == "beyond"
    with pytest.raises(DomainError) as refused:
        grant(employee_id=manager.pk, by=head, assign=["operator"])
    assert refused.value.code == "beyond"
    entry = JournalEntry.objects.get(code="employee.rights_changed", subject_id=manager.pk)
    assert entry.by_id == head.pk and "выдано" in entry.data["text"]


@pytest.mark.rows("R1.23")
def test_what_a_higher_one_gave_stays(operator, head, manager):
    grant(employee_id=manager.pk, by=operator, give={Right.PRICE_CHANGE: Scope.ALL})
    with pytest.raises(DomainError):
        grant(employee_id=manager.pk, by=head, take=[Right.PRICE_CHANGE])
    grant(employee_id=manager.pk, by=head, give={Right.EXPORT: Scope.SALESPOINT})
    assert {Right.PRICE_CHANGE, Right.EXPORT} <= set(effective_rights(manager.pk))


@pytest.mark.rows("R1.23")
def test_grants_stay_when_the_grantor_loses_his(operator, head, manager):
    grant(employee_id=manager.pk, by=head, give={Right.EXPORT: Scope.SALESPOINT})
    grant(employee_id=head.pk, by=operator, unassign=["head"])
    assert Right.EXPORT in effective_rights(manager.pk)


@pytest.mark.rows("R1.23")
def test_nobody_edits_himself_or_a_stranger(head, manager, stranger):
    with pytest.raises(DomainError) as refused:
        grant(employee_id=head.pk, by=head, give={Right.EXPORT: Scope.OWN})
    assert refused.value.code == "self"
    with pytest.raises(Forbidden):
        grant(employee_id=stranger.pk, by=head, give={Right.EXPORT: Scope.OWN})
    with pytest.raises(Forbidden):
        grant(employee_id=head.pk, by=manager, take=[Right.EXPORT])


def test_the_last_operator_stays(operator, point):
    second = employee("operator", point=point)
    grant(employee_id=second.pk, by=operator, unassign=["operator"])
    third = employee(None, point=point)
    grant(employee_id=third.pk, by=operator, give={Right.EMPLOYEE_GRANT: Scope.ALL})
    third.refresh_from_db()
    with pytest.raises(DomainError):  # beyond his rights, and the last one besides
        grant(employee_id=operator.pk, by=third, unassign=["operator"])
    assert RoleAssignment.objects.filter(role__code="operator", revoked_at=None).count() == 1


@pytest.mark.rows("R1.22")
def test_the_second_of_two_editors_gets_a_conflict(head, operator, manager):
    read = manager.version
    grant(employee_id=manager.pk, by=operator, give={Right.EXPORT: Scope.OWN}, version=read)
    with pytest.raises(Conflict):
        grant(employee_id=manager.pk, by=head, give={Right.EXPORT: Scope.SALESPOINT}, version=read)
    assert effective_rights(manager.pk)[Right.EXPORT] == Scope.OWN


def test_two_grantors_at_once_leave_one_grant(threads, transactional_db, head, operator, manager):
    read = manager.version

    def one(index):
        return grant(
            employee_id=manager.pk, by=(head, operator)[index], give={Right.EXPORT: Scope.OWN}, version=read
        ).version

    results = threads(2, one, catch=(Conflict,))
    assert sum(isinstance(r, Conflict) for r in results) == 1
    assert Grant.objects.filter(employee=manager, right=Right.EXPORT, revoked_at=None).count() == 1


def test_roles_are_changed_by_an_operator_within_his_rights(operator, head, manager):
    role = Role.objects.get(code="manager")
    rights = {line.right: line.scope for line in role.rights.all()} | {Right.EXPORT: Scope.OWN}
    with pytest.raises(DomainError):
        role_change(role_id=role.pk, rights=rights, by=head)
    role_change(role_id=role.pk, rights=rights, by=operator, version=role.version)
    assert effective_rights(manager.pk)[Right.EXPORT] == Scope.OWN
    with pytest.raises(Conflict):
        role_change(role_id=role.pk, rights=rights, by=operator, version=role.version)
    made = role_add(code="intern", title="Стажер", rights={Right.CLIENT_VIEW: Scope.OWN}, by=operator)
    grant(employee_id=manager.pk, by=operator, assign=["intern"])
    assert made.rights.get().right == Right.CLIENT_VIEW


def test_an_operator_makes_a_role_on_the_page(signed_in, operator, head):
    page = signed_in(operator)
    assert "/partners/roles/add/" in page.get("/partners/roles/").content.decode()
    assert "/partners/roles/add/" not in signed_in(head).get("/partners/roles/").content.decode()
    form = {"title": " Стажер ", f"right:{Right.CLIENT_VIEW}": Scope.OWN}
    assert page.get("/partners/roles/add/").status_code == 200
    assert page.post("/partners/roles/add/", {"title": "Стажер"}).status_code == 422  # no right ticked
    assert page.post("/partners/roles/add/", form).status_code == 302
    made = Role.objects.get(title="Стажер")
    assert made.rights.get().scope == Scope.OWN and "Стажер" in page.get("/partners/roles/").content.decode()
    again = page.post("/partners/roles/add/", {**form, "title": "стажер"})
    assert again.status_code == 422 and "уже есть" in again.content.decode()
    assert page.get(f"/partners/roles/{made.code}/").status_code == 200


def test_modules_leave_no_right_out():
    assert sorted(right for _title, rights in MODULES for right in rights) == sorted(Right)


def test_a_narrow_scope_elsewhere_is_not_ones_own_to_give():
    here, there = rules.Place(1, None, frozenset({1})), rules.Place(2, None, frozenset({2}))
    giver = rules.Holder({"exports.make": Scope.SALESPOINT}, here)
    assert rules.reaches(giver, Scope.OWN, here, "exports.make")
    assert not rules.reaches(giver, Scope.OWN, there, "exports.make")


@pytest.mark.rows("R1.21", "R1.22", "R1.23", "R1.24")
def test_the_page_shows_disabled_what_one_may_not_give(signed_in, head, manager):
    client = signed_in(head)
    html = client.get(f"/employees/{manager.pk}/access/?edit=1").content.decode()
    assert f'name="right:{Right.PRICE_CHANGE}" disabled' in html
    assert f'name="right:{Right.EXPORT}" disabled' not in html
    assert 'value="operator" disabled' in html and "больше ваших полномочий" in html
    answer = client.post(
        f"/employees/{manager.pk}/access/",
        {
            "version": manager.version,
            "role": ["manager", "operator"],
            f"right:{Right.EXPORT}": "own",
            f"right:{Right.PRICE_CHANGE}": "all",
        },
    )
    assert answer.status_code == 302
    held = effective_rights(manager.pk)
    assert held[Right.EXPORT] == Scope.OWN and Right.PRICE_CHANGE not in held and Right.ADMIN not in held
    shown = client.get(f"/employees/{manager.pk}/access/").content.decode()
    assert f"выдал {head.short_name}" in shown


@pytest.mark.rows("R1.22")
def test_a_stale_page_answers_409_and_keeps_what_was_chosen(signed_in, head, operator, manager):
    read = manager.version
    grant(employee_id=manager.pk, by=operator, give={Right.JOURNAL_VIEW: Scope.SALESPOINT})
    data = {
        "version": read,
        "role": "manager",
        f"right:{Right.EXPORT}": "own",
        f"right:{Right.JOURNAL_VIEW}": "salespoint",
    }
    answer = signed_in(head).post(f"/employees/{manager.pk}/access/", data)
    html = answer.content.decode()
    assert answer.status_code == 409 and "Перезаписать" in html
    assert Right.EXPORT not in effective_rights(manager.pk)
    line = html[html.index(f'name="right:{Right.EXPORT}"') :]
    assert '<option value="own" selected>' in line[: line.index("</select>")]


def test_the_page_is_closed_to_those_who_do_not_set_rights(signed_in, manager, colleague, stranger, head):
    assert signed_in(manager).get(f"/employees/{colleague.pk}/access/?edit=1").status_code in (403, 404)
    assert signed_in(head).get(f"/employees/{stranger.pk}/access/?edit=1").status_code == 404
