"""Every declared list, opened by every role in a world with data: at most six queries, session and viewer included."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from partners.models import Employee
from sbilling import demo
from tests.architecture.test_lists import QUERIES, lists

ON = date(2026, 11, 23)
EXCEPTIONS: dict[str, str] = {}
"""URL: why it may ask more."""


@pytest.fixture
def people(db, clock_at):
    """One person of each set of roles of the demo."""
    clock_at(ON)
    demo.load(on=ON, scale=40)
    found = {}
    for person in Employee.objects.unblocked().filter(is_demo=True).order_by("pk"):
        found.setdefault(frozenset(person.role_assignments.values_list("role__code", flat=True)), person)
    return list(found.values())


def test_a_list_asks_at_most_six_queries(people):
    much, opened = {}, 0
    for person in people:
        browser = Browser()
        browser.force_login(person)
        for url, page in lists().items():
            if not person.has_right(page.right) and page.right != "*":
                continue
            if person is people[0]:
                browser.get(url)  # what a process keeps is read once
            for query in ("?all=1", "") if person in people[:2] else ("?all=1",):
                with CaptureQueriesContext(connection) as seen:
                    response = browser.get(url + query)
                opened += response.status_code == 200
                if len(seen) > QUERIES and url not in EXCEPTIONS:
                    much[f"{person.login} {url}{query}"] = [q["sql"][:160] for q in seen.captured_queries]
    assert opened > 60
    assert not much, "\n".join(f"{where}: {len(sql)}\n  " + "\n  ".join(sql) for where, sql in much.items())
