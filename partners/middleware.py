"""Sessions end: after two idle hours, after twelve in all, when their link is gone; and the second factor comes first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from core import clock

from . import second_factor
from .models import SessionLink

TOUCH_EVERY = timedelta(minutes=1)


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
    link = SessionLink.objects.filter(session_key=request.session.session_key, employee=request.user.pk).first()
    if link is None:
        return False
    now = clock.system_now()
    if now - link.started_at >= settings.SESSION_ABSOLUTE or now - link.last_seen_at >= settings.SESSION_IDLE:
        link.delete()
        return False
    if now - link.last_seen_at >= TOUCH_EVERY:
        SessionLink.objects.filter(pk=link.pk).update(last_seen_at=now)
    request.session_link = link
    return True


def _to_second_factor(request: HttpRequest) -> HttpResponse:
    name = "door-code" if second_factor.is_set_up(request.user) else "second-factor"
    target = f"{reverse(name)}?{urlencode({'next': request.get_full_path()})}"
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = target
        return response
    return HttpResponseRedirect(target)
