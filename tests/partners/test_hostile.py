"""A hostile colleague or stranger against the door and the rights: every try leaves things as they were (T2, T9–T13)."""

import pytest
from django.test import Client
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from partners.models import Employee, Grant, PartnerApplication, RoleAssignment, SessionLink
from partners.rights import Right
from partners.selectors import effective_rights
from tests.factories import DirectoryPersonFactory, inn10

pytestmark = pytest.mark.django_db


def held() -> tuple[int, int]:
    return Grant.objects.filter(revoked_at=None).count(), RoleAssignment.objects.filter(revoked_at=None).count()


# ---- rights ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "forged",
    [
        {f"right:{Right.PRICE_CHANGE}": "all"},
        {f"right:{Right.EXPORT}": "all"},
        {f"right:{Right.ADMIN}": "own"},
        {"role": ["operator", "renewals", "manager"]},
        {"role": ["manager", "operator"], "right:nonsense": "all", f"right:{Right.EXPORT}": "universe"},
    ],
)
def test_disabled_parts_of_the_access_page_are_not_posted_past_it(signed_in, head, colleague, forged):
    url, before = f"/employees/{colleague.pk}/access/", effective_rights(colleague.pk)
    signed_in(head).post(url, {"version": colleague.version, "access": "allowed", "role": ["manager"], **forged})
    assert effective_rights(colleague.pk) == before


@pytest.mark.parametrize("who", ["manager", "support", "head"])
def test_nobody_raises_himself(signed_in, request, who):
    person, before = request.getfixturevalue(who), held()
    browser = signed_in(person)
    for path, data in (
        (f"/employees/{person.pk}/access/", {"version": person.version, "role": ["operator", "manager"]}),
        (
            f"/employees/{person.pk}/edit/",
            {
                "version": person.version,
                "salespoint": 1,
                "access": "allowed",
                "is_break_glass": "on",
                "position": "Оператор",
            },
        ),
        (f"/employees/{person.pk}/move/", {"version": person.version, "salespoint": person.salespoint_id}),
        ("/partners/roles/manager/", {"version": 1, f"right:{Right.ADMIN}": "all"}),
        (f"/employees/{person.pk}/unblock/", {"version": person.version}),
    ):
        browser.post(path, data)
    fresh = Employee.objects.get(pk=person.pk)
    assert held() == before and fresh.rights == person.rights
    assert (fresh.salespoint_id, fresh.position, fresh.is_break_glass) == (person.salespoint_id, person.position, False)


def test_a_form_names_no_more_columns_than_it_shows(signed_in, head, colleague, other_point):
    signed_in(head).post(
        f"/employees/{colleague.pk}/edit/",
        {
            "version": colleague.version, "position": "Старший менеджер", "salespoint": other_point.pk, "login": "mine",
            "external_id": "x", "password": "x", "key_epoch": 9, "is_demo": "on", "access": "forbidden", "last_name": "Чужая",
        },
    )  # fmt: skip
    fresh = Employee.objects.get(pk=colleague.pk)
    assert fresh.position == "Старший менеджер"
    for name in ("salespoint_id", "login", "external_id", "password", "key_epoch", "access", "last_name"):
        assert getattr(fresh, name) == getattr(colleague, name), name


def test_a_page_of_before_the_grantor_fell_gives_nothing(signed_in, head, operator, colleague):
    """The head opened the form, lost his role, and posts: the right is asked at that moment."""
    from partners.services.access import grant

    browser = signed_in(head)
    assert browser.get(f"/employees/{colleague.pk}/access/?edit=1").status_code == 200
    grant(employee_id=head.pk, by=operator, unassign=["head"])
    before = held()
    answer = browser.post(f"/employees/{colleague.pk}/access/", {"version": colleague.version, "role": ["head"]})
    assert answer.status_code in (403, 404) and held() == before


def test_a_posted_form_replayed_hires_once(signed_in, head, point):
    person = DirectoryPersonFactory()
    browser, path = signed_in(head), f"/partners/{point.pk}/employees/add/"
    assert [browser.post(path, {"person": person.external_id}).status_code for _ in range(3)] == [302] * 3
    assert Employee.objects.filter(external_id=person.external_id).count() == 1


# ---- the door -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "/%09/evil.example\n",
     "https:evil.example", "/\x00/evil", "http://testserver@evil.example/"],
)  # fmt: skip
@pytest.mark.parametrize("where", ["get", "post"])
def test_no_way_out_through_next(client, manager, target, where):
    data = {"username": "manager", "password": "demo"} | ({"next": target} if where == "post" else {})
    query = {"next": target} if where == "get" else {}
    answer = client.post("/login/", data, query_params=query)
    assert (
        answer.status_code == 302
        and answer.headers["Location"].startswith("/")
        and "evil" not in answer.headers["Location"]
    )


