"""Every URL: a declared right, a closed door, GET that changes nothing, POST with a token (architecture 5; A1, A8)."""

import re
from functools import cache

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from core import clock
from core.models import JobRun
from core.pages import EMPLOYEE, PUBLIC, Page
from tests import factories
from tests.architecture.code import PACKAGES, assert_only_exceptions, exceptions
from tests.factories import employee

PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
WRITE = re.compile(
    r"^\s*(?:WITH\b.*?\b)?(INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE|ALTER|CREATE|DROP)\s+\"?(\w+)", re.I | re.S
)
# Decision 27: last-seen of the session, and the journal of views, which records of exports belong to.
MAY_BE_WRITTEN = {"partners_sessionlink", "django_session", "core_viewentry", "core_exportrecord"}


@cache
def routes() -> dict[str, type]:
    """{"accounts/<int:number>/": view class} of the program's own URLs."""
    found: dict[str, type] = {}

    def walk(patterns, prefix: str) -> None:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver) and pattern.namespace != "admin":  # tests/authz/test_admin.py walks it
                walk(pattern.url_patterns, route)
            elif isinstance(pattern, URLPattern):
                view = getattr(pattern.callback, "view_class", None)
                module = (view or pattern.callback).__module__
                if module.partition(".")[0] in PACKAGES:
                    found[route] = view or pattern.callback

    walk(get_resolver().url_patterns, "")
    return found


def right_of(view) -> str | None:
    return getattr(view, "right", None)


def public() -> set[str]:
    return {route for route, view in routes().items() if right_of(view) == PUBLIC}


def path_of(route: str, known: dict[str, dict]) -> str:
    """A path of the route: objects that exist where we can make one, 1 or «x» elsewhere."""
    values = next((v for prefix, v in known.items() if route.startswith(prefix)), {})

    def fill(match: re.Match) -> str:
        kind, name = match.groups()
        return str(values.get(name, "x" if kind in ("str", "slug", "path", None) else 1))

    return "/" + PARAMETER.sub(fill, route)


@pytest.fixture
def known(db):
    """Objects to fill routes with, by the beginning of the route."""
    person = employee("manager")
    run = JobRun.objects.create(job="core.export", owner=person, created_at=clock.now())
    objects = {
        "employees/": {"pk": person.pk},
        "partners/": {"pk": person.salespoint_id},
        "clients/": {"pk": factories.ClientFactory().pk},
        "jobs/": {"pk": run.pk},
    }
    if hasattr(factories, "AccountFactory"):
        account = factories.AccountFactory()
        objects["accounts/"] = {"number": account.number, "pk": account.pk}
    return objects


def test_every_view_declares_its_right():
    wild = {route for route, view in routes().items() if not (isinstance(view, type) and issubclass(view, Page))}
    assert_only_exceptions(wild, "views_that_are_no_pages", "A view is a core.pages.Page and declares its right:")


def test_rights_exist():
    from partners.rights import Right

    known = {*Right.values, EMPLOYEE, PUBLIC}
    unknown = {f"{route}: {right_of(view)}" for route, view in routes().items() if str(right_of(view)) not in known}
    assert not unknown - exceptions("views_that_are_no_pages")


def test_public_pages_are_reviewed():
    assert_only_exceptions(public(), "public_urls", "Open to everybody; is that meant?")


def test_anonymous_is_sent_to_the_door(known, client):
    open_doors = set()
    for route in set(routes()) - public():
        response = client.get(path_of(route, known))
        to_login = response.status_code == 302 and response["Location"].startswith("/login/")
        if not to_login and response.status_code not in (401, 403):
            open_doors.add(f"{route}: {response.status_code}")
    assert not open_doors, open_doors


def test_employee_without_rights_is_refused(known, client):
    client.force_login(employee(None))
    let_in = set()
    for route, view in routes().items():
        if right_of(view) in (EMPLOYEE, PUBLIC):
            continue
        response = client.get(path_of(route, known))
        if response.status_code not in (403, 404, 405):
            let_in.add(f"{route}: {response.status_code}")
    assert not let_in, let_in


def test_post_without_a_token_is_refused(known):
    client = Client(enforce_csrf_checks=True)
    client.force_login(employee("operator"))
    taken = {
        f"{route}: {response.status_code}"
        for route in routes()
        if (response := client.post(path_of(route, known), {"x": "1"})).status_code != 403
    }
    assert_only_exceptions(
        {line.partition(":")[0] for line in taken}, "urls_without_csrf", "POST without a token went through:"
    )


class WritesSeen:
    """An execute wrapper that notes what a request writes."""

    def __init__(self) -> None:
        self.tables: set[str] = set()

    def __call__(self, execute, sql, params, many, context):
        found = WRITE.match(sql)
        if found and found[2].lower() not in MAY_BE_WRITTEN:
            self.tables.add(found[2].lower())
        if re.search(r"\bFOR (NO KEY )?UPDATE\b", sql):
            self.tables.add("row locks")
        return execute(sql, params, many, context)


@pytest.mark.parametrize("role", ["operator", "manager"])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "htmx"])
def test_get_writes_nothing(known, client, role, headers):
    client.force_login(employee(role))
    client.get("/", headers=headers)
    wrote, broken = set(), set()
    for route in routes():
        seen = WritesSeen()
        with connection.execute_wrapper(seen):
            response = client.get(path_of(route, known), headers=headers)
        if seen.tables:
            wrote.add(f"{route} writes {', '.join(sorted(seen.tables))}")
        if response.status_code >= 500 and not route.startswith("health/"):
            broken.add(f"{route}: {response.status_code}")
    assert not broken, broken
    assert_only_exceptions(wrote, "writing_gets", "GET changes nothing (decision 27):")


def test_the_wrapper_sees_writes(db):
    seen = WritesSeen()
    with connection.execute_wrapper(seen):
        JobRun.objects.create(job="x", created_at=clock.now())
        JobRun.objects.filter(job="x").update(job="y")
        list(JobRun.objects.select_for_update())
    assert seen.tables == {"core_jobrun", "row locks"}
