"""What hangs on a person or a sales point is counted, moved in one job, told row by row, and survives a killed worker."""

from datetime import time

import pytest
from django.urls import reverse

from accounts.choices import TaskKind
from accounts.models import Account, Task
from accounts.services.handing import account_hand_over, task_hand_over
from accounts.services.work import task_make
from clients.models import Binding
from clients.services.handing import binding_hand_over
from core import clock, faults
from core.errors import DomainError
from core.jobs import registry, running
from core.models import JobRun, JournalEntry
from licenses.models import Appointment
from licenses.services.handing import visit_hand_over
from partners import handover
from partners.handover import Hanging
from partners.models import Employee, SalesPoint
from partners.services.access import grant
from partners.services.blocking import employee_block
from partners.services.handing import hand_over_start, salespoint_hand_over_start
from partners.services.network import salespoint_close
from tests import factories as make
from tests.selling import ON
from tickets.models import Ticket, TicketAssignment
from tickets.services.handing import ticket_hand_over


def desk(owner, cards: int = 2) -> None:
    """Cards, an account and an open task of somebody."""
    for number in range(cards):
        card = make.ClientFactory(name=f"Передаваемая {number}, ООО", region_code=owner.salespoint.region_id)
        make.bound(card, owner)
    Account.objects.create(
        number=1_000_000 + owner.pk, name="Передаваемый аккаунт", salespoint=owner.salespoint, manager=owner,
        created_at=clock.now(),
    )  # fmt: skip
    task_make(
        client_id=card.pk, assignee_id=owner.pk, salespoint_id=owner.salespoint_id, kind=TaskKind.CALL,
        title="Позвонить", due_on=ON, key=f"desk:{owner.pk}", by=owner,
    )  # fmt: skip


def lines(found) -> dict[str, int]:
    return {line.code: line.number for line in found}


def execute(run: JobRun) -> JobRun:
    running.execute(run.pk)
    run.refresh_from_db()
    return run


@pytest.mark.rows("R1.26")
def test_the_block_page_says_what_hangs_on_the_person_and_hands_it_over(
    transactional_db, signed_in, head, manager, colleague
):
    desk(manager)
    page = signed_in(head).get(reverse("employee-block", args=[manager.pk])).content.decode()
    for told in (
        'клиенты — <b class="num">2</b>',
        'аккаунты — <b class="num">1</b>',
        'открытые задачи — <b class="num">1</b>',
    ):
        assert told in page
    answer = signed_in(head).post(
        reverse("employee-block", args=[manager.pk]),
        {"reason": "Уволен", "to": colleague.pk, "version": manager.version},
    )
    assert answer.status_code == 302
    run = execute(JobRun.objects.get(job="partners.hand_over"))
    assert run.state == "done" and run.counts == {"clients": 2, "accounts": 1, "tasks": 1}
    assert f"Передано: 4. Принимает {colleague.short_name}" in run.message
    assert not handover.of_employee(manager) and lines(handover.of_employee(colleague)) == run.counts
    assert JournalEntry.objects.filter(code="client.transferred", by=head).count() == 2
    assert Task.objects.open().count() == 1, "nobody gets a task about every card"


@pytest.mark.rows("R1.26")
def test_block_without_handing_over_leaves_everything_where_it_is(db, head, manager, colleague):
    desk(manager)
    employee_block(employee_id=manager.pk, by=head)
    assert lines(handover.of_employee(manager)) == {"clients": 2, "accounts": 1, "tasks": 1}


@pytest.mark.rows("R1.17", "R1.26")
def test_the_last_head_of_an_emptied_point_goes_last(transactional_db, operator, stranger, point, other_point):
    """He stays while somebody works there or something is bound; then he may be blocked, and the point closed."""
    last = make.employee("head", point=other_point)
    desk(last)
    for _ in range(2):
        with pytest.raises(DomainError, match="последний руководитель"):
            employee_block(employee_id=last.pk, by=operator)
        Employee.objects.filter(pk=stranger.pk).update(access="forbidden", blocked_at=clock.now())
    execute(salespoint_hand_over_start(salespoint_id=other_point.pk, to_id=point.pk, by=operator))
    employee_block(employee_id=last.pk, by=operator)
    assert salespoint_close(salespoint_id=other_point.pk, by=operator, on=ON).state == SalesPoint.State.CLOSED


