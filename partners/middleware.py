"""Who is asking. Sessions end: after two idle hours, after twelve in all, when their link is gone; the second factor comes first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.middleware import OTPMiddleware

from core import clock, reference

from . import second_factor
from .models import Employee, SessionLink
from .session_store import Visit

TOUCH_EVERY = timedelta(minutes=1)


class EmployeeMiddleware(AuthenticationMiddleware):
    """`request.user` from what was found with the session; and the frame in which reference data is kept."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with reference.within_request():
            return super().__call__(request)

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _signed_in(request))


def _signed_in(request: HttpRequest) -> Employee | AnonymousUser:
    """Django's `auth.get_user` without its query. What does not fit at once (a changed password, a block) goes its way."""
    session, visit = request.session, _visit(request)
    if visit and visit.employee.is_active and session.get(auth.SESSION_KEY) == str(visit.employee.pk):
        told, known = session.get(auth.HASH_SESSION_KEY, ""), session.get(auth.BACKEND_SESSION_KEY)
        fits = constant_time_compare(told, visit.employee.get_session_auth_hash())
        if fits and known in settings.AUTHENTICATION_BACKENDS:
            return visit.employee
    return auth.get_user(request)


def _visit(request: HttpRequest) -> Visit | None:
    if auth.SESSION_KEY not in request.session:  # loads it
        return None
    return getattr(request.session, "visit", None)


class SecondFactorMiddleware(OTPMiddleware):
    """The device that a session was verified with is known from the session's query already."""

    def _verify_user_sync(self, request: HttpRequest, user):
        device = request.session.get(DEVICE_ID_SESSION_KEY) if user.is_authenticated else None
        if not device or device not in (user.devices or ()):
            return super()._verify_user_sync(request, user)
        self._init_user_fields(user)
        label, _slash, pk = device.partition("/")
        user.otp_device = apps.get_model(label)(pk=int(pk), user_id=user.pk)
        return user


class DoorMiddleware:
    """Stands after OTPMiddleware and before LoginRequiredMiddleware, which sends whom this one signs out to /login/."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view_func, view_args, view_kwargs) -> HttpResponse | None:
        view_class = getattr(view_func, "view_class", None)
        if getattr(view_class, "timeout", "page") == "" or not request.session.session_key:
            return None
        if not request.user.is_authenticated:
            return None
        if not _goes_on(request):
            auth.logout(request)
            return None
        if not getattr(view_class, "before_second_factor", False) and second_factor.is_missing(request.user):
            return _to_second_factor(request)
        return None


def _goes_on(request: HttpRequest) -> bool:
    """The session has a link, is neither idle nor too old. Writes last-seen once a minute, the one write of a GET."""
    visit = _visit(request)
    if visit is None or visit.employee.pk != request.user.pk:
        return False
    now, link = clock.system_now(), SessionLink.objects.filter(pk=visit.link_id)
    if now - visit.started_at >= settings.SESSION_ABSOLUTE or now - visit.last_seen_at >= settings.SESSION_IDLE:
        link.delete()
        return False
    if now - visit.last_seen_at >= TOUCH_EVERY:
        link.update(last_seen_at=now)
    return True


def _to_second_factor(request: HttpRequest) -> HttpResponse:
    name = "door-code" if second_factor.is_set_up(request.user) else "second-factor"
    target = f"{reverse(name)}?{urlencode({'next': request.get_full_path()})}"
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = target
        return response
    return HttpResponseRedirect(target)
