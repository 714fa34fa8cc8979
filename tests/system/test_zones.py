"""Moments are stored in UTC and shown in the viewer's zone; dates of licences never shift (R0.2)."""

from datetime import UTC, date, datetime

import pytest
from django.http import HttpResponse
from django.template import Context, Template
from django.urls import path
from django.utils import timezone

from core import clock, formats
from core.pages import EMPLOYEE, Page
from sbilling.urls import urlpatterns as program

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R0.2")]
EVENING = datetime(2026, 11, 3, 22, 30, tzinfo=UTC)  # 4 November in the Far East, 23:30 of 4 November in Kaliningrad


class Moments(Page):
    """A moment and a calendar date as every template writes them."""

    right = EMPLOYEE

    def get(self, request):
        words = Template("{% when moment %} {% when day %} {{ moment|date:'H:i' }}")
        return HttpResponse(words.render(Context({"moment": EVENING, "day": date(2026, 11, 3)})))


urlpatterns = [path("moments/", Moments.as_view()), *program]


@pytest.mark.parametrize(
    ("who", "moment"),
    [("manager", "04.11.2026 00:30"), ("stranger", "04.11.2026 08:30")],
)
def test_a_moment_in_the_viewers_zone(request, signed_in, settings, who, moment):
    settings.ROOT_URLCONF = "tests.system.test_zones"
    person = request.getfixturevalue(who)
    text = signed_in(person).get("/moments/").content.decode()
    assert f">{moment}</time>" in text and text.endswith(moment[-5:])
    assert ">03.11.2026</time>" in text, "a calendar date is the same day everywhere"
    assert timezone.get_current_timezone_name() == settings.TIME_ZONE, "the zone ends with the request"


def test_the_business_day_is_the_viewers(manager, stranger):
    with clock.override(at=EVENING):
        assert clock.today(manager.business_zone) == date(2026, 11, 4)
        assert clock.today("America/New_York") == date(2026, 11, 3)
        assert clock.today(stranger.business_zone) == date(2026, 11, 4)


def test_background_work_speaks_in_its_owners_zone(manager):
    with timezone.override("Asia/Vladivostok"):
        assert formats.moment(EVENING) == "04.11.2026 08:30" and formats.day(EVENING) == "04.11.2026"
    assert formats.moment(EVENING) == "04.11.2026 00:30"
