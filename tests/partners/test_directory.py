"""The directory of the accounting system: built in, LDAP (a real slapd where there is one, ldap3's own double elsewhere),
OpenID Connect against a provider on loopback (R1.15, R1.19, R1.25)."""

import re
import socket
import threading
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client
from ldap3 import MOCK_SYNC, NONE, Connection, Server

from core import clock
from partners import directory
from partners.directory import DirectoryDown
from partners.directory.builtin import BuiltinDirectory
from partners.directory.ldap import LdapDirectory
from partners.models import Employee
from partners.services.people import employee_hire, employee_install
from tests.factories import DirectoryPersonFactory
from tests.partners import ldap_server

SETTINGS = {
    "base": ldap_server.BASE, "bind_dn": ldap_server.ADMIN, "bind_password": ldap_server.SECRET,
    "filter": "(objectClass=inetOrgPerson)", "login": "uid", "external_id": "employeeNumber", "ca_file": "", "start_tls": False,
}  # fmt: skip


@pytest.mark.rows("R1.15", "R1.19")
def test_built_in_search(db):
    DirectoryPersonFactory(external_id="a", last_name="Алёхина", first_name="Нина")
    DirectoryPersonFactory(external_id="b", last_name="Алехин", first_name="Петр", is_active=False)
    DirectoryPersonFactory(external_id="c", last_name="Иванов", first_name="Алексей")
    found = BuiltinDirectory().search("але")
    assert [p.external_id for p in found] == ["a", "c", "b"], "е is ё, any part of the name, the working ones first"
    assert [p.external_id for p in BuiltinDirectory().search("нина алехина")] == ["a"]
    assert BuiltinDirectory().search("(a|b)+$ [") == []
    assert BuiltinDirectory().get("a").full_name == "Алёхина Нина Игоревна"
    assert BuiltinDirectory().inactive_among(["a", "b", "unknown"]) == {"b"}


def test_settings_name_an_adapter(settings):
    assert isinstance(directory.current(), BuiltinDirectory)
    settings.DIRECTORY, settings.LDAP = "ldap", SETTINGS | {"url": "ldap://127.0.0.1:1"}
    assert isinstance(directory.current(), LdapDirectory)
    settings.DIRECTORY = "paper"
    with pytest.raises(ValueError, match="neither builtin nor ldap"):
        directory.current()


# ---- LDAP -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def slapd(tmp_path_factory):
    """A running server, None where slapd is not installed."""
    binary = ldap_server.find()
    if binary is None:
        yield None
        return
    server = ldap_server.Slapd(binary, tmp_path_factory.mktemp("slapd"))
    yield server
    server.stop()


def double() -> LdapDirectory:
    """ldap3's in-memory server with the same people: it answers like a real one but checks no schema."""
    server = Server("double", get_info=NONE)
    people = {
        ldap_server.ADMIN: {"userPassword": ldap_server.SECRET, "sn": "admin", "objectClass": "person"},
        f"uid=kaverkina,{ldap_server.BASE}": {
            "objectClass": "inetOrgPerson", "uid": "kaverkina", "employeeNumber": "e-1", "sn": "Каверкина", "givenName": "Нина",
            "cn": "Каверкина Нина Игоревна", "displayName": "Каверкина Нина Игоревна", "title": "менеджер",
            "mail": "kaverkina@example.org", "telephoneNumber": "+7 495 000-00-01", "userPassword": "right horse",
        },
        f"uid=kaverin,{ldap_server.BASE}": {
            "objectClass": "inetOrgPerson", "uid": "kaverin", "employeeNumber": "e-2", "sn": "Каверин", "givenName": "Петр",
            "cn": "Каверин Петр", "userPassword": "other horse",
        },
    }  # fmt: skip
    seed = Connection(server, client_strategy=MOCK_SYNC)
    for dn, attributes in people.items():
        seed.strategy.add_entry(dn, attributes)
    return LdapDirectory(SETTINGS, strategy=MOCK_SYNC, server=server)


