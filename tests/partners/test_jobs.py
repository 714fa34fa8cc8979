"""Nightly work and handing over, as the jobs run it."""

from datetime import timedelta

import pytest

from core import clock
from core.jobs import registry
from partners import handover
from partners.models import SessionLink
from partners.services.handing import hand_over_start, salespoint_hand_over_start
from partners.services.sessions import sessions_prune

pytestmark = pytest.mark.django_db


def test_ended_sessions_are_swept_away(signed_in, manager, colleague):
    here, gone = signed_in(manager), signed_in(colleague)
    SessionLink.objects.filter(employee=colleague).update(last_seen_at=clock.system_now() - timedelta(hours=3))
    assert sessions_prune() == {"ended": 1}
    assert here.get("/clients/?all=1").status_code == 200 and gone.get("/clients/").status_code == 302


@pytest.mark.parametrize(
    "name", ["partners.hand_over", "partners.hand_over_point", "partners.follow_directory", "partners.prune_sessions"]
)
def test_jobs_are_declared(name):
    assert registry.get(name).title


class Batches:
    """A kind of work with five rows, two to a batch."""

    def __init__(self):
        self.left = 5

    def count(self, subject):
        return self.left

    def move(self, subject, *, to, by, on):
        moved = min(2, self.left)
        self.left -= moved
        return moved


def test_everything_is_handed_over_in_batches(monkeypatch, head, operator, manager, colleague, point, other_point):
    from core.jobs.running import Run

    people, things = Batches(), Batches()
    monkeypatch.setattr(handover, "_people", {"x": handover.Hanging("x", "Дела", people.count, people.move)})
    monkeypatch.setattr(handover, "_points", {"x": handover.PointHanging("x", "Дела", things.count, things.move)})
    run = Run(hand_over_start(employee_id=manager.pk, to_id=colleague.pk, by=head))
    monkeypatch.setattr(Run, "advance", lambda self, *args: None)
    registry.get("partners.hand_over").body(run, clock.today())
    assert people.left == 0 and run.counts == {"x": 5} and colleague.short_name in run.message
    run = Run(salespoint_hand_over_start(salespoint_id=other_point.pk, to_id=point.pk, by=operator))
    registry.get("partners.hand_over_point").body(run, clock.today())
    assert things.left == 0 and run.counts == {"x": 5}
