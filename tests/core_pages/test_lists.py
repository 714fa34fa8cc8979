"""Declared lists: what every page of the program inherits."""

import re

import pytest

pytestmark = pytest.mark.django_db


def ids(response) -> list[str]:
    return re.findall(r'data-id="(\d+)"', response.content.decode())


def total(response) -> str:
    return re.search(r'data-total="([^"]+)"', response.content.decode())[1]


def test_first_page(page, people):
    response = page.get("/sample/")
    assert response.status_code == 200
    assert len(ids(response)) == 50
    assert total(response) == "121"
