"""The seven people of the demo as fixtures: who acts in a test.

`point` (7699, Kaliningrad) is theirs but the stranger's, who works at `other_point` (2500, Vladivostok). All have the
password «demo». Sign in with `client.force_login(manager)` or ask for `signed_in`: signed_in(manager) is a client.
"""

import pytest

from tests.factories import DepartmentFactory, SalesPointFactory, employee


@pytest.fixture
def point(db):
    return SalesPointFactory(code="7699", name="Центральный офис", serves=("39",))


@pytest.fixture
def other_point(db):
    return SalesPointFactory(code="2500", name="Офис Владивосток", serves=("25",))


@pytest.fixture
def department(point):
    return DepartmentFactory(salespoint=point, name="Отдел поддержки")


@pytest.fixture
def operator(point):
    return _person("operator", "operator", "Оператор", point)


@pytest.fixture
def head(point):
    return _person("head", "head", "Руководителева", point)


@pytest.fixture
def manager(point):
    return _person("manager", "manager", "Менеджерова", point)


@pytest.fixture
def colleague(point):
    """The second manager of the same sales point."""
    return _person("colleague", "manager", "Коллегина", point)


@pytest.fixture
def stranger(other_point):
    """A manager of another sales point in another region."""
    return _person("stranger", "manager", "Чужакова", other_point)


@pytest.fixture
def support(point, department):
    return _person("support", "support", "Поддержкина", point, department=department)


@pytest.fixture
def renewals(point):
    """The renewal centre."""
    return _person("renewals", "renewals", "Продленцева", point)


def _person(login, role, last_name, point, **fields):
    person = employee(role, point=point, login=login, last_name=last_name, **fields)
    person.set_password("demo")
    person.save(update_fields=["password"])
    return person


@pytest.fixture
def signed_in():
    """signed_in(employee) -> a Django test client in which he is signed in."""
    from django.test import Client

    def sign_in(person, **kwargs):
        client = Client(**kwargs)
        client.force_login(person)
        return client

    return sign_in