def test_a_session_key_that_was_planted_is_not_the_one_that_is_opened(client, manager):
    client.get("/login/")
    session = client.session
    session["planted"] = "yes"
    session.save()
    client.cookies["session"] = planted = session.session_key
    client.post("/login/", {"username": "manager", "password": "demo"})
    assert client.cookies["session"].value != planted
    assert not SessionLink.objects.filter(session_key=planted).exists()
    attacker = Client()
    attacker.cookies["session"] = planted
    assert attacker.get("/clients/").headers["Location"].startswith("/login/")


def test_half_way_through_the_door_nothing_opens(client, head, settings):
    """Password right, code not shown: no page, no post, no part of a page, no own secret."""
    settings.DEMO = False
    TOTPDevice.objects.create(user=head, confirmed=True, name="x")
    client.post("/login/", {"username": "head", "password": "demo"})
    for path in (
        "/",
        "/partners/",
        f"/employees/{head.pk}/",
        "/profile/password/",
        "/admin/",
        "/jobs/",
        "/search/?q=1",
    ):
        assert client.get(path).headers["Location"].startswith("/login/code/"), path
        assert client.get(path, headers={"HX-Request": "true"}).headers["HX-Redirect"].startswith("/login/code/"), path
    for do in ("begin", "codes"):
        assert client.post("/profile/second-factor/", {"do": do}).headers["Location"].startswith("/login/code/")
    assert client.get("/profile/second-factor/picture.svg").status_code == 404
    assert TOTPDevice.objects.filter(user=head).count() == 1 and not StaticDevice.objects.exists()


def test_a_code_is_good_once(client, head, settings):
    from django_otp.oath import TOTP

    settings.DEMO = False
    device = TOTPDevice.objects.create(user=head, confirmed=True, name="x")
    code = str(TOTP(device.bin_key).token()).zfill(6)
    first, second = Client(), Client()
    for browser in (first, second):
        browser.post("/login/", {"username": "head", "password": "demo"})
    assert first.post("/login/code/", {"code": code}).status_code == 302
    assert second.post("/login/code/", {"code": code}).status_code == 422


def test_another_persons_code_opens_nothing(client, head, operator, settings):
    from django_otp.oath import TOTP

    settings.DEMO = False
    TOTPDevice.objects.create(user=head, confirmed=True, name="x")
    other = TOTPDevice.objects.create(user=operator, confirmed=True, name="y")
    client.post("/login/", {"username": "head", "password": "demo"})
    code = str(TOTP(other.bin_key).token()).zfill(6)
    assert client.post("/login/code/", {"code": code}).status_code == 422
    assert client.get("/partners/").status_code == 302


def test_codes_cannot_be_tried_one_after_another(client, head, settings):
    settings.DEMO = False
    device = TOTPDevice.objects.create(user=head, confirmed=True, name="x")
    client.post("/login/", {"username": "head", "password": "demo"})
    for number in range(4):
        client.post("/login/code/", {"code": f"00000{number}"})
    device.refresh_from_db()
    allowed, _why = device.verify_is_allowed()
    assert device.throttling_failure_count >= 1 and not allowed


# ---- the public form ------------------------------------------------------------------------------------------------


def test_the_public_form_sets_no_state_and_tells_nobody_who_applied(client):
    data = {
        "inn": inn10(501), "name": "Новая, ООО", "region": "39", "person": "Иванова Анна", "phone": "+74012123456",
        "email": "a@example.org", "consent": "on", "consent_version": "2025-09-01", "site": "",
        "state": "accepted", "salespoint": "1", "processed_by": "1", "answer": "Принято",
    }  # fmt: skip
    first = client.post("/become-partner/", data)
    again = client.post("/become-partner/", data)
    made = PartnerApplication.objects.get()
    assert (made.state, made.salespoint, made.processed_by, made.answer) == ("new", None, None, "")
    assert (first.status_code, first.headers["Location"]) == (again.status_code, again.headers["Location"])


def test_consent_cannot_be_to_a_text_that_never_was(client):
    data = {
        "inn": inn10(502), "name": "Новая, ООО", "region": "39", "person": "Иванова Анна", "phone": "+74012123456",
        "email": "a@example.org", "consent": "on", "consent_version": "1999-01-01", "site": "",
    }  # fmt: skip
    assert client.post("/become-partner/", data).status_code == 422 and not PartnerApplication.objects.exists()
