"""Name, support and links are the deployment's (R0.1, R0.19); the help leads only where its reader may go."""

import re
from pathlib import Path

import pytest

from sbilling import help
from sbilling.settings.brand import link
from tests.partners.test_applications import filled

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def renamed(settings):
    settings.BRAND = {
        "name": "Касса",
        "mark": "К",
        "owner": "ООО «Владелец»",
        "support_phone": "+7 4012 00-00-00",
        "support_email": "",
    }
    settings.LINKS = {"Сервис": "https://service.example/", "Портал для клиентов": ""}
    return settings


@pytest.mark.rows("R0.1", "R0.19")
def test_name_support_and_links_come_from_settings(renamed, client, signed_in, manager):
    door = client.get("/login/").content.decode()
    home = signed_in(manager).get("/").content.decode()
    assert "SBilling" not in door + home
    assert "— Касса</title>" in door and "— Касса</title>" in home and "tel:+7 4012 00-00-00" in door
    assert "https://service.example/" in home
    assert "Портал для клиентов" not in home, "a link that is not set is not shown"


@pytest.mark.rows("R0.1")
def test_letters_are_signed_with_the_name(renamed, mailoutbox, client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/become-partner/", filled())
    assert mailoutbox[0].body.endswith("Касса")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "service.example", " ", "data:text/html,x"])
def test_what_is_no_web_address_is_no_link(monkeypatch, address):
    monkeypatch.setenv("SBILLING_SERVICE_URL", address)
    assert link("SBILLING_SERVICE_URL") == ""


@pytest.mark.rows("R0.19")
def test_no_page_names_a_host_of_its_own():
    texts = [path.read_text() for path in (ROOT / "templates").rglob("*.html")]
    assert len(texts) > 100
    assert not [address for text in texts for address in re.findall(r"(?:href|src|action)=\"(https?://[^\"]+)", text)]


@pytest.mark.parametrize("who", ["manager", "support", "operator", "head", "renewals"])
def test_the_help_leads_only_where_its_reader_may_go(request, signed_in, who):
    reader = request.getfixturevalue(who)
    browser = signed_in(reader)
    chapters = help.chapters_for(reader)
    html = browser.get("/help/").content.decode()
    entries = [topic.entry for chapter in chapters for topic in chapter.topics]
    assert entries
    for entry in entries:
        assert f'href="{entry.url}"' in html and browser.get(entry.url).status_code == 200
