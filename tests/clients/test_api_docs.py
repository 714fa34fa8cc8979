"""/api/v1/docs/ tells the truth: what is documented is what the calls read, ask for and answer."""

import json
import re

import pytest
from django.test import Client as Browser

from clients.api import ApiView
from clients.api_docs import DATE, INTEGER, LIST, MONEY, OBJECT, STRING, Field, calls, openapi
from clients.services.products import product_token_create, product_token_revoke
from tests import factories as make

pytestmark = pytest.mark.django_db
NOT_HERE = ("unknown", "no_tariff")
CALLS = sorted(calls(), key=lambda call: call[0])


@pytest.fixture
def key():
    make.SalesPointFactory(serves=("39",))
    make.ClientFactory(name="Ресурс, ООО", inn="7718159470")
    make.ClientFactory(name="Поставщик, АО", inn="7751160508")
    return product_token_create(title="ЭДО", by=None)[1]


def post(url, body, key):
    return Browser().post(url, body, content_type="application/json", headers={"Authorization": f"Bearer {key}"})


class Watched(dict):
    """A body that remembers which fields were asked of it."""

    def __init__(self, facts, seen, prefix=""):
        super().__init__({n: self.inside(v, seen, f"{prefix}{n}.") for n, v in facts.items()})
        self.seen, self.prefix = seen, prefix

    @classmethod
    def inside(cls, value, seen, prefix):
        if isinstance(value, list):
            return [cls.inside(each, seen, prefix) for each in value]
        return cls(value, seen, prefix) if isinstance(value, dict) else value

    def get(self, name, default=None):
        self.seen.add(self.prefix + name)
        return super().get(name, default)


def names(fields, prefix=""):
    for field in fields:
        yield prefix + field.name
        yield from names(field.fields, f"{prefix}{field.name}.")


def test_every_call_is_documented():
    assert {url for url, view in CALLS if view.doc is None} == set()
    assert {"/api/v1/invitations/", "/api/v1/registrations/", "/api/v1/edo-documents/"} <= {url for url, _view in CALLS}


@pytest.mark.parametrize(("url", "view"), CALLS, ids=[url for url, _view in CALLS])
def test_the_example_works_and_every_field_read_is_documented(url, view, key, monkeypatch):
    seen: set[str] = set()
    filled = view.doc.example
    monkeypatch.setattr(ApiView, "body", staticmethod(lambda request: Watched(filled, seen)))
    response = post(url, filled, key)
    documented = {answer.status for answer in view.doc.answers}
    # The example names objects of its own: an account or an invitation that this database has not.
    assert response.status_code in documented or response.json()["error"]["code"] in NOT_HERE, response.json()
    if response.status_code in documented:
        assert seen <= set(names(view.doc.fields)), seen - set(names(view.doc.fields))
        assert {f.name for f in view.doc.fields if f.required} <= seen


@pytest.mark.parametrize(("url", "view"), CALLS, ids=[url for url, _view in CALLS])
def test_what_is_required_is_asked_for_and_limits_hold(url, view, key):
    for field in view.doc.fields:
        without = {name: value for name, value in view.doc.example.items() if name != field.name}
        if field.required:
            refused = post(url, without, key)
            error = refused.json()["error"]
            assert refused.status_code == 422, (url, field.name)
            assert error["field"].startswith(field.name) or error["code"] in NOT_HERE, (url, field.name)
        for wrong in wrongs(field):
            refused = post(url, view.doc.example | {field.name: wrong}, key)
            error = refused.json()["error"]
            assert refused.status_code == 422, (url, field.name, wrong)
            assert error.get("field", "").startswith((field.name, "on")) or error["code"] in NOT_HERE, (
                url,
                field.name,
                wrong,
            )


def wrongs(field: Field) -> list:
    """Values that the documented kind forbids."""
    if field.kind == OBJECT:
        return [["x"], 5] if field.required else []
    if field.kind == LIST:
        return [
            [],
            {},
            "x",
            [1],
            [{}] * (field.highest + 1),
            [{"client": 5, "on": "2026-02-30"}],
            [{"on": "9999-01-01"}],
        ]
    if field.kind == INTEGER:
        return [-1, "5", True, field.highest + 1]
    if field.kind == MONEY:
        return ["много", 1.5, "1.234", "NaN"]
    if field.kind == DATE:
        return ["31.12.2026", "2026-02-30"]
    if field.kind == STRING:
        return [[1], "x" * (field.longest + 1) if field.longest else 5, "\x00"]
    return []


def test_the_page_is_for_everybody_and_loads_nothing_from_outside(key):
    response = Browser().get("/api/v1/docs/")
    html = response.content.decode()
    for url, view in CALLS:
        assert url in html and view.doc.title in html
    assert "Authorization: Bearer" in html and not re.search(r"(?:src|href)=\"https?://", html)
    assert not re.search(r" style=| on[a-z]+=\"", html)
    assert "unsafe" not in response["Content-Security-Policy"]
    described = Browser().get("/api/v1/openapi.json")
    assert described["Content-Type"] == "application/json" and json.loads(described.content)["openapi"] == "3.1.0"


def test_openapi_names_the_same_calls_and_resolves():
    found = openapi("https://billing.example")
    assert list(found["paths"]) == [url for url, _view in CALLS]
    text = json.dumps(found)
    for ref in re.findall(r'"\$ref": "#/([^"]+)"', text):
        place = found
        for step in ref.split("/"):
            place = place[step]
    ids = [call["post"]["operationId"] for call in found["paths"].values()]
    assert len(set(ids)) == len(ids)
    for url, view in CALLS:
        schema = found["paths"][url]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert set(schema["properties"]) == {field.name for field in view.doc.fields}
        assert set(schema.get("required", ())) == {field.name for field in view.doc.fields if field.required}


@pytest.mark.parametrize(("url", "view"), CALLS, ids=[url for url, _view in CALLS])
def test_without_a_key_or_with_a_revoked_one_nothing_happens(url, view, key):
    row, revoked = product_token_create(title="Старый", by=None)
    product_token_revoke(token_id=row.pk, by=None)
    for wrong in ("", revoked, "sbp_", "sbp_" + "x" * 43, key[:-1], key + "\u0000", "; DROP TABLE"):
        answer = post(url, view.doc.example, wrong)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")
    for method in ("get", "put", "delete"):
        assert getattr(Browser(), method)(url).status_code == 405
