"""Sessions: the list of a person's open ones, and their end (decision 23)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest

from core import clock, journal
from core.rights import require
from partners.addresses import client_address
from partners.models import Employee, SessionLink
from partners.rights import Right


def session_link(*, request: HttpRequest, employee: Employee) -> None:
    """Remember whose session this is. Called at sign-in and when the key of a session changes."""
    if not request.session.session_key:
        request.session.save()
    now = clock.system_now()
    SessionLink.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "employee": employee,
            "started_at": now,
            "last_seen_at": now,
            "address": client_address(request),
            "agent": request.META.get("HTTP_USER_AGENT", "").replace("\0", "")[:200],
        },
    )


def session_unlink(*, session_key: str | None) -> None:
    """Forget a session that its owner has closed."""
    if session_key:
        SessionLink.objects.filter(session_key=session_key).delete()


def end_sessions(employee: Employee, *, keep: str | None = None) -> int:
    """End all sessions of a person but `keep`, for good. Part of the caller's transaction; returns how many."""
    links = SessionLink.objects.filter(employee=employee).exclude(session_key=keep or "")
    keys = list(links.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    links.delete()
    return len(keys)


@transaction.atomic
def session_end(*, link_id: int, by: Employee) -> None:
    """«Завершить» in the list of sessions: one's own, or of an employee one may block."""
    link = SessionLink.objects.select_for_update(of=("self",)).select_related("employee").get(pk=link_id)
    if link.employee_id != by.pk:
        require(by, Right.EMPLOYEE_BLOCK, link.employee)
    Session.objects.filter(session_key=link.session_key).delete()
    link.delete()
    journal.record(link.employee, "employee.session_ended", by=by, data={"sessions": 1})


@transaction.atomic
def sessions_prune() -> dict[str, int]:
    """Nightly: forget sessions that time has ended, and their links."""
    now = clock.system_now()
    old = Q(started_at__lte=now - settings.SESSION_ABSOLUTE) | Q(last_seen_at__lte=now - settings.SESSION_IDLE)
    keys = list(SessionLink.objects.filter(old).values_list("session_key", flat=True))
    Session.objects.filter(Q(session_key__in=keys) | Q(expire_date__lte=now)).delete()
    SessionLink.objects.filter(session_key__in=keys).delete()
    return {"ended": len(keys)}
