"""The call tasks of the 60/40-day window: each once, handed over with the account (R3.3, C7)."""

from datetime import timedelta

import pytest

from accounts.models import CallLog, Task
from core.jobs import get
from core.jobs.scheduling import run_by_hand
from renewals.services import prompts_make, renewals_refresh, rows_to_prompt
from tests.renewals.conftest import TODAY, account_of, noon, sold

pytestmark = pytest.mark.django_db


def prompt(account, day) -> int:
    renewals_refresh([account.pk], on=day)
    return prompts_make(rows_to_prompt(on=day), on=day)


@pytest.mark.rows("R0.14", "R3.3")
def test_one_task_when_the_window_opens_and_one_when_it_closed_without_a_call(today, manager, eo):
    account = account_of(manager)
    end = sold(account, eo, TODAY + timedelta(days=61)).ends_on
    made = [prompt(account, end - timedelta(days=left)) for left in range(62, -3, -1) for _twice in (1, 2)]
    assert sum(made) == 2
    first, second = Task.objects.order_by("pk")
    assert (first.kind, first.assignee, first.due_on) == ("renewal_call", manager, end - timedelta(days=40))
    assert (second.kind, second.due_on) == ("renewal_late", end - timedelta(days=39))


@pytest.mark.rows("R0.14", "R3.3")
def test_a_call_in_the_window_leaves_no_late_task_and_an_outage_no_double(today, manager, eo):
    account = account_of(manager)
    end = sold(account, eo, TODAY + timedelta(days=60)).ends_on
    assert prompt(account, TODAY) == 1
    CallLog.objects.create(client=account.members.get().client, result="talked", at=noon(TODAY), by=manager)
    assert prompt(account, end - timedelta(days=10)) == 0


def test_the_job_makes_the_tasks_of_its_zone(today, manager, eo):
    sold(account_of(manager), eo, TODAY + timedelta(days=50))
    [run] = run_by_hand(get("renewals.prompts"), TODAY)
    assert (run.state, run.counts["made"], Task.objects.count()) == ("done", 1, 1)
