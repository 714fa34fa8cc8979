"""Who exported, who looked at contacts, who works at a point; a person's data erased on request (152-ФЗ)."""

import pytest

from core import clock
from core.errors import Forbidden
from core.models import ExportRecord, ViewEntry
from partners.services.erasing import person_erase
from partners.views.employees import PointEmployees
from partners.views.journal import Exports, Views

pytestmark = pytest.mark.django_db


def test_exports_and_views_are_listed_for_the_operator(operator, manager, signed_in):
    ExportRecord.objects.create(at=clock.now(), by=manager, section="clients", rows=12)
    ViewEntry.objects.create(at=clock.now(), by=manager, subject_type="clients.client", subject_id=1, what="contacts")
    for page, url in ((Exports, "/partners/exports/"), (Views, "/partners/views/")):
        answer = signed_in(operator).get(url)
        assert answer.status_code == 200, page
        assert manager.short_name in answer.content.decode()
        assert signed_in(manager).get(url).status_code == 403


@pytest.mark.rows("R1.18")
def test_a_point_lists_its_own_people(manager, stranger, signed_in):
    assert PointEmployees.noun
    text = signed_in(manager).get(f"/partners/{manager.salespoint_id}/employees/").content.decode()
    assert manager.last_name in text and stranger.last_name not in text
    assert signed_in(manager).get(f"/partners/{stranger.salespoint_id}/employees/").status_code == 404


def test_erasing_a_person_is_not_a_managers_business(manager):
    with pytest.raises(Forbidden):
        person_erase(number="ОБ-1", reason="Заявление", chosen={}, by=manager)
