"""/api/v1/docs/: the API of the products for people, /api/v1/openapi.json: for programs. Nothing of the database stands in it."""

from __future__ import annotations

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from clients.api_docs import REFUSALS, Doc, Field, calls, openapi
from core.pages import PUBLIC, Page


class ApiDocs(Page):
    """Every call with its fields, an example, its answers."""

    right, title, template_name = PUBLIC, "API продуктов", "clients/api_docs.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        found = sorted(((url, view.doc) for url, view in calls() if view.doc), key=lambda call: call[0])
        return self.render(
            calls=[described(url, doc) for url, doc in found], refusals=[(a, pretty(a.example)) for a in REFUSALS]
        )


class OpenApi(Page):
    """The same as OpenAPI 3.1."""

    right = PUBLIC

    def get(self, request: HttpRequest) -> JsonResponse:
        return JsonResponse(openapi(settings.SITE_URL), json_dumps_params={"ensure_ascii": False, "indent": 1})


def described(url: str, doc: Doc) -> dict:
    """A call as the template shows it; nested fields stand under their object as «client.inn»."""
    return {
        "url": url, "anchor": url.strip("/").replace("/", "-"), "doc": doc, "fields": list(flat(doc.fields)), "example": pretty(doc.example),
        "answers": [(answer, pretty(answer.example)) for answer in doc.answers],
    }  # fmt: skip


def flat(fields: tuple[Field, ...], prefix: str = ""):
    for field in fields:
        yield f"{prefix}{field.name}", field
        yield from flat(field.fields, f"{prefix}{field.name}.")


def pretty(value: object) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, indent=2)
