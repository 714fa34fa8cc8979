"""The door: signing in and out, limits of sessions, the second factor (manual ch. 1; decisions 23-25; A3, A9, A14)."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from core import clock
from core.models import JournalEntry
from partners.models import Employee, SessionLink
from partners.services.second_factor import second_factor_reset
from partners.services.sessions import session_end
from partners.views.door import LOCKED, REFUSED


def sign_in(client, login="manager", password="demo", **data):
    return client.post("/login/", {"username": login, "password": password, **data})


@pytest.mark.rows("R1.10", "R1.11")
def test_login_page(client):
    page = client.get("/login/?next=/clients/").content.decode()
    for text in ("Логин", "Пароль", "Войти", "Как стать партнером", 'name="next" value="/clients/"', "data-secret"):
        assert text in page


@pytest.mark.rows("R1.10", "R1.11", "R1.25")
def test_right_password_opens_with_a_new_session(client, manager):
    client.get("/login/")
    client.cookies["session"] = "planted0planted0planted0planted0"
    answer = sign_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/renewals/")
    key = client.session.session_key
    assert key != "planted0planted0planted0planted0"
    assert SessionLink.objects.get(employee=manager).session_key == key


@pytest.mark.parametrize(
    ("who", "home"),
    [("manager", "/accounts/renewals/"), ("support", "/"), ("head", "/"), ("operator", "/")],
)
def test_home_by_role(client, request, who, home):
    request.getfixturevalue(who)
    assert sign_in(client, who)["Location"] == home
    assert client.get(home).status_code == 200


def test_support_begins_with_tickets_once_they_have_pages(client, support, monkeypatch):
    monkeypatch.setattr("partners.selectors.is_served", lambda path: True)
    assert sign_in(client, "support")["Location"] == "/tickets/on-me/"


def test_login_ignores_case_and_blanks(client, manager):
    assert sign_in(client, " MANAGER ").status_code == 302


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "///evil.example", r"\\evil.example", r"/\evil.example", "https://evil.example", "http:evil.example",
     "javascript:alert(1)", "data:text/html,x", " //evil.example", "\t//evil.example", "/\t/evil.example", "%2f%2fevil.example",
     "https:///evil.example", "//user@evil.example", "ftp://evil.example", "evil.example", "/\r\nLocation: //evil.example",
     "/\x00evil", "//[::1]", "https://testserver.evil.example/"],
)  # fmt: skip
def test_next_never_leaves_the_site(client, manager, target):
    answer = sign_in(client, next=target)
    assert answer["Location"] == "/accounts/renewals/"
    assert "evil" not in client.get("/login/", {"next": target})["Location"]


@pytest.mark.parametrize("target", ["/clients/?q=1", "/accounts/1204518/"])
def test_next_inside_is_kept(client, manager, target):
    assert sign_in(client, next=target)["Location"] == target


@pytest.mark.rows("R1.10")
def test_equal_answers(client, manager, colleague):
    Employee.objects.filter(pk=colleague.pk).update(access="forbidden", blocked_at=clock.now())
    pages = [
        sign_in(Client(), "nobody", "demo"),
        sign_in(Client(), "manager", "wrong"),
        sign_in(Client(), "colleague", "demo"),
    ]
    texts = [re.sub(r'value="[^"]*"', "", page.content.decode()) for page in pages]
    assert {page.status_code for page in pages} == {422}
    assert texts[0] == texts[1] == texts[2]
    assert REFUSED in texts[0]


def test_ten_failures_close_the_door_for_that_login_and_address(client, manager, colleague):
    for _ in range(10):
        last = sign_in(client, "manager", "wrong")
    assert last.status_code == 429
    answer = sign_in(client)
    assert (answer.status_code, LOCKED in answer.content.decode()) == (429, True)
    assert sign_in(client, "MANAGER ").status_code == 429, "letter case gives no new attempts"
    assert sign_in(Client(), "colleague").status_code == 302, "a colleague at the same address gets in"
    assert sign_in(Client(REMOTE_ADDR="10.1.2.3")).status_code == 302, "nobody locks the boss out from elsewhere"


def test_unknown_logins_are_locked_alike(client, db):
    answers = [sign_in(client, "nobody", "x").status_code for _ in range(11)]
    assert answers[-2:] == [429, 429]


@pytest.mark.parametrize("login", ["manager", "nobody", "colleague"], ids=["known", "unknown", "blocked"])
def test_every_refusal_costs_one_hash(manager, colleague, login, monkeypatch):
    """What time there is, is the hash's; `./run chaos authz` measures it in seconds (A14)."""
    made = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: made.append(1) or encode(*args))
    Employee.objects.filter(pk=colleague.pk).update(access="forbidden", blocked_at=clock.now())
    made.clear()
    assert sign_in(Client(), login, "wrong").status_code == 422
    assert len(made) == 1


