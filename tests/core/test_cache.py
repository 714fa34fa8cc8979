"""A dead Redis is an empty cache: no call raises, and only the first one waits (F6, decision 35)."""

import pytest

from core import cache as module
from core.cache import SoftRedisCache

NOWHERE = "redis://127.0.0.1:1/0"
OPTIONS = {"OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2}}
CALLS = [
    ("get", ("k", "other"), "other"),
    ("get_many", (["k"],), {}),
    ("has_key", ("k",), False),
    ("add", ("k", 1), True),
    ("set", ("k", 1), None),
    ("set_many", ({"k": 1},), ["k"]),
    ("touch", ("k",), False),
    ("delete", ("k",), False),
    ("delete_many", (["k"],), None),
    ("incr", ("k", 2), 2),
    ("decr", ("k", 2), -2),
    ("get_or_set", ("k", 5), 5),
    ("clear", (), False),
]


@pytest.fixture
def dead(monkeypatch):
    monkeypatch.setattr(module, "_broken_until", 0.0)
    return SoftRedisCache(NOWHERE, OPTIONS)


@pytest.mark.parametrize(("method", "args", "answer"), CALLS)
def test_every_call_answers_as_an_empty_cache(dead, method, args, answer):
    assert getattr(dead, method)(*args) == answer
    assert "k" not in dead


def test_after_an_error_redis_is_left_alone_for_a_while(dead, monkeypatch):
    asked = []
    monkeypatch.setattr(module, "_unavailable", lambda error, real=module._unavailable: asked.append(1) or real(error))
    for _ in range(5):
        dead.get("k")
    assert asked == [1]
    monkeypatch.setattr(module, "_broken_until", 0.0)
    dead.get("k")
    assert asked == [1, 1]
