"""/health/live and /health/ready: for machines, without sign-in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse

from core import health
from core.pages import PUBLIC, Page


class Live(Page):
    """The process answers. Touches neither the database nor Redis."""

    right, timeout = PUBLIC, ""

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("live\n", content_type="text/plain")


class Ready(Page):
    """200 when the site can serve, 503 otherwise, with the state of each part."""

    right, timeout = PUBLIC, ""

    def get(self, request: HttpRequest) -> HttpResponse:
        found = health.check()
        return JsonResponse(found.as_dict(), status=200 if found.is_ready else 503)
