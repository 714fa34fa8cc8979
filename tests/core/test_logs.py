"""One event is one line of JSON; it forges no other line, colours no terminal and holds no secret (A16, T16)."""

import json
import logging

import pytest

from core import logs


def line(message, *args, extra=None, exc_info=None):
    record = logging.getLogger("test").makeRecord("test", logging.INFO, "f", 1, message, args, exc_info, extra=extra)
    text = logs.JsonFormatter().format(record)
    assert len(text.splitlines()) == 1
    assert text.isprintable()
    text.encode()
    return json.loads(text)


@pytest.mark.parametrize(
    "hostile",
    ["a\r\nINFO forged", "\x1b[31mred", "\u2028next", "\x85", "\x9b31m", "\u202eturned", "\ud800half", "nul\x00"],
)
def test_hostile_text_stays_in_its_line(hostile):
    assert line("login %s", hostile)["event"] == f"login {hostile}"
    assert line("login", extra={"agent": hostile})["agent"] == hostile


@pytest.mark.parametrize(
    "text",
    [
        "password=S3NTINEL&x=1",
        '{"password": "S3NTINEL"}',
        "Пароль: S3NTINEL",
        "csrfmiddlewaretoken=S3NTINEL",
        "Authorization: Bearer S3NTINEL",
        "postgres://sbilling:S3NTINEL@db/sbilling",
        "GET /portal/tickets/S3NTINEL/ 200",
        "api_key='S3NTINEL'",
        "mail to s3NTINEL.S3NTINEL@example.ru failed",
        "reset_token=S3NTINEL",
        "Cookie: session=S3NTINEL",
    ],
)
def test_secrets_and_addresses_are_masked(text):
    assert "S3NTINEL" not in str(line("%s", text))
    assert "S3NTINEL" not in str(line("x", extra={"told": text}))


def test_telephones_are_masked_and_identifiers_are_not():
    event = line("call +7 (495) 000-14-52 or 84950001452 of ИНН 390600057412, р/с 40702810900000001452")["event"]
    assert "1452," not in event.replace("40702810900000001452", "")
    assert "390600057412" in event and "40702810900000001452" in event


def test_secret_names_of_extra_fields():
    found = line("x", extra={"password": "S3NTINEL", "deep": {"token": "S3NTINEL", "rows": [1, None]}})
    assert "S3NTINEL" not in str(found)
    assert found["deep"]["rows"] == [1, None]


def test_errors_keep_their_trace_in_the_line():
    try:
        raise ValueError("password=S3NTINEL")
    except ValueError as error:
        found = line("broken", exc_info=(type(error), error, error.__traceback__))
    assert "ValueError" in found["error"] and "S3NTINEL" not in found["error"]


def test_request_gives_method_and_path_without_its_query(rf):
    found = line("refused", extra={"request": rf.post("/login/?next=/S3NTINEL/"), "status_code": 403})
    assert (found["method"], found["path"], found["status_code"]) == ("POST", "/login/", 403)


def test_bound_fields_are_in_every_event_inside():
    with logs.bound(request_id="r1"), logs.bound(job="j"):
        assert line("x") | {"time": 0} == {
            "time": 0, "level": "INFO", "logger": "test", "event": "x", "request_id": "r1", "job": "j",
        }  # fmt: skip
    assert "job" not in line("x")


def test_wrong_arguments_lose_no_event():
    assert line("done %s %s", 1)["event"] == "done %s %s"
