"""What wraps every request: its number, timeouts, the business clock, caching, refusals as sentences."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from core import clock, db, htmx, logs
from core.errors import DomainError

_REQUEST_ID = re.compile(r"[\w-]{8,64}", re.ASCII)


class RequestMiddleware:
    """Stands last in MIDDLEWARE: sessions, the user and htmx are known here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request.id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex[:12]
        with logs.bound(request_id=request.id), timezone.override(self._zone(request)):
            response = self.get_response(request)
        response["X-Request-ID"] = request.id
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response

    @staticmethod
    def _zone(request: HttpRequest) -> str:
        """Moments are shown, and read from forms, in the viewer's zone (R0.2)."""
        return getattr(request.user, "business_zone", "") or settings.TIME_ZONE

    def process_view(self, request: HttpRequest, view_func, view_args, view_kwargs) -> None:
        view_class = getattr(view_func, "view_class", None)
        if kind := getattr(view_class, "timeout", "page"):  # "" : a view that does without the database
            bound_connection(kind)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DatabaseError):
            error = db.refusal(error) or error
        return htmx.refused(request, error) if isinstance(error, DomainError) else None


class SessionExpiredMiddleware:
    """A fragment request of a closed session gets 401 and a toast, never the login page inside a table.

    Stands before AuthenticationMiddleware, so that it sees the redirect of LoginRequiredMiddleware.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        to_login = response.status_code == 302 and response["Location"].startswith(settings.LOGIN_URL)
        if to_login and request.headers.get("HX-Request") and request.path != settings.LOGIN_URL:
            response = htmx.trigger(HttpResponse(status=401), "session-expired")
            response["HX-Reswap"] = "none"
        return response


def bound_connection(kind: str) -> None:
    """Set this request's timeouts and, in a demo, the business clock.

    Straight through psycopg: these are settings of the connection, no queries of the page, and they are not sent
    again while the connection keeps them.
    """
    connection.ensure_connection()
    raw = connection.connection
    if raw.info.transaction_status == 3:  # psycopg.pq.TransactionStatus.INERROR
        return
    if getattr(connection, "bounded_as", None) != (id(raw), kind):
        statement, lock = db.TIMEOUTS[kind]
        raw.execute(f"SET statement_timeout = {statement}; SET lock_timeout = {lock}")
        # A surrounding transaction (tests) would take the setting back with it.
        connection.bounded_as = None if connection.in_atomic_block else (id(raw), kind)
    if settings.DEMO:
        row = raw.execute("SELECT days FROM core_clockoffset WHERE id = 1").fetchone()
        clock.set_offset(timedelta(days=row[0] if row else 0))
