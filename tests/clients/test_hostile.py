"""A hostile user of «Все клиенты»: names that are scripts and formulas, garbage in filters and ids, foreign rows, guessed links."""

import random
import re
from io import BytesIO

import pytest
from django.test import Client as Browser
from openpyxl import load_workbook

from clients.models import Binding, Client, Invitation
from clients.services import client_decline
from clients.services.invitations import Offer, invitation_deliver, invitation_send
from core import clock
from core.models import SavedSelection
from tests import factories as make
from tests.clients.test_lists import SECTIONS, TODAY, ids

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}"
GARBAGE = [
    "", " ", "0", "-1", "9" * 30, "1e5", "NaN", "٣", "\x00", "%00", "'; DROP TABLE clients_client; --", "../../etc/passwd", "<script>", "p", "p1e", "e" * 400,
    "p99999999999999999999", "💥", "\ud7ff", "31.02.2026", "2026-99-99", "new", "period", "null", "[]", "{}", "a" * 3000, "%", "_", "\\", "К\u202e",
]  # fmt: skip
NAMES = (
    "resp", "reg", "reg_from", "reg_to", "phone", "region", "kind", "state", "work", "contact", "life", "topic", "q", "twins", "invite", "step", "about",
    "sent", "sent_from", "why", "since", "licence", "active", "sort", "page", "after", "before", "size", "open", "seg", "format", "all", "нет",
)  # fmt: skip


@pytest.fixture(autouse=True)
def day(clock_at):
    clock_at(TODAY)


@pytest.fixture
def page(signed_in, head):
    return signed_in(head)


def test_names_are_text_everywhere(page, head, manager):
    client = make.ClientFactory(
        name=SCRIPT,
        inn="7718159470",
        prospect_state="invited",
        invite_state="invited",
        invited_on=TODAY,
        phone="+74012123456",
        city=SCRIPT[:90],
    )
    twin = make.ClientFactory(name=SCRIPT, inn="7718159470", kpp="", ogrn=None)
    make.details(
        client, full_name=SCRIPT, director=SCRIPT, address=SCRIPT, site=f"javascript:{SCRIPT[:50]}", email=SCRIPT[:60]
    )
    make.bound(client, head)
    Invitation.objects.create(
        client=client, sender_name=SCRIPT, topic="edo", state="invited", sent_at=clock.now(), expires_on=TODAY
    )
    client_decline(client_id=twin.pk, reason="price", comment=SCRIPT, by=head, on=TODAY)
    urls = [
        *SECTIONS, *(f"{section}distribution/" for section in SECTIONS), "/search/?q=alert", "/search/suggest/?q=alert", f"/clients/{client.pk}/bind/",
        f"/clients/{client.pk}/transfer/", f"/clients/{client.pk}/decline/", f"/clients/{client.pk}/merge/{twin.pk}/", f"/clients/{client.pk}/readiness/",
        *(f"/clients/{client.pk}/{part}" for part in ("", "contacts/", "invitations/", "edo/", "related/", "history/", "accounts/")), f"/clients/{twin.pk}/history/",
        f"/clients/?q={SCRIPT}&all=1", f"/clients/?resp={SCRIPT}",
    ]  # fmt: skip
    for url in urls:
        html = page.get(url, follow=True).content.decode()
        assert "<script>alert" not in html and "<img src=x" not in html and 'href="javascript:' not in html, url
        assert "{{ 7*7 }}" in html or SCRIPT[:10] not in html, url


@pytest.mark.parametrize("section", SECTIONS)
def test_garbage_in_filters_is_never_an_error_of_the_server(page, section):
    make.ClientFactory()
    rng = random.Random(section)
    for name in NAMES:
        for url, value in zip((section, f"{section}distribution/"), rng.sample(GARBAGE, 2), strict=True):
            query = {name: value, "resp": "none"} if name != "resp" else {name: value}
            assert page.get(url, query, follow=True).status_code in (200, 422), (url, name, value)
    for _ in range(8):
        query = {rng.choice(NAMES): [rng.choice(GARBAGE) for _ in range(rng.randint(1, 3))] for _ in range(6)}
        assert page.get(section, query, follow=True).status_code in (200, 422), query


