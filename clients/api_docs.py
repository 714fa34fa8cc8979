"""What a call of the API takes and gives, declared beside its view; the page and the OpenAPI description are made of it.

class Invitations(ApiView):
    doc = Doc("Событие для приглашения", "…", fields=(Field("topic", "Тема", choices=InvitationTopic.choices, required=True), …),
              example={…}, answers=(Answer(201, "Приглашение создано", {…}),))
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

STRING, INTEGER, MONEY, DATE, FLAG, OBJECT, LIST = "string", "integer", "money", "date", "flag", "object", "list"
WORDS = {
    STRING: "строка",
    INTEGER: "целое число",
    MONEY: "сумма строкой",
    DATE: "дата ГГГГ-ММ-ДД",
    FLAG: "true или false",
    OBJECT: "объект",
    LIST: "список объектов",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the body. `longest`: characters of a string; `highest`: the largest number."""

    name: str
    title: str
    kind: str = STRING
    required: bool = False
    longest: int = 0
    highest: int = 0
    choices: Sequence[tuple[str, str]] = ()
    fields: tuple[Field, ...] = ()

    @property
    def words(self) -> str:
        """The type as people read it."""
        if self.choices:
            return " или ".join(f"«{code}» ({title})" for code, title in self.choices)
        limit = (
            f" до {self.longest} знаков"
            if self.longest
            else f" до {self.highest}"
            if self.kind == LIST
            else f" от 0 до {self.highest}"
            if self.highest
            else ""
        )
        return WORDS[self.kind] + limit

    def schema(self) -> dict[str, Any]:
        """JSON Schema, as OpenAPI 3.1 has it."""
        found: dict[str, Any] = {"description": self.title}
        if self.kind == OBJECT:
            return found | _object(self.fields)
        if self.kind == LIST:
            return found | {"type": "array", "maxItems": self.highest, "items": _object(self.fields)}
        if self.kind == INTEGER:
            return found | {"type": "integer", "minimum": 0} | ({"maximum": self.highest} if self.highest else {})
        if self.kind == FLAG:
            return found | {"type": "boolean"}
        found["type"] = "string"
        if self.choices:
            found["enum"] = [code for code, _title in self.choices]
        elif self.kind == MONEY:
            found["pattern"] = r"^-?[0-9]{1,12}(\.[0-9]{1,2})?$"
        elif self.kind == DATE:
            found["format"] = "date"
        elif self.longest:
            found["maxLength"] = self.longest
        return found


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str
    example: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Doc:
    """One call."""

    title: str
    text: str
    fields: tuple[Field, ...]
    example: dict[str, Any]
    answers: tuple[Answer, ...]


def organisation(name: str, title: str, *, required: bool = True, named: bool = False) -> Field:
    """{inn, kpp}: how every call names a client. `named`: a name may stand for who is in no register."""
    inside = (
        Field("inn", "ИНН", longest=12, required=required and not named),
        Field("kpp", "КПП, если у ИНН несколько карточек", longest=9),
    )
    return Field(
        name,
        title,
        OBJECT,
        required=required,
        fields=(*inside, Field("name", "Название", longest=300)) if named else inside,
    )


REFUSALS = (
    Answer(401, "Ключа нет, он неизвестен или отозван", {"error": {"code": "unauthorized", "message": "Ключ продукта не указан или отозван."}}),
    Answer(422, "Вызов понят, но отклонен: в ответе причина и поле", {"error": {"code": "required", "message": "Поле «key» обязательно.", "field": "key"}}),
)  # fmt: skip
"""Every call may answer so."""


def calls(patterns: Any = None, prefix: str = "/") -> Iterator[tuple[str, type]]:
    """(URL, view) of every call of the API, whatever app it stands in."""
    from django.urls import URLPattern, get_resolver

    from clients.api import ApiView

    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        route = prefix + str(pattern.pattern)
        if not isinstance(pattern, URLPattern):
            yield from calls(pattern.url_patterns, route)
        elif isinstance(view := getattr(pattern.callback, "view_class", None), type) and issubclass(view, ApiView):
            yield route, view


def openapi(server: str) -> dict[str, Any]:
    """OpenAPI 3.1 of all documented calls."""
    paths = {
        url: {"post": _operation(url, view.doc)} for url, view in sorted(calls(), key=lambda call: call[0]) if view.doc
    }  # fmt: skip
    return {
        "openapi": "3.1.0",
        "info": {"title": "SBilling API", "version": "1", "description": "Вызовы продуктов сети. Подробно: /api/v1/docs/."},
        "servers": [{"url": server}],
        "security": [{"product": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"product": {"type": "http", "scheme": "bearer", "description": "Ключ продукта: выдает оператор."}},
            "schemas": {"Error": _object((Field("error", "Причина отказа", OBJECT, required=True, fields=(
                Field("code", "Код причины", required=True), Field("message", "Причина по-русски", required=True), Field("field", "Поле"))),))},
        },
    }  # fmt: skip


def _operation(url: str, doc: Doc) -> dict[str, Any]:
    body = {"application/json": {"schema": _object(doc.fields), "example": doc.example}}
    name = url.removeprefix("/api/v1/").strip("/").replace("/", "_").replace("-", "_")
    return {
        "operationId": name, "summary": doc.title, "description": doc.text,
        "requestBody": {"required": True, "content": body},
        "responses": {str(a.status): _response(a) for a in (*doc.answers, *REFUSALS)},
    }  # fmt: skip


def _response(answer: Answer) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Error"} if answer.status >= 400 else {"type": "object"}
    return {"description": answer.text, "content": {"application/json": {"schema": schema, "example": answer.example}}}


def _object(fields: tuple[Field, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": {field.name: field.schema() for field in fields}}
    if required := [field.name for field in fields if field.required]:
        found["required"] = required
    return found
