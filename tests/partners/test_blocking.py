"""«Запрещен» and back (R1.26–R1.31): what ends with a block never comes to life again."""

import pytest

from core.errors import Conflict, DomainError, Forbidden
from core.jobs import services as jobs
from core.models import JobRun, JournalEntry
from partners import signed
from partners.models import DirectoryPerson, SessionLink
from partners.rights import Right, Scope
from partners.services.access import grant
from partners.services.blocking import employee_block, employee_unblock
from partners.services.people import directory_follow
from partners.services.second_factor import second_factor_reset
from partners.services.sessions import session_end
from tests.factories import employee

pytestmark = pytest.mark.django_db


@pytest.mark.rows("R1.26", "R1.27", "R1.29")
def test_five_sessions_end_and_stay_dead_after_an_unblock(signed_in, head, manager):
    sessions = [signed_in(manager) for _ in range(5)]
    assert all(client.get("/clients/?all=1").status_code == 200 for client in sessions)
    link = signed.sign(manager, "export", {"run": 1})
    employee_block(employee_id=manager.pk, by=head, reason="Уволен")
    assert SessionLink.objects.filter(employee=manager).count() == 0
    assert all(client.get("/clients/").status_code == 302 for client in sessions)
    assert signed.read(link, "export", max_age=60) is None
    employee_unblock(employee_id=manager.pk, by=head)
    assert all(client.get("/clients/")["Location"].startswith("/login/") for client in sessions)
    assert signed.read(link, "export", max_age=60) is None
    manager = type(manager).objects.get(pk=manager.pk)
    assert manager.has_right(Right.CLIENT_VIEW) and signed_in(manager).get("/clients/?all=1").status_code == 200


@pytest.mark.rows("R1.26")
def test_queued_work_is_cancelled_and_all_is_told(head, manager, signed_in):
    signed_in(manager)
    run = jobs.start_user_job("core.export", {"section": "clients", "query": ""}, manager)
    employee_block(employee_id=manager.pk, by=head, reason="Уволен")
    assert JobRun.objects.get(pk=run.pk).state == JobRun.State.CANCELLED
    entry = JournalEntry.objects.get(code="employee.blocked")
    assert entry.data["ended"] == {"sessions": 1, "jobs": 1} and entry.data["reason"] == "Уволен"


@pytest.mark.rows("R1.26", "R1.28")
def test_the_page_asks_and_blocks(signed_in, head, manager):
    client = signed_in(head)
    url = f"/employees/{manager.pk}/block/"
    assert "За сотрудником" in client.get(url).content.decode()
    assert client.post(url, {"reason": "Уволен", "version": manager.version}).status_code == 302
    manager.refresh_from_db()
    assert not manager.is_active and manager.blocked_by == head
    assert client.post(url, {"version": manager.version}).status_code == 422
    assert "Запрещен" in client.get(f"/employees/{manager.pk}/access/").content.decode()
    manager.refresh_from_db()
    assert client.post(f"/employees/{manager.pk}/unblock/", {"version": manager.version}).status_code == 302


def test_who_may_not_be_blocked(head, manager, operator, stranger, point):
    cases = [(head, head, "self"), (operator, head, "above")]
    for target, by, code in cases:
        with pytest.raises(DomainError) as refused:
            employee_block(employee_id=target.pk, by=by)
        assert refused.value.code == code
    with pytest.raises(Forbidden):
        employee_block(employee_id=stranger.pk, by=head)
    with pytest.raises(Forbidden):
        employee_block(employee_id=head.pk, by=manager)
    with pytest.raises(Conflict):
        employee_block(employee_id=manager.pk, by=head, version=manager.version + 1)


@pytest.mark.rows("R1.26")
def test_the_last_head_of_a_point_stays(operator, other_point):
    only, _worker = employee("head", point=other_point), employee("manager", point=other_point)
    with pytest.raises(DomainError) as refused:
        employee_block(employee_id=only.pk, by=operator)
    assert refused.value.code == "last_head"
    employee("head", point=other_point)
    employee_block(employee_id=only.pk, by=operator)


def test_an_unblock_gives_no_more_than_its_giver_has(head, operator, manager):
    grant(employee_id=manager.pk, by=operator, give={Right.PRICE_CHANGE: Scope.ALL})
    employee_block(employee_id=manager.pk, by=operator)
    with pytest.raises(DomainError) as refused:
        employee_unblock(employee_id=manager.pk, by=head)
    assert refused.value.code == "beyond"
    employee_unblock(employee_id=manager.pk, by=operator)


@pytest.mark.rows("R1.27")
def test_whoever_left_the_directory_is_blocked_here(manager):
    manager.external_id = "dir-left"
    manager.save(update_fields=["external_id"])
    DirectoryPerson.objects.create(
        external_id="dir-left", login="left", last_name="Уволенная", first_name="Анна", is_active=False
    )
    assert directory_follow()["blocked"] == 1
    manager.refresh_from_db()
    assert not manager.is_active


def test_a_head_ends_a_session_and_a_stranger_does_not(signed_in, head, manager, stranger):
    client = signed_in(manager)
    link = SessionLink.objects.get(employee=manager)
    with pytest.raises(Forbidden):
        session_end(link_id=link.pk, by=stranger)
    session_end(link_id=link.pk, by=head)
    assert client.get("/clients/").status_code == 302


def test_a_lost_telephone_is_reset_by_the_head(head, manager, stranger):
    second_factor_reset(employee_id=manager.pk, by=head)
    assert JournalEntry.objects.filter(code="employee.second_factor_reset").exists()
    with pytest.raises(Forbidden):
        second_factor_reset(employee_id=manager.pk, by=stranger)
