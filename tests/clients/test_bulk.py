"""Bulk operations of the lists: ticked rows at once, «все по фильтру» in the background (R2.16, acceptance test 5)."""

import pytest

from accounts.models import Task
from clients.models import Binding, Client
from core.jobs.scheduling import run_queued
from core.models import JobRun
from tests import factories as make

pytestmark = pytest.mark.django_db


def many(number: int, point) -> list[int]:
    cards = Client.objects.bulk_create(
        Client(kind="legal", name=f"К {n}", name_norm=f"к {n}", ogrn=make.ogrn13(4_000_000 + n), region_code="39")
        for n in range(number)
    )
    return [card.pk for card in cards]


@pytest.mark.rows("R2.16")
def test_ticked_rows_are_bound_at_once_with_a_report_of_the_rest(signed_in, manager, colleague):
    free, taken = make.ClientFactory(), make.ClientFactory(name="Занятая, ООО")
    make.bound(taken, colleague)
    page = signed_in(manager)
    question = page.post("/clients/?all=1", {"do": "bind-me", "pk": [free.pk, taken.pk]}).content.decode()
    assert "2 клиента" in question
    report = page.post(
        "/clients/?all=1", {"do": "bind-me", "pk": [free.pk, taken.pk], "confirmed": "1"}
    ).content.decode()
    assert "Закреплено: 1, отказано: 1" in report and "Занятая, ООО" in report and colleague.short_name in report
    free.refresh_from_db()
    assert free.manager == manager


@pytest.mark.rows("R2.16", "R2.30")
def test_a_thousand_rows_a_tenth_of_them_taken_meanwhile(signed_in, manager, colleague, stranger, point, eager_tasks):
    ids = many(1000, point)
    page = signed_in(manager)
    response = page.post("/clients/?resp=none", {"do": "bind-me", "every": "1", "expected": "1000", "confirmed": "1"})
    assert response.status_code == 302
    run = JobRun.objects.get(job="core.bulk")
    for pk in ids[:100:2]:
        make.bound(Client.objects.get(pk=pk), colleague)
    for pk in ids[1:100:2]:
        make.bound(Client.objects.get(pk=pk), stranger)  # another point's: out of the manager's sight
    run_queued()
    run.refresh_from_db()
    assert run.state == "done", run.message
    assert run.counts == {"done": 900, "refused": 100} and run.result_file
    assert Binding.objects.open().filter(manager=manager).count() == 900
    rows = Binding.objects.count()
    JobRun.objects.filter(pk=run.pk).update(state="queued", checkpoint={}, counts={}, attempts=0)
    run_queued()
    run.refresh_from_db()
    assert run.counts == {"done": 900, "refused": 100} and Binding.objects.count() == rows


@pytest.mark.rows("R2.17")
def test_the_rest_of_the_bulk_bar(signed_in, manager, colleague, head):
    cards = [make.ClientFactory() for _ in range(3)]
    for card in cards:
        make.bound(card, manager)
    ids = [card.pk for card in cards]
    page = signed_in(manager)
    page.post("/clients/", {"do": "call", "pk": ids, "confirmed": "1", "due_on": "01.12.2026", "title": "Позвонить"})
    assert Task.objects.filter(assignee=manager, title="Позвонить").count() == 3
    assert page.post("/clients/", {"do": "transfer", "pk": ids, "confirmed": "1"}).status_code == 403
    page.post("/clients/", {"do": "release", "pk": ids[:1], "confirmed": "1", "reason": "не отвечает"})
    signed_in(head).post(
        "/clients/",
        {
            "do": "transfer",
            "pk": ids,
            "confirmed": "1",
            "manager": colleague.pk,
            "reason": "отпуск",
            "carry": ["tasks"],
        },
    )
    assert set(Client.objects.filter(pk__in=ids).values_list("manager", flat=True)) == {colleague.pk}
    assert (
        Task.objects.filter(assignee=colleague, title="Позвонить").count() == 2
    )  # the released card's task was nobody's to carry


def test_more_than_five_thousand_rows_are_refused(signed_in, manager, monkeypatch):
    from core import actions

    monkeypatch.setattr(actions, "MOST_ROWS", 3)
    many(5, None)
    response = signed_in(manager).post("/clients/?resp=none", {"do": "bind-me", "every": "1"})
    assert response.status_code == 422 and "не больше" in response.content.decode()