@pytest.fixture(params=["server", "double"])
def ldap(request):
    """The adapter against slapd (against the double once more where there is none) and against the double."""
    if request.param == "server" and (running := request.getfixturevalue("slapd")):
        return LdapDirectory(SETTINGS | {"url": running.url})
    return double()


@pytest.mark.rows("R1.15", "R1.25")
def test_ldap_finds_people(ldap):
    found = ldap.search("кавер")
    assert {p.login for p in found} == {"kaverkina", "kaverin"}
    person = ldap.get("e-1")
    assert (person.full_name, person.position, person.email) == (
        "Каверкина Нина Игоревна",
        "менеджер",
        "kaverkina@example.org",
    )
    assert person.is_active and ldap.get("e-9") is None
    assert ldap.inactive_among(["e-1", "e-2", "e-9"]) == {"e-9"}


@pytest.mark.parametrize(
    ("name", "asked"),
    [("*", r"sn=\2a*"), ("кавер)(uid=*", r"sn=кавер\29\28uid=\2a*"), ("\\2a", r"sn=\5c2a*"), ("a\0", r"sn=a\00*")],
)
def test_ldap_filters_are_escaped(name, asked, slapd, monkeypatch):
    if slapd:
        assert LdapDirectory(SETTINGS | {"url": slapd.url}).search(name) == []
    seen = []
    monkeypatch.setattr(LdapDirectory, "_find", lambda self, condition, limit=20: seen.append(condition) or [])
    assert double().search(name) == [] and f"({asked})" in seen[0]


def test_nothing_typed_asks_nothing():
    assert LdapDirectory(SETTINGS | {"url": "ldap://127.0.0.1:1"}).search("  ") == []


@pytest.mark.rows("R1.25")
def test_ldap_checks_passwords(ldap):
    assert ldap.check_password("kaverkina", "right horse").external_id == "e-1"
    for login, password in (
        ("kaverkina", "wrong"), ("kaverkina", ""), ("nobody", "right horse"), ("kaverkina", "other horse"),
    ):  # fmt: skip
        assert ldap.check_password(login, password) is None


def test_disabled_in_active_directory():
    adapter = double()
    person = adapter._person(
        {"uid": "x", "employeeNumber": "1", "sn": "Иванов", "cn": "Иванов Иван", "userAccountControl": "514"}
    )
    assert not person.is_active and person.first_name == "Иван"
    guid = adapter._person({"uid": [b"x"], "employeeNumber": [bytes(range(16))], "sn": ["Иванов".encode()]})
    assert guid.external_id == "03020100-0504-0706-0809-0a0b0c0d0e0f"


@pytest.fixture
def unused_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def hired(point, settings):
    """A person of the directory who works here, and a break-glass operator with a password of his own."""
    employee_install(
        login="glass", password="glass horse battery", name="Аварийный Вход", salespoint=point, roles=("operator",),
        is_break_glass=True, is_demo=True,
    )  # fmt: skip
    return employee_install(
        login="kaverkina", password=None, name="Каверкина Нина", salespoint=point, roles=("manager",), external_id="e-1"
    )


@pytest.mark.rows("R1.25")
def test_the_directorys_password_opens(hired, monkeypatch, client):
    monkeypatch.setattr(directory, "current", double)
    assert client.post("/login/", {"username": "kaverkina", "password": "wrong"}).status_code == 422
    assert client.post("/login/", {"username": "kaverkina", "password": "right horse"}).status_code == 302
    assert not Employee.objects.get(login="kaverkina").has_usable_password(), "nothing of it is kept"
    assert Client().post("/login/", {"username": "kaverin", "password": "other horse"}).status_code == 422, "not hired"
    Employee.objects.filter(pk=hired.pk).update(access="forbidden", blocked_at=clock.now())
    assert Client().post("/login/", {"username": "kaverkina", "password": "right horse"}).status_code == 422


