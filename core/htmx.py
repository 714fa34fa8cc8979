"""Answers of a page to htmx: fragment or page, toast, closing a dialog, refusals. Events are handled by static/js/sb.js.

One URL serves three readers: a browser (whole page), a swap into #main (fragment), a dialog (#dlg-body).
"""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from core.errors import Conflict, DomainError

PAGE, FRAGMENT, DIALOG = "layouts/page.html", "layouts/fragment.html", "layouts/dialog.html"
_ERROR_PAGES = {403: "403.html", 409: "409.html"}


def layout(request: HttpRequest) -> str:
    """The template to extend: {% extends layout %}."""
    if not request.htmx:
        return PAGE
    return {"main": FRAGMENT, "dlg-body": DIALOG}.get(request.htmx.target, PAGE)


def trigger(response: HttpResponse, event: str, detail: Any = None) -> HttpResponse:
    """Add an event to HX-Trigger; ASCII JSON, because headers hold nothing else."""
    events = json.loads(response.get("HX-Trigger", "{}"))
    events[event] = detail if detail is not None else {}
    response["HX-Trigger"] = json.dumps(events)
    return response


def toast(
    response: HttpResponse, text: str, *, bad: bool = False, undo: str = "", link: str = "", label: str = ""
) -> HttpResponse:
    """Show a passing message; `undo` is the URL that a POST of «Отменить» goes to."""
    return trigger(response, "toast", {"text": text, "bad": bad, "undo": undo, "link": link, "label": label})


def done(request: HttpRequest, text: str, *, url: str, stay: bool = True, undo: str = "") -> HttpResponse:
    """The answer to a step that succeeded.

    From a dialog or a row: the dialog closes, the page under it is read anew, a toast says `text` (stay=True),
    or the browser goes on to `url` (stay=False). Without JavaScript: a redirect to `url` with a message.
    """
    if not request.htmx:
        messages.success(request, text)
        return HttpResponseRedirect(url)
    response = HttpResponse(status=204)
    if not stay:
        messages.success(request, text)
        response["HX-Redirect"] = url
        return response
    for event in ("dialog-close", "page-reload"):
        trigger(response, event)
    return toast(response, text, undo=undo)


def refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A refusal that no form caught: a toast for htmx, else a page with the sentence and a way back."""
    if getattr(request, "htmx", False):
        response = HttpResponse(status=error.status)
        response["HX-Reswap"] = "none"
        return toast(response, sentence(error), bad=True)
    context = {"error": error, "message": sentence(error), "back": request.headers.get("Referer", "/")}
    return render(request, _ERROR_PAGES.get(error.status, "422.html"), context, status=error.status)


def sentence(error: DomainError) -> str:
    """The text of a refusal; a conflict also says who was first and when."""
    if isinstance(error, Conflict) and error.who:
        from core.formats import moment

        return f"{error.message} ({error.who}{', ' + moment(error.when) if error.when else ''})"
    return error.message
