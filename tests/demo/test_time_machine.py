"""«Машина времени»: the operator of a demo moves the day, each day lives with its jobs (decision 10, issue 6)."""

from datetime import timedelta

import pytest
from django.http import Http404

from accounts.models import Task
from core import clock
from core.errors import Forbidden
from core.jobs.scheduling import run_queued
from core.models import ClockOffset, JobRun, JournalEntry
from renewals.models import RenewalRow
from sbilling.demo import days
from tests.renewals.conftest import account_of, sold, tariff

pytestmark = pytest.mark.django_db
URL = "/demo/time/"


@pytest.fixture(autouse=True)
def _clock_back():
    yield
    clock.set_offset(timedelta())


@pytest.fixture
def term(manager):
    return sold(account_of(manager), tariff("eo", "ЭО"), clock.today() + timedelta(days=61))


def test_a_day_moves_the_clock_and_does_its_jobs_once(signed_in, operator, manager, term):
    page = signed_in(operator)
    started = page.post(URL, {"step": "day"})
    run = JobRun.objects.get(job="sbilling.move_clock")
    assert started.url == f"/jobs/{run.pk}/" and "Дни идут" in page.get(URL).content.decode()
    assert page.post(URL, {"step": "month"}).url == started.url, "one walk at a time"
    run_queued()
    run.refresh_from_db()
    assert (run.state, run.counts["days"], run.counts["failed"], run.progress_done) == ("done", 1, 0, 1)
    assert days.days_ahead() == 1 and clock.today() == clock.system_now().date() + timedelta(days=1)
    assert RenewalRow.objects.get(term=term).category == "requires"
    assert Task.objects.filter(kind="renewal_call", assignee=manager).count() == 1
    assert JournalEntry.objects.filter(code="clock.moved").count() == 1
    body = page.get(URL).content.decode()
    assert "впереди на 1\u00a0день" in body and f"{clock.today():%d.%m.%Y}" in body


def test_a_walk_that_was_interrupted_goes_on_from_its_day(operator, term, monkeypatch):
    class Broken(Exception):
        pass

    class Run:
        params, counts = {"first": 0}, {}

        def count(self, **more): ...

        def advance(self, done=None, total=None):
            if done == 2 and days.days_ahead() == 2:
                raise Broken

    with pytest.raises(Broken):
        days.days_run(Run(), until=4, by=operator)
    assert days.days_ahead() == 2
    monkeypatch.setattr(Run, "advance", lambda *a, **k: None)
    days.days_run(Run(), until=4, by=operator)
    assert days.days_ahead() == 4 and Task.objects.filter(kind="renewal_call").count() == 1


def test_only_forward_only_the_operator_only_in_a_demo(signed_in, operator, head, settings):
    page = signed_in(operator)
    yesterday = f"{clock.today() - timedelta(days=1):%d.%m.%Y}"
    for to, words in (
        (yesterday, "Назад время не идет"),
        ("", "Укажите день"),
        ("32.13.2026", "дат"),
        ("01.01.2099", "не больше 800 дней"),
    ):
        answer = page.post(URL, {"to": to})
        assert answer.status_code == 422 and words in answer.content.decode().replace("\u00a0", " "), to
    assert not ClockOffset.objects.exists() and not JobRun.objects.exists()
    assert signed_in(head).get(URL).status_code == 403
    with pytest.raises(Forbidden):
        days.target_of(clock.today() + timedelta(days=1), by=head)
    settings.DEMO = False
    # Without the demo even the operator stands at the second factor first; behind it there is no such page.
    assert page.post(URL, {"step": "day"}).status_code == 302
    with pytest.raises(Http404):
        days.require_demo()
    with pytest.raises(Http404):
        days.target_of(clock.today() + timedelta(days=1), by=operator)


def test_a_demo_loaded_for_a_day_lives_on_it(monkeypatch):
    from django.core.management import call_command

    from sbilling import demo

    on = clock.today() + timedelta(days=40)
    monkeypatch.setattr(demo, "load", lambda **_: {})
    monkeypatch.setattr(demo, "is_empty", lambda: True)
    call_command("demo", on=on)
    assert days.days_ahead() == 40 and clock.today() == on
