"""Who exported, who looked at contacts, who works at a point; a person's data erased on request (152-ФЗ)."""

import ast

import pytest

from core import clock, timeline
from core.errors import Forbidden
from core.models import ExportRecord, ViewEntry
from partners.browsers import browser_name
from partners.services.erasing import person_erase
from partners.views.employees import PointEmployees
from partners.views.journal import Exports, Views
from tests.architecture.code import modules

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


def test_every_code_that_is_recorded_has_words():
    """History never shows a bare code: each constant given to journal.record is registered."""
    told = {code for module in modules() for code in codes(module.tree)}
    assert len(told) > 80 and not {code for code in told if code not in timeline._titles}


def codes(tree: ast.AST):
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and ast.unparse(call.func) in ("record", "journal.record") and len(call.args) > 1:
            yield from (c.value for c in ast.walk(call.args[1]) if isinstance(c, ast.Constant) and "." in str(c.value))


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/126.0 YaBrowser/24.7 Safari/537.36",
            "Яндекс Браузер, Windows",
        ),
        ("Mozilla/5.0 (iPad; CPU OS 13_0 like Mac OS X) AppleWebKit/605 Version/13.0 Safari/604.1", "Safari, iPad"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Linux"),
        ("curl/8.5", "curl/8.5"),
    ],
)
def test_a_session_is_named_by_browser_and_system(agent, name):
    assert browser_name(agent) == name
