"""Who is asking, in one query: session, its link, the employee with his sales point and rights, the version of reference data.

Django asks for each of these apart. What is found here is as fresh as that query: a block, which deletes session and
link, ends everything at the next request. A session without a link (nobody has signed in) is loaded Django's way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.sessions.backends import db
from django.db import connection

from core import clock, reference
from core.jobs.selectors import HAS_NEWS

from .models import Employee, SalesPoint
from .selectors import RIGHTS, widest

DEVICES = """
SELECT 'otp_totp.totpdevice/' || d.id FROM otp_totp_totpdevice d WHERE d.user_id = e.id AND d.confirmed
UNION ALL SELECT 'otp_static.staticdevice/' || d.id FROM otp_static_staticdevice d WHERE d.user_id = e.id AND d.confirmed
"""


@dataclass(frozen=True, slots=True)
class Visit:
    """Whose session it is. `employee` carries his rights, regions and whether anything of his is going on."""

    link_id: int
    started_at: datetime
    last_seen_at: datetime
    employee: Employee


class SessionStore(db.SessionStore):
    """SESSION_ENGINE. `visit` is None for sessions of nobody."""

    visit: Visit | None = None

    def load(self) -> dict[str, Any]:
        found = _read(self.session_key)
        if found is None:
            return super().load()
        data, self.visit = found
        return self.decode(data)


@cache
def _sql() -> tuple[str, list[str], list[str]]:
    """The query, and the fields of its two models. Made once."""
    people, points = ([f.attname for f in model._meta.concrete_fields] for model in (Employee, SalesPoint))
    columns = [f'e."{f.column}"' for f in Employee._meta.concrete_fields]
    columns += [f'p."{f.column}"' for f in SalesPoint._meta.concrete_fields]
    sql = f"""
        SELECT s.session_data, l.id, l.started_at, l.last_seen_at, {reference.VERSION},
            ARRAY(SELECT "right" || ' ' || scope FROM ({RIGHTS.format(employee="e.id")}) held),
            ARRAY(SELECT r.region_id FROM partners_salespoint_regions r WHERE r.salespoint_id = p.id),
            ARRAY({DEVICES}), {HAS_NEWS.format(owner="e.id")}, {", ".join(columns)}
        FROM django_session s
        JOIN partners_sessionlink l ON l.session_key = s.session_key
        JOIN partners_employee e ON e.id = l.employee_id
        JOIN partners_salespoint p ON p.id = e.salespoint_id
        WHERE s.session_key = %s AND s.expire_date > %s
    """
    return sql, people, points


def _read(key: str | None) -> tuple[str, Visit] | None:
    if not key:
        return None
    sql, people, points = _sql()
    with connection.cursor() as cursor:
        cursor.execute(sql, [key, clock.system_now()])
        row = cursor.fetchone()
    if row is None:
        return None
    data, link, started, seen, version, rights, regions, devices, news, *facts = row
    reference.see(version)
    employee = Employee.from_db("default", people, facts[: len(people)])
    employee.salespoint = SalesPoint.from_db("default", points, facts[len(people) :])
    if employee.is_active:
        employee.rights = widest(right.split(" ") for right in rights)
    employee.region_codes, employee.devices, employee.has_news = frozenset(regions), frozenset(devices), news
    return data, Visit(link, started, seen, employee)