@pytest.mark.rows("R1.17")
def test_a_sales_point_is_closed_after_everything_is_handed_over_in_one_job(
    transactional_db, operator, stranger, point, other_point
):
    desk(stranger)
    with pytest.raises(DomainError, match="клиенты — 2, аккаунты — 1, открытые задачи — 1"):
        salespoint_close(salespoint_id=other_point.pk, by=operator, on=ON)
    run = execute(salespoint_hand_over_start(salespoint_id=other_point.pk, to_id=point.pk, by=operator))
    assert (run.state, run.counts) == ("done", {"clients": 2, "accounts": 1, "tasks": 1}), run.message
    assert set(Binding.objects.open().values_list("salespoint", "manager")) == {(point.pk, None)}
    assert set(Account.objects.values_list("salespoint", "manager")) == {(point.pk, None)}
    with pytest.raises(DomainError, match="незаблокированные сотрудники: 1"):
        salespoint_close(salespoint_id=other_point.pk, by=operator, on=ON)
    employee_block(employee_id=stranger.pk, by=operator)
    closed = salespoint_close(salespoint_id=other_point.pk, by=operator, on=ON)
    assert closed.state == SalesPoint.State.CLOSED


def test_who_moved_to_the_new_point_keeps_his_cards(transactional_db, operator, stranger, point, other_point):
    desk(stranger)
    stranger.salespoint = point
    stranger.save(update_fields=["salespoint"])
    execute(salespoint_hand_over_start(salespoint_id=other_point.pk, to_id=point.pk, by=operator))
    assert set(Binding.objects.open().values_list("salespoint", "manager")) == {(point.pk, stranger.pk)}
    assert Account.objects.get().manager == stranger


@pytest.mark.parametrize(("where", "moved"), [("before_commit", 3), ("after_commit", 6)])
def test_a_killed_worker_goes_on_where_it_stopped(
    transactional_db, monkeypatch, head, manager, colleague, where, moved
):
    """Killed before the commit of a batch: the batch is undone; killed after it: it is not done twice."""
    desk(manager, cards=9)
    monkeypatch.setattr("partners.services.handing.BATCH", 3)
    run = hand_over_start(employee_id=manager.pk, to_id=colleague.pk, by=head)
    passes = iter((1, 2))

    def kill():
        if next(passes) == 2:
            raise KeyboardInterrupt

    with faults.at(f"jobs.chunk.{where}", kill), pytest.raises(KeyboardInterrupt):
        running.execute(run.pk)
    assert Binding.objects.open().filter(manager=colleague).count() == moved
    run = execute(run)
    assert (run.state, run.counts) == ("done", {"clients": 9, "accounts": 1, "tasks": 1})
    assert JournalEntry.objects.filter(code="client.transferred").count() == 9


class Stubborn:
    """Work of which every second piece cannot be moved."""

    def __init__(self, owner, number):
        self.owner = dict.fromkeys(range(1, number + 1), owner)

    def ids(self, subject):
        return [pk for pk, owner in self.owner.items() if owner == subject]

    def move(self, pk, *, source, to, by, on):
        if pk % 2:
            raise DomainError("Занято.")
        self.owner[pk] = to
        return f"Дело {pk}"


