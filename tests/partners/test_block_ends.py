"""«Запрещен»: everything ends in one transaction, for good (R1.26-R1.29, decision 23; A3)."""

import pytest
from django.contrib.sessions.models import Session

from core import clock
from core.errors import DomainError, Forbidden
from core.models import JobRun, JournalEntry
from partners import signed
from partners.models import Employee, SessionLink
from partners.services import blocking
from partners.services.blocking import employee_block, employee_unblock, ends_with_block


def refusal(**asked) -> str:
    with pytest.raises(DomainError) as caught:
        employee_block(**asked)
    return caught.value.code


def test_a_session_row_that_survived_is_dead_too(signed_in, head, manager):
    """Defence in depth: a sign-in that raced with the block leaves a row, and the key in its hash does not fit."""
    client = signed_in(manager)
    key = client.cookies["session"].value
    row, link = Session.objects.get(session_key=key), SessionLink.objects.get(session_key=key)
    employee_block(employee_id=manager.pk, by=head)
    employee_unblock(employee_id=manager.pk, by=head)
    row.save(force_insert=True)
    link.save(force_insert=True)
    assert client.get("/profile/password/").status_code == 302


def test_the_control_old_sessions_live_without_the_protection(signed_in, head, manager, monkeypatch):
    """With `access` alone the old cookie works again after the unblock: what the test above is for."""
    client = signed_in(manager)
    monkeypatch.setattr(blocking, "end_sessions", lambda employee: 0)
    epoch = manager.key_epoch
    employee_block(employee_id=manager.pk, by=head)
    employee_unblock(employee_id=manager.pk, by=head)
    Employee.objects.filter(pk=manager.pk).update(key_epoch=epoch)
    assert client.get("/profile/password/").status_code == 200


@pytest.mark.rows("R1.26")
def test_queued_work_links_and_keys_end_too(head, manager, monkeypatch):
    monkeypatch.setattr(blocking, "_ends", {})
    ended = []
    ends_with_block("keys", lambda person: ended.append(person.pk) or 2)
    run = JobRun.objects.create(job="core.export", owner=manager, created_at=clock.now())
    token = signed.sign(manager, "export", {"run": run.pk})
    assert signed.read(token, "export", max_age=60) == (manager, {"run": run.pk})
    assert signed.read(token, "other", max_age=60) is None
    employee_block(employee_id=manager.pk, by=head, reason="Уволен")
    run.refresh_from_db()
    assert (run.state, ended) == ("cancelled", [manager.pk])
    employee_unblock(employee_id=manager.pk, by=head)
    assert signed.read(token, "export", max_age=60) is None, "for good"
    entry = JournalEntry.objects.get(code="employee.blocked")
    assert entry.data["ended"] == {"sessions": 0, "jobs": 1, "keys": 2} and entry.data["reason"] == "Уволен"


def test_a_failing_end_takes_the_block_back(signed_in, head, manager, monkeypatch):
    client = signed_in(manager)
    monkeypatch.setattr(blocking, "_ends", {"keys": lambda person: 1 / 0})
    with pytest.raises(ZeroDivisionError):
        employee_block(employee_id=manager.pk, by=head)
    assert Employee.objects.get(pk=manager.pk).is_active
    assert client.get("/profile/password/").status_code == 200


@pytest.mark.rows("R1.26")
def test_who_blocks_whom(head, manager, colleague, stranger, operator, renewals):
    assert refusal(employee_id=head.pk, by=head) == "self"
    assert refusal(employee_id=operator.pk, by=head) == "above"
    for by, target in ((manager, colleague), (head, stranger)):
        with pytest.raises(Forbidden):
            employee_block(employee_id=target.pk, by=by)
    employee_block(employee_id=renewals.pk, by=head)
    assert refusal(employee_id=renewals.pk, by=head) == "blocked"