def test_sign_out_is_a_post(client, manager):
    client.force_login(manager)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert not SessionLink.objects.exists() and not Session.objects.exists()
    assert client.get("/profile/password/")["Location"].startswith("/login/")


@pytest.mark.parametrize(
    "since", [{"last_seen_at": timedelta(hours=2)}, {"started_at": timedelta(hours=12)}], ids=["idle", "absolute"]
)
def test_sessions_end(client, manager, since):
    client.force_login(manager)
    link = SessionLink.objects.get()
    now = clock.system_now()
    SessionLink.objects.filter(pk=link.pk).update(
        **{name: now - length + timedelta(seconds=30) for name, length in since.items()}
    )
    assert client.get("/profile/password/").status_code == 200
    SessionLink.objects.filter(pk=link.pk).update(**{name: now - length for name, length in since.items()})
    assert client.get("/profile/password/")["Location"] == "/login/?next=/profile/password/"
    assert not SessionLink.objects.exists()


def test_last_seen_is_written_once_a_minute(client, manager, django_assert_num_queries):
    client.force_login(manager)
    SessionLink.objects.update(last_seen_at=clock.system_now() - timedelta(seconds=61))
    client.get("/profile/password/")
    seen = SessionLink.objects.get().last_seen_at
    assert clock.system_now() - seen < timedelta(seconds=20)
    client.get("/profile/password/")
    assert SessionLink.objects.get().last_seen_at == seen


def test_session_without_a_link_is_nobodys(client, manager):
    client.force_login(manager)
    SessionLink.objects.all().delete()
    assert client.get("/profile/password/").status_code == 302


def test_foreign_session_cannot_be_ended(signed_in, manager, stranger, colleague):
    theirs = signed_in(stranger)
    link = SessionLink.objects.get(employee=stranger)
    assert signed_in(manager).post(f"/sessions/{link.pk}/end/").status_code == 404
    signed_in(colleague)
    near = SessionLink.objects.get(employee=colleague)
    assert signed_in(manager).post(f"/sessions/{near.pk}/end/").status_code == 403
    assert theirs.get("/profile/password/").status_code == 200


def test_own_session_list_and_end(signed_in, manager):
    here, there = signed_in(manager), signed_in(manager, HTTP_USER_AGENT="Яндекс.Браузер")
    page = here.get(f"/employees/{manager.pk}/sessions/").content.decode()
    assert "Этот сеанс" in page and page.count("Завершить<") == 1
    other = SessionLink.objects.get(session_key=there.session.session_key)
    assert here.post(f"/sessions/{other.pk}/end/").status_code == 302
    assert there.get("/profile/password/").status_code == 302
    assert here.get("/profile/password/").status_code == 200
    with pytest.raises(SessionLink.DoesNotExist):
        session_end(link_id=other.pk, by=manager)


# ---- password -------------------------------------------------------------------------------------------------------


def test_password_change_ends_other_sessions(signed_in, manager):
    here, there = signed_in(manager), signed_in(manager)
    data = {"old": "demo", "new": "другой-пароль-7", "again": "другой-пароль-7"}
    assert here.post("/profile/password/", data).status_code == 302
    assert here.get("/profile/password/").status_code == 200, "this session goes on"
    assert there.get("/profile/password/").status_code == 302
    assert sign_in(Client(), password="demo").status_code == 422
    assert sign_in(Client(), password="другой-пароль-7").status_code == 302


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"old": "wrong", "new": "другой-пароль-7", "again": "другой-пароль-7"}, "Текущий пароль не подходит"),
        ({"old": "demo", "new": "другой-пароль-7", "again": "другой-пароль-8"}, "Пароли не совпадают"),
    ],
)
def test_password_change_refusals(signed_in, manager, data, told):
    answer = signed_in(manager).post("/profile/password/", data)
    assert answer.status_code == 422 and told in answer.content.decode()


def test_validators_hold_outside_the_demo(signed_in, manager, settings):
    settings.DEMO = False
    client = signed_in(manager)
    answer = client.post("/profile/password/", {"old": "demo", "new": "short", "again": "short"})
    assert answer.status_code == 422 and "слишком короткий" in answer.content.decode()
    settings.DEMO = True
    assert client.post("/profile/password/", {"old": "demo", "new": "short", "again": "short"}).status_code == 302