@pytest.mark.parametrize(("number", "as_file"), [(6, False), (60, True)])
def test_what_stays_is_told_row_by_row(transactional_db, monkeypatch, head, manager, colleague, number, as_file):
    work = Stubborn(manager, number)
    monkeypatch.setattr(handover, "_people", {"x": Hanging("x", "Дела", ids=work.ids, hand_over=work.move)})
    run = execute(hand_over_start(employee_id=manager.pk, to_id=colleague.pk, by=head))
    assert (run.state, run.counts) == ("done", {"x": number // 2, "refused": number // 2})
    assert f"Осталось: {number // 2}. Дела, № 1: Занято." in run.message
    assert bool(run.result_file) == as_file


@pytest.mark.parametrize("who", ["stranger", "manager"])
def test_hand_over_goes_to_reachable_working_others(db, head, manager, request, who):
    with pytest.raises(DomainError):
        hand_over_start(employee_id=manager.pk, to_id=request.getfixturevalue(who).pk, by=head)


def test_hand_over_asks_for_the_right_again(transactional_db, head, manager, colleague, operator):
    desk(manager)
    run = hand_over_start(employee_id=manager.pk, to_id=colleague.pk, by=head)
    grant(employee_id=head.pk, by=operator, unassign=["head"])
    run = execute(run)
    assert run.state == "failed" and lines(handover.of_employee(manager))["clients"] == 2


def test_the_taker_blocked_meanwhile_gets_nothing(transactional_db, head, manager, colleague):
    desk(manager)
    run = hand_over_start(employee_id=manager.pk, to_id=colleague.pk, by=head)
    employee_block(employee_id=colleague.pk, by=head)
    run = execute(run)
    assert run.state == "failed" and not handover.of_employee(colleague)


def test_both_jobs_are_declared():
    assert {registry.get(name).user for name in ("partners.hand_over", "partners.hand_over_point")} == {True}


def ticket(number: int, point, **performer) -> Ticket:
    now = clock.now()
    made = Ticket.objects.create(
        number=number, state="assigned" if "performer" in performer else "queued", is_internal=True, salespoint=point,
        created_at=now, registered_at=now, due_at=now, **performer,
    )  # fmt: skip
    TicketAssignment.objects.create(ticket=made, since=now, **performer)
    return made


def test_unresolved_tickets_go_along_and_keep_their_clock(transactional_db, head, support, colleague, point):
    made = ticket(10_000_001, point, performer=support)
    run = execute(hand_over_start(employee_id=support.pk, to_id=colleague.pk, by=head))
    assert (run.state, run.counts) == ("done", {"tickets": 1}), run.message
    due_at = made.due_at
    made.refresh_from_db()
    assert (made.performer, made.state, made.due_at) == (colleague, "assigned", due_at)
    assert [row.performer for row in made.assignments.filter(until=None)] == [colleague]


def test_tickets_of_a_closing_point_wait_at_the_other_one(
    transactional_db, operator, support, stranger, point, other_point
):
    hers, unit = (
        ticket(10_000_002, other_point, performer=stranger),
        ticket(10_000_003, other_point, unit_salespoint=other_point),
    )
    elsewhere = ticket(10_000_004, other_point, performer=support)
    run = execute(salespoint_hand_over_start(salespoint_id=other_point.pk, to_id=point.pk, by=operator))
    assert run.counts == {"tickets": 3}, run.message
    assert set(Ticket.objects.values_list("salespoint", flat=True)) == {point.pk}
    assert {t.pk for t in Ticket.objects.filter(state="queued", unit_salespoint=point)} == {hers.pk, unit.pk}
    elsewhere.refresh_from_db()
    assert elsewhere.performer == support


def test_each_kind_refuses_what_is_outside_of_the_heads_point(db, head, colleague, stranger, other_point):
    desk(stranger)
    made = ticket(10_000_005, other_point, performer=stranger)
    for service, pk in (
        (binding_hand_over, Binding.objects.open().first().pk),
        (account_hand_over, Account.objects.get().pk),
        (task_hand_over, Task.objects.open().first().pk),
        (ticket_hand_over, made.pk),
    ):
        with pytest.raises(DomainError):
            service(pk, source=stranger, to=colleague, by=head, on=ON)
    assert lines(handover.of_employee(stranger)) == {"clients": 2, "accounts": 1, "tasks": 1, "tickets": 1}


def test_planned_visits_go_to_an_engineer_of_the_accounts_point(db, shop, head, operator, manager, colleague, stranger):
    account = shop.account()
    shop.choose(account, "eo-basic")
    visit = Appointment.objects.create(
        invoice=shop.issue(account), kind="engineer", on=ON, time=time(10), engineer=manager, created_at=clock.now()
    )
    assert lines(handover.of_employee(manager))["visits"] == 1
    with pytest.raises(DomainError, match="не работает в точке продаж"):
        visit_hand_over(visit.pk, source=manager, to=stranger, by=operator, on=ON)
    visit_hand_over(visit.pk, source=manager, to=colleague, by=head, on=ON)
    visit.refresh_from_db()
    assert visit.engineer == colleague and "visits" not in lines(handover.of_employee(manager))