@pytest.mark.rows("R1.25", "R1.19")
def test_a_silent_directory(hired, head, unused_port, settings, client):
    settings.DIRECTORY, settings.LDAP = "ldap", SETTINGS | {"url": f"ldap://127.0.0.1:{unused_port}"}
    answer = client.post("/login/", {"username": "kaverkina", "password": "right horse"})
    assert answer.status_code == 503 and "Учетная система не отвечает" in answer.content.decode()
    assert client.post("/login/", {"username": "glass", "password": "glass horse battery"}).status_code == 302
    with pytest.raises(DirectoryDown):
        employee_hire(salespoint_id=head.salespoint_id, external_id="e-2", by=head)
    assert not Employee.objects.filter(external_id="e-2").exists()


def test_a_refused_service_account_is_nobodys_wrong_password(slapd):
    url = slapd.url if slapd else "ldap://127.0.0.1:1"
    with pytest.raises(DirectoryDown):
        LdapDirectory(SETTINGS | {"url": url, "bind_password": "no"}).check_password("kaverkina", "right horse")


# ---- OpenID Connect -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def provider():
    """oidc-provider-mock on a port of its own."""
    from oidc_provider_mock import app
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)


@pytest.fixture
def shared_login(settings, provider, monkeypatch):
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    settings.OIDC = {"issuer": provider, "client_id": "sbilling", "client_secret": "secret", "claim": "sub"}
    settings.SITE_URL = "http://testserver"
    return provider


def at_the_provider(location: str, sub: str) -> str:
    """Sign in there as `sub`; the address it sends the browser back to."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    assert asked["code_challenge_method"] == "S256" and asked["nonce"] and asked["state"]
    answer = requests.post(location, data={"sub": sub}, allow_redirects=False, timeout=5)
    assert answer.status_code in (302, 303), answer.text
    return answer.headers["Location"]


@pytest.mark.rows("R1.25")
def test_shared_login(hired, shared_login, client):
    assert "Войти через учетную систему" in client.get("/login/").content.decode()
    away = client.get("/login/oidc/?next=/clients/")
    assert away["Location"].startswith(shared_login)
    back = at_the_provider(away["Location"], "e-1")
    answer = client.get(back.removeprefix("http://testserver"))
    assert (answer.status_code, answer["Location"]) == (302, "/clients/")
    assert client.get("/profile/password/").status_code == 200


def test_shared_login_lets_in_the_hired_alone(hired, shared_login, client):
    back = at_the_provider(client.get("/login/oidc/")["Location"], "e-unknown")
    assert client.get(back.removeprefix("http://testserver")).status_code == 422
    Employee.objects.filter(pk=hired.pk).update(access="forbidden", blocked_at=clock.now())
    back = at_the_provider(client.get("/login/oidc/")["Location"], "e-1")
    assert client.get(back.removeprefix("http://testserver")).status_code == 422


def test_a_forged_return_is_refused(hired, shared_login, client):
    back = at_the_provider(client.get("/login/oidc/")["Location"], "e-1")
    forged = re.sub(r"state=[^&]+", "state=forged", back.removeprefix("http://testserver"))
    assert client.get(forged).status_code == 422
    assert Client().get(back.removeprefix("http://testserver")).status_code == 422, "another browser's code"


def test_a_silent_provider(settings, unused_port, client, db):
    settings.OIDC = {
        "issuer": f"http://127.0.0.1:{unused_port}",
        "client_id": "x",
        "client_secret": "y",
        "claim": "sub",
    }
    answer = client.get("/login/oidc/")
    assert answer.status_code == 503 and "Учетная система не отвечает" in answer.content.decode()


def test_no_issuer_no_page(client, db):
    assert client.get("/login/oidc/").status_code == client.get("/login/oidc/callback/").status_code == 404