@pytest.mark.parametrize("value", ["99999999999999999999", "0", "2147483648", "9223372036854775808"])
def test_huge_and_absent_ids(page, value):
    for part in ("", "bind/", "merge/1/", f"related/{value}/", "phones/1/", "contacts/1/", "history/", "invite/"):
        assert page.get(f"/clients/{value}/{part}").status_code in (404, 405), part
        assert page.post(f"/clients/{value}/{part}", {"to": "me"}).status_code in (403, 404, 405), part


def test_bulk_takes_no_foreign_rows_and_no_garbage(signed_in, manager, stranger, other_point):
    own, foreign = make.ClientFactory(), make.ClientFactory()
    make.bound(own, point=manager.salespoint)
    make.bound(foreign, stranger)
    far = make.ClientFactory()
    Client.objects.filter(pk=far.pk).update(region_code="25")
    page = signed_in(manager)
    post = {"do": "bind-me", "confirmed": "1", "pk": [own.pk, foreign.pk, far.pk, "9" * 40, "-1", "x", "\u0663", ""]}
    assert page.post("/clients/", post).status_code == 302
    assert {b.client_id: b.manager for b in Binding.objects.open()} == {own.pk: manager, foreign.pk: stranger}
    for action in ("release", "transfer", "bind-to", "call", "нет", "__class__", ""):
        assert page.post("/clients/", {"do": action, "confirmed": "1", "pk": [foreign.pk]}).status_code in (403, 422), (
            action
        )
    assert Binding.objects.open().get(client=foreign).manager == stranger
    assert page.post(
        "/clients/?resp=none", {"do": "bind-me", "confirmed": "1", "every": "1", "expected": "7"}
    ).status_code in (409, 422)


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(1)", "\t=1", "=cmd|'/c calc'!A0"])
def test_excel_holds_text_and_no_formulas(page, head, name):
    client = make.ClientFactory(name=name, city=name)
    make.bound(client, head)
    book = load_workbook(BytesIO(b"".join(page.get("/clients/?resp=me&format=xlsx").streaming_content)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert name.strip() in {str(cell.value).strip() for cell in cells}


def test_links_of_invitations_are_not_guessed(manager):
    client = make.ClientFactory()
    make.bound(client, manager)
    row = invitation_send(client_id=client.pk, offer=Offer("edo", address="a@b.example"), by=manager, on=TODAY)
    invitation_deliver(invitation_id=row.pk)
    row.refresh_from_db()
    for token in (str(row.pk), row.token_hash, "x", "a" * 500, "-", "None", "0" * 32):
        for browser in (Browser().get, Browser().post):
            assert browser(f"/invitation/{token}/").status_code == 404, token
    assert Browser().get("/invitation/%00/").status_code == 404
    row.refresh_from_db()
    assert (row.state, row.closed_at) == ("invited", None)


def test_a_strangers_card_shows_the_register_and_nothing_of_people(signed_in, stranger, manager):
    client = make.ClientFactory(phone="+74012123456")
    make.bound(client, manager)
    page = signed_in(stranger)
    html = page.get(f"/clients/{client.pk}/").content.decode()
    assert client.inn in html and "+74012123456" not in html and "212-34-56" not in html
    assert ids(page.get("/clients/?all=1")) == []
    for part in ("contacts/", "invitations/", "edo/", "history/"):
        assert page.get(f"/clients/{client.pk}/{part}").status_code == 404, part
    for part in (
        "decline/",
        "return/",
        "phones/add/",
        "contacts/add/",
        "readiness/",
        "invite/",
        "release/",
        "notes/add/",
        "calls/add/",
    ):
        assert page.post(f"/clients/{client.pk}/{part}", {"reason": "x" * 5}).status_code == 404, part


def test_names_of_selections_and_columns_are_taken_as_typed_or_refused_in_words(signed_in, page, manager, head):
    for title, words in (("Я" * 300, "длиннее 100 знаков"), ("  ", "Введите название")):
        answer = page.post("/clients/", {"do": "save", "title": title, "query": "phone=1"})
        assert answer.status_code == 422 and words in answer.content.decode()
    for query in ("phone=1", "phone=0"):  # the same name again: overwritten
        assert page.post("/clients/", {"do": "save", "title": "Мои\x00 новые", "query": query}).status_code == 302
    assert SavedSelection.objects.get(owner=head).query == "phone=0"
    for query in ("reg=period&reg_from=zz", "q=" + "x" * 9000, "phone=1\x00", "<script>"):
        assert (
            page.post("/clients/", {"do": "save", "title": query[:9], "query": query, "shared": "1"}).status_code == 302
        )
    for kept in SavedSelection.objects.filter(owner=head):
        assert page.get(f"/clients/?{kept.query}", follow=True).status_code in (200, 422)
    own = SavedSelection.objects.filter(owner=head).first()
    assert signed_in(manager).post("/clients/", {"do": "forget", "selection": own.pk}).status_code == 302
    assert SavedSelection.objects.filter(pk=own.pk).exists()
    make.ClientFactory(name="Видна, ООО")
    for columns in ([], ["нет", "__class__"]):
        assert page.post("/clients/", {"do": "columns", "column": columns}).status_code == 302
        assert "Видна, ООО" in page.get("/clients/?resp=none").content.decode()


@pytest.mark.parametrize("section", SECTIONS)
def test_a_place_that_does_not_exist_is_the_nearest_one(page, section):
    make.ClientFactory(prospect_state="invited", invite_state="invited", invited_on=TODAY)
    for query in ("sort=manager__password", "sort=--name", "page=0", "page=-3", "page=9999999", "after=zz", "size=-1"):
        assert page.get(f"{section}?resp=none&{query}", follow=True).status_code == 200, query


def test_a_page_whose_rows_have_gone_is_the_nearest_one(page):
    """Somebody bound them meanwhile; or the number was typed by hand."""
    make.ClientFactory.create_batch(60)
    for typed in ("page=7", "page=99999999", "page=7&sort=name"):
        assert len(ids(page.get(f"/clients/?resp=none&size=25&{typed}"))) == 25, typed
    links = {}
    for number, word in ((2, "after"), (3, "before")):
        html = page.get(f"/clients/?resp=none&size=25&page={number}").content.decode()
        links[word] = re.search(rf'\?[^"]*{word}=[^"]*', html)[0].replace("&amp;", "&")
    first, last = (set(ids(page.get(f"/clients/?resp=none&size=25&page={number}"))) for number in (1, 3))
    for word, left in (("after", first), ("before", last)):
        Client.objects.update(region_code="25")
        Client.objects.filter(pk__in=left).update(region_code="39")
        assert set(ids(page.get(f"/clients/{links[word]}"))) == left, word
    Client.objects.update(region_code="25")
    assert ids(page.get(f"/clients/{links['after']}")) == ids(page.get("/clients/?resp=none&page=4")) == []


def test_five_thousand_and_one_rows_are_refused_in_words(page):
    rows = [Client(kind="legal", name=f"К {n}", name_norm=f"к {n}", ogrn=make.ogrn13(7_000_000 + n), region_code="39") for n in range(5001)]  # fmt: skip
    ids = [row.pk for row in Client.objects.bulk_create(rows)]
    answer = page.post("/clients/?resp=none", {"do": "bind-me", "confirmed": "1", "pk": ids})
    assert answer.status_code == 422 and "не больше 5\u00a0000\u00a0строк" in answer.content.decode()
    assert not Binding.objects.exists()
