"""The second factor and the password of one's own (decision 24)."""

import re

import pytest
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from partners.models import SessionLink

pytestmark = pytest.mark.django_db


@pytest.fixture
def real_head(head):
    """Not a demo login: the factor is asked for."""
    head.is_demo = False
    head.save(update_fields=["is_demo"])
    return head


def set_up(client, employee):
    client.post("/profile/second-factor/", {"do": "begin"})
    device = TOTPDevice.objects.get(user=employee, confirmed=False)
    answer = client.post("/profile/second-factor/", {"code": f"{totp(device.bin_key):06}", "next": "/clients/"})
    return re.findall(r"<li>([\w-]{11})</li>", answer.content.decode()), answer


def test_a_head_sets_it_up_before_anything_else(signed_in, real_head):
    client = signed_in(real_head)
    assert client.get("/clients/")["Location"] == "/profile/second-factor/?next=%2Fclients%2F"
    assert client.get("/profile/second-factor/picture.svg").status_code == 404  # GET makes no secret
    client.post("/profile/second-factor/", {"do": "begin"})
    assert b"<svg" in client.get("/profile/second-factor/picture.svg").content
    assert client.post("/profile/second-factor/", {"code": "abc"}).status_code == 422
    assert client.get("/clients/").status_code == 302


def test_the_first_code_opens_the_door_and_gives_ten_recovery_codes(signed_in, real_head):
    client = signed_in(real_head)
    codes, answer = set_up(client, real_head)
    assert len(set(codes)) == 10 and 'href="/clients/"' in answer.content.decode()
    assert client.get("/clients/?all=1").status_code == 200
    assert client.get("/profile/second-factor/picture.svg").status_code == 404  # the secret is not shown again
    other = signed_in(real_head)
    assert other.get("/profile/second-factor/")["Location"].startswith(
        "/login/code/"
    )  # a password alone replaces nothing
    assert other.post("/profile/second-factor/", {"do": "begin"})["Location"].startswith("/login/code/")
    assert other.post("/login/code/", {"code": codes[0], "next": "/clients/"})["Location"] == "/clients/"
    third = signed_in(real_head)
    assert third.post("/login/code/", {"code": codes[0]}).status_code == 422  # once only


def test_new_recovery_codes_replace_the_old(signed_in, real_head):
    client = signed_in(real_head)
    old, _ = set_up(client, real_head)
    html = client.post("/profile/second-factor/", {"do": "codes"}).content.decode()
    assert old[0] not in html and len(re.findall(r"<li>[\w-]{11}</li>", html)) == 10


def test_a_new_password_ends_the_other_sessions(signed_in, manager):
    here, elsewhere = signed_in(manager), signed_in(manager)
    new = "Зимний-Вечер-39"
    answer = here.post("/profile/password/", {"old": "demo", "new": new, "again": new})
    assert answer.status_code == 302
    assert here.get("/clients/?all=1").status_code == 200
    assert elsewhere.get("/clients/?all=1")["Location"].startswith("/login/")
    assert SessionLink.objects.filter(employee=manager).count() == 1
    manager.refresh_from_db()
    assert manager.check_password(new)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"old": "нет", "new": "Зимний-Вечер-39", "again": "Зимний-Вечер-39"}, "Текущий пароль не подходит"),
        ({"old": "demo", "new": "Зимний-Вечер-39", "again": "Летний"}, "Пароли не совпадают"),
    ],
)
def test_a_wrong_password_is_explained(signed_in, manager, typed, told):
    answer = signed_in(manager).post("/profile/password/", typed)
    assert answer.status_code == 422 and told in answer.content.decode()


def test_a_session_is_ended_from_the_list(signed_in, manager):
    here, elsewhere = signed_in(manager), signed_in(manager)
    link = SessionLink.objects.get(session_key=elsewhere.session.session_key)
    assert here.post(f"/sessions/{link.pk}/end/").status_code == 302
    assert elsewhere.get("/clients/?all=1").status_code == 302 and here.get("/clients/?all=1").status_code == 200


def test_a_session_of_a_stranger_is_not_there(signed_in, manager, stranger):
    signed_in(stranger)
    link = SessionLink.objects.get(employee=stranger)
    assert signed_in(manager).post(f"/sessions/{link.pk}/end/").status_code == 404