# ---- second factor --------------------------------------------------------------------------------------------------


def code_of(device: TOTPDevice) -> str:
    device.refresh_from_db()
    device.last_t = -1
    device.save(update_fields=["last_t"])
    return f"{totp(device.bin_key):06}"


def unthrottle() -> None:
    """As if the wait after a wrong code were over."""
    for model in (TOTPDevice, StaticDevice):
        model.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)


def set_up(client) -> TOTPDevice:
    client.post("/profile/second-factor/", {"do": "begin"})
    return TOTPDevice.objects.get(confirmed=False)


@pytest.mark.parametrize("who", ["head", "operator"])
def test_second_factor_is_demanded_outside_the_demo(client, request, settings, who):
    person = request.getfixturevalue(who)
    sign_in(client, who)
    assert client.get("/partners/").status_code == 200, "demo logins are exempt"
    settings.DEMO = False
    answer = client.get("/partners/?all=1")
    assert unquote(answer["Location"]) == "/profile/second-factor/?next=/partners/?all=1"
    fragment = client.get("/partners/", headers={"HX-Request": "true"})
    assert fragment["HX-Redirect"].startswith("/profile/second-factor/")
    device = set_up(client)
    picture = client.get("/profile/second-factor/picture.svg")
    assert picture["Content-Type"] == "image/svg+xml" and b"<svg" in picture.content and b"style" not in picture.content
    answer = client.post("/profile/second-factor/", {"code": code_of(device), "next": "/partners/"})
    codes = re.findall(r"<li>([a-z0-9]{5}-[a-z0-9]{5})</li>", answer.content.decode())
    assert len(codes) == 10
    assert client.get("/partners/").status_code == 200
    assert client.get("/profile/second-factor/picture.svg").status_code == 404, "the secret is never shown again"
    assert JournalEntry.objects.filter(code="employee.second_factor_set", by=person).exists()


def test_export_right_alone_demands_it(client, manager, settings):
    from partners.models import Grant

    Grant.objects.create(employee=manager, right="exports.make", scope="salespoint", granted_at=clock.now())
    sign_in(client)
    settings.DEMO = False
    assert client.get("/profile/password/").status_code == 302


def test_manager_needs_none(client, manager, settings):
    settings.DEMO = False
    sign_in(client)
    assert client.get("/profile/password/").status_code == 200


def test_code_at_the_next_sign_in(client, head, settings):
    settings.DEMO = False
    sign_in(client, "head")
    device = set_up(client)
    answer = client.post("/profile/second-factor/", {"code": code_of(device)})
    codes = re.findall(r"<li>([a-z0-9]{5}-[a-z0-9]{5})</li>", answer.content.decode())
    again = Client()
    sign_in(again, "head")
    assert unquote(again.get("/partners/")["Location"]) == "/login/code/?next=/partners/"
    assert again.post("/login/code/", {"code": "000000"}).status_code == 422
    unthrottle()
    answer = again.post("/login/code/", {"code": code_of(device), "next": "/partners/"})
    assert answer["Location"] == "/partners/"
    assert again.get("/partners/").status_code == 200
    third = Client()
    sign_in(third, "head")
    assert third.post("/login/code/", {"code": codes[0].upper()}).status_code == 302
    fourth = Client()
    sign_in(fourth, "head")
    unthrottle()
    assert fourth.post("/login/code/", {"code": codes[0]}).status_code == 422, "a recovery code works once"


def test_factor_cannot_be_replaced_without_it(client, head, settings):
    settings.DEMO = False
    sign_in(client, "head")
    device = set_up(client)
    client.post("/profile/second-factor/", {"code": code_of(device)})
    thief = Client()
    sign_in(thief, "head")
    assert thief.post("/profile/second-factor/", {"do": "begin"})["Location"].startswith("/login/code/")
    assert TOTPDevice.objects.get().confirmed


def test_lost_telephone(client, head, operator, manager, settings):
    settings.DEMO = False
    sign_in(client, "head")
    device = set_up(client)
    client.post("/profile/second-factor/", {"code": code_of(device)})
    second_factor_reset(employee_id=head.pk, by=operator)
    assert not TOTPDevice.objects.exists()
    assert client.get("/login/code/").status_code == 302, "his sessions have ended"
    sign_in(client, "head")
    assert client.get("/partners/")["Location"].startswith(reverse("second-factor"))
