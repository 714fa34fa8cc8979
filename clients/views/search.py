"""/search/ and the list under the header's box."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from clients.selectors.everywhere import search_everywhere
from core.pages import EMPLOYEE, Page

SUGGESTED = 6


class Search(Page):
    """What was found, by group; the only exact hit opens at once (C7)."""

    right, timeout, title, template_name = EMPLOYEE, "list", "Поиск", "clients/search.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("q", "")[:200].replace("\x00", "")
        answer = search_everywhere(text, employee=request.user)
        if answer.only is not None:
            return HttpResponseRedirect(answer.only.url)
        return self.render(answer=answer, q=text.strip(), total=sum(len(group.hits) for group in answer.groups))


class Suggest(Page):
    """The first hits while one types; nothing for one letter."""

    right, timeout, template_name = EMPLOYEE, "list", "clients/suggest.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("q", "")[:200].replace("\x00", "").strip()
        if len(text) < 2:
            return HttpResponse()
        return self.render(answer=search_everywhere(text, employee=request.user, limit=SUGGESTED), q=text)
