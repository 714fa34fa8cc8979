"""A hostile user at the forms of a client: every field of every form with text that breaks things, ids that are not ids."""

import pytest

from accounts.models import Task
from clients.models import Client, Invitation, Person
from clients.services import Contact, contact_add
from tests import factories as make
from tests.clients.test_lists import TODAY

pytestmark = pytest.mark.django_db

ODD = {
    "superscript": "²", "long digits": "9" * 5000, "arabic digits": "٣٣٣", "nul": "a\x00b", "rtl": "\u202eгрОА", "zwj": "👨‍👩‍👧", "combining": "e\u0301" * 90,
    "grows": "İ" * 200, "10 kB": "x" * 10_000, "html": "<script>alert(1)</script>", "sql": "'; DROP TABLE x; --", "negative": "-1", "far": "31.12.9999", "first": "01.01.0001",
    "iso": "0000-00-00", "spaces": " \u00a0\u2003 ", "mail": "İ" * 200 + "@b.example",
}  # fmt: skip


@pytest.fixture(autouse=True)
def day(clock_at):
    clock_at(TODAY)


@pytest.fixture
def client(head):
    made = make.ClientFactory(name="Ресурс, ООО", inn="7718159470", phone="+74012123456")
    make.details(made)
    make.bound(made, head)
    return made


FORMS = {
    "bind": {"manager": "", "topic": "main", "reason": "причина", "confirmed": "1"},
    "release": {"topic": "main", "reason": "причина"},
    "transfer": {"manager": "", "salespoint": "", "topic": "main", "reason": "причина", "carry": "tasks"},
    "decline": {"reason": "price", "comment": "дорого"},
    "phones/add": {"phone": "84012999999", "comment": "", "source": "client", "basis": ""},
    "contacts/add": {"full_name": "Иванова Мария", "role": "other", "phone": "84012999999", "email": "a@b.example", "note": "", "source": "client", "basis": ""},
    "contacts/LINK": {"full_name": "Иванова Мария", "role": "other", "phone": "84012999999", "email": "a@b.example", "note": "", "source": "client", "basis": "", "version": "1"},
    "readiness": {"workplace": "yes", "workplace_note": "", "signature": "yes", "signature_until": "31.12.2027", "crypto": "yes", "skipped": "", "version": "1"},
    "invite": {"topic": "edo", "sender_inn": "", "address": "a@b.example"},
    "notes/add": {"text": "заметка"},
    "calls/add": {"result": "talked", "person": "", "comment": "", "next_on": "", "topic": "main"},
    "tasks/add": {"title": "дело", "due_on": "30.11.2026", "assignee": ""},
    "next-contact": {"next_on": "30.11.2026", "topic": "main", "comment": ""},
}  # fmt: skip


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_odd_values_in_every_field(signed_in, head, client, value):
    browser = signed_in(head)
    browser.raise_request_exception = False
    link = contact_add(client_id=client.pk, contact=Contact("Иванова Мария", phone="84012999990"), by=head)
    seen = {}
    for form, fields in FORMS.items():
        for name in fields:
            url = f"/clients/{client.pk}/{form.replace('LINK', str(link.pk))}/"
            seen[form, name] = browser.post(url, fields | {name: value}).status_code
    assert {key: status for key, status in seen.items() if status >= 500 or status == 404} == {}


def test_a_contact_keeps_what_was_not_touched(signed_in, head, client):
    """The form shows the extension, the source and the basis, and saves them."""
    contact = Contact("Иванова Мария", phone="8 (4012) 12-34-56 доб. 7", source="client", basis="по телефону")
    link = contact_add(client_id=client.pk, contact=contact, by=head)
    page = signed_in(head)
    url = f"/clients/{client.pk}/contacts/{link.pk}/"
    form = page.get(url).context["form"]
    typed = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    assert page.post(url, typed).status_code == 302
    person = Person.objects.get()
    assert (person.phone, person.extension, person.source, person.basis) == (
        "+74012123456",
        "7",
        "client",
        "по телефону",
    )
    assert (
        page.post(url, typed | {"source": "manager", "basis": "визитка", "version": person.version}).status_code == 302
    )
    person.refresh_from_db()
    assert (person.extension, person.source, person.basis) == ("7", "manager", "визитка")


@pytest.mark.parametrize(
    "address",
    [
        "a,b@c.example",
        "a;b@c.example",
        "Имя <a@c.example>",
        "a@b@c.example",
        "a@c..example",
        ".a@c.example",
        "a@c",
        "İ" * 200 + "@c.example",
    ],
)
def test_one_address_is_invited(signed_in, head, client, address):
    page = signed_in(head)
    answer = page.post(f"/clients/{client.pk}/invite/", {"topic": "edo", "address": address})
    assert answer.status_code == 422 and "name@example.ru" in answer.content.decode()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    "inn",
    ["7751 160 508", " 7751\u00a0160\u00a0508 ", "\u200b7751160508\u200b", "77 51 16 05 08", "\u202d7751160508\u202c"],
)
def test_a_pasted_inn_is_read(signed_in, head, client, inn):
    sender = make.ClientFactory(name="Поставщик, АО", inn="7751160508")
    post = {"topic": "edo", "address": "a@b.example", "sender_inn": inn}
    assert signed_in(head).post(f"/clients/{client.pk}/invite/", post).status_code == 302
    assert Invitation.objects.get().sender == sender
    assert "Поставщик" in signed_in(head).get("/accounts/connect/", {"inn": inn}).content.decode()


@pytest.mark.parametrize("form", ["contacts/LINK", "readiness"])
def test_a_stale_form_is_refused_and_may_be_written_over(signed_in, head, client, form):
    """Two tabs: the second one is told, keeps what was typed, and «Перезаписать» writes it."""
    link = contact_add(client_id=client.pk, contact=Contact("Иванова Мария", phone="84012999990"), by=head)
    Client.objects.filter(pk=client.pk).update(version=7)  # the card's version is not the form's
    page, url = signed_in(head), f"/clients/{client.pk}/{form.replace('LINK', str(link.pk))}/"
    name = "note" if "LINK" in form else "workplace_note"
    typed = FORMS[form] | {"workplace": "no", "signature_until": ""} if form == "readiness" else FORMS[form]
    stale = str(page.get(url).context["form"]["version"].value())
    assert page.post(url, typed | {"version": stale, name: "первая вкладка"}).status_code == 302
    refused = page.post(url, typed | {"version": stale, name: "вторая вкладка"})
    assert refused.status_code == 409 and "вторая вкладка" in refused.content.decode()
    assert page.post(url, typed | {"version": stale, name: "вторая вкладка", "overwrite": "1"}).status_code == 302
    assert page.get(url).context["form"][name].value() == "вторая вкладка"


@pytest.mark.parametrize(
    ("due_on", "words"),
    [
        ("22.11.2026", "Срок уже прошел"),
        ("01.01.0001", "Срок уже прошел"),
        ("24.11.2028", "До срока больше двух лет"),
        ("31.02.2027", "Введите дату в виде 31.12.2026"),
        ("завтра", "Введите дату в виде 31.12.2026"),
    ],
)
def test_a_term_is_a_day_ahead(signed_in, head, client, due_on, words):
    page = signed_in(head)
    for url, post in (
        (f"/clients/{client.pk}/tasks/add/", {"title": "дело"}),
        ("/clients/", {"do": "call", "confirmed": "1", "pk": client.pk}),
    ):
        answer = page.post(url, post | {"due_on": due_on})
        assert answer.status_code == 422 and words in answer.content.decode(), url
    assert not Task.objects.exists()
