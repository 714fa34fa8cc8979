"""Nightly work and handing over, as the jobs run it."""

from datetime import timedelta

import pytest

from core import clock
from core.jobs import registry
from partners.models import SessionLink
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
