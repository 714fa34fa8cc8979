"""«Сотрудник +», the list and the card (R1.15, R1.18–R1.20, R1.29–R1.31)."""

import pytest

from core.errors import DomainError, Forbidden
from partners.directory import DirectoryDown, builtin
from partners.models import Employee, SalesPoint
from partners.rights import Right
from partners.services.blocking import employee_block
from partners.services.people import employee_change, employee_hire, employee_move, password_set
from tests.factories import DirectoryPersonFactory, employee

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(db):
    return DirectoryPersonFactory(last_name="Журавлева", first_name="Ольга", position="менеджер")


def add_url(point):
    return f"/partners/{point.pk}/employees/add/"


@pytest.mark.rows("R1.15", "R1.19", "R1.20")
def test_a_head_finds_a_person_and_hires_with_the_least_role(signed_in, head, point, person):
    DirectoryPersonFactory(last_name="Журавлева", first_name="Оксана", position="бухгалтер")
    client = signed_in(head)
    html = client.get(add_url(point), {"q": "журавл"}).content.decode()
    assert "менеджер" in html and "бухгалтер" in html and person.email in html  # namesakes can be told apart
    answer = client.post(add_url(point), {"person": person.external_id})
    hired = Employee.objects.get(external_id=person.external_id)
    assert answer["Location"] == f"/employees/{hired.pk}/access/"
    assert hired.salespoint == point and not hired.has_usable_password()
    assert [a.role.code for a in hired.role_assignments.all()] == ["employee"]
    assert not hired.has_right(Right.CLIENT_VIEW)
    again = client.post(add_url(point), {"person": person.external_id})
    assert (
        again["Location"] == f"/employees/{hired.pk}/access/"
        and Employee.objects.filter(login=person.login).count() == 1
    )


@pytest.mark.rows("R1.19")
def test_what_may_not_be_hired_is_explained(signed_in, head, operator, point, other_point, person):
    gone = DirectoryPersonFactory(last_name="Ушедшая", is_active=False)
    employee_hire(salespoint_id=other_point.pk, external_id=person.external_id, by=operator)
    client = signed_in(head)
    for external_id, told in ((gone.external_id, "не работает"), (person.external_id, "2500"), ("нет", "больше нет")):
        answer = client.post(add_url(point), {"person": external_id})
        assert answer.status_code == 422 and told in answer.content.decode()
    assert "2500" in client.get(add_url(point), {"q": "журавл"}).content.decode()


@pytest.mark.rows("R1.19")
def test_a_silent_directory_makes_no_half_employee(signed_in, head, point, person, monkeypatch):
    def silent(*args):
        raise DirectoryDown

    monkeypatch.setattr(builtin.BuiltinDirectory, "search", silent)
    monkeypatch.setattr(builtin.BuiltinDirectory, "get", silent)
    client = signed_in(head)
    html = client.get(add_url(point), {"q": "журавл"}).content.decode()
    assert "Учетная система не отвечает" in html and "Повторить" in html
    assert client.post(add_url(point), {"person": person.external_id}).status_code == 503
    assert not Employee.objects.filter(login=person.login).exists()


@pytest.mark.rows("R1.13")
def test_only_those_with_the_right_hire_and_only_at_home(signed_in, head, manager, point, other_point, person):
    with pytest.raises(Forbidden):
        employee_hire(salespoint_id=point.pk, external_id=person.external_id, by=manager)
    assert signed_in(manager).get(add_url(point)).status_code == 403
    assert signed_in(head).get(add_url(other_point)).status_code == 404


@pytest.mark.rows("R1.18", "R1.29", "R1.30", "R1.31")
def test_the_list_hides_the_blocked_until_they_are_asked_for(signed_in, head, manager, colleague, point):
    employee_block(employee_id=colleague.pk, by=head)
    client = signed_in(head)
    url = f"/partners/{point.pk}/employees/"
    rows = {value: client.get(url, {"access": value}).content.decode() for value in ("any", "blocked")}
    default = client.get(url).content.decode()
    for title in ("Незаблокированные", "Незаблокированные и заблокированные", "Заблокированные"):
        assert title in default
    mine, blocked = f'id="row-{manager.pk}"', f'id="row-{colleague.pk}"'
    assert mine in default and blocked not in default
    assert mine in rows["any"] and f'{blocked} data-id="{colleague.pk}" class="is-grey"' in rows["any"]
    assert mine not in rows["blocked"] and blocked in rows["blocked"] and "Заблокирован" in rows["blocked"]
    assert blocked not in client.get(url, {"all": "1"}).content.decode()


def test_the_list_of_all_points_is_cut_to_the_viewer(signed_in, head, operator, manager, stranger):
    assert f"row-{stranger.pk}" not in signed_in(head).get("/employees/?all=1").content.decode()
    html = signed_in(operator).get("/employees/?all=1").content.decode()
    assert f"row-{stranger.pk}" in html and f"row-{manager.pk}" in html


@pytest.mark.rows("R1.21")
def test_the_card_and_its_sections(signed_in, head, manager, stranger):
    client = signed_in(head)
    html = client.get(f"/employees/{manager.pk}/").content.decode()
    assert manager.full_name in html and "Настройки доступа" in html and "История" in html
    for section in ("access", "sessions", "history"):
        assert client.get(f"/employees/{manager.pk}/{section}/").status_code == 200
    assert client.get(f"/employees/{stranger.pk}/").status_code == 404
    assert signed_in(manager).get(f"/employees/{manager.pk}/").status_code == 200


def test_main_data_of_others_and_of_oneself(head, manager, colleague):
    employee_change(employee_id=manager.pk, by=head, position="старший менеджер")
    employee_change(employee_id=manager.pk, by=manager, phone="+74012123456")
    with pytest.raises(Forbidden):
        employee_change(employee_id=manager.pk, by=manager, position="директор")
    with pytest.raises(Forbidden):
        employee_change(employee_id=colleague.pk, by=manager, phone="1")


def test_a_move_is_the_operators_and_never_widens(operator, head, manager, other_point):
    with pytest.raises(SalesPoint.DoesNotExist):  # out of the head's sight
        employee_move(employee_id=manager.pk, salespoint_id=other_point.pk, by=head)
    manager.refresh_from_db()
    assert manager.salespoint_id != other_point.pk
    employee_move(employee_id=manager.pk, salespoint_id=other_point.pk, by=operator)
    manager.refresh_from_db()
    assert manager.salespoint == other_point


def test_a_new_password_is_set_by_whoever_stands_above(signed_in, head, manager, operator):
    client = signed_in(manager)
    manager.is_demo = False
    manager.save(update_fields=["is_demo"])
    password_set(employee_id=manager.pk, password="Зимний-Вечер-39", by=head)
    manager.refresh_from_db()
    assert manager.check_password("Зимний-Вечер-39") and client.get("/clients/").status_code == 302
    with pytest.raises(DomainError):
        password_set(employee_id=operator.pk, password="Зимний-Вечер-39", by=head)


def test_the_head_of_another_point_sees_nobody_here(signed_in, other_point, manager):
    other = employee("head", point=other_point)
    for rest in ("", "access/", "edit/", "block/", "password/"):
        assert signed_in(other).get(f"/employees/{manager.pk}/{rest}").status_code == 404
