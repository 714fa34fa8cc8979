"""A browser that only takes time: keep-alive, cookies, one request at a time."""

from __future__ import annotations

import http.client
import json
import re
import time
from dataclasses import dataclass
from urllib.parse import urlencode

WAIT_SECONDS = 90
_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """`ms` from the request to the last byte; `told`: the header of `bench.wsgi`."""

    status: int
    ms: float
    told: dict
    body: bytes
    location: str = ""


class Visitor:
    """Signed in as one employee."""

    def __init__(self, port: int, login: str, password: str) -> None:
        self.port, self.cookies = port, {}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_SECONDS)
        token = _TOKEN.search(self.get("/login/").body)[1].decode()
        form = urlencode({"username": login, "password": password, "csrfmiddlewaretoken": token})
        answer = self._ask("POST", "/login/", form, {"Content-Type": "application/x-www-form-urlencoded"})
        if answer.status != 302:
            raise RuntimeError(f"{login} cannot sign in: {answer.status}")

    def get(self, url: str, *, plans: str = "") -> Answer:
        return self._ask("GET", url, None, {"X-Bench-Plans": plans} if plans else {})

    def _ask(self, method: str, url: str, body: str | None, headers: dict[str, str]) -> Answer:
        headers = headers | {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        for attempt in (1, 2):
            try:
                began = time.perf_counter()
                self.connection.request(method, url, body, headers)
                got = self.connection.getresponse()
                content = got.read()
                break
            except TimeoutError:
                self.connection.close()
                return Answer(0, WAIT_SECONDS * 1e3, {}, b"")
            except (http.client.RemoteDisconnected, ConnectionError):  # keep-alive ran out meanwhile
                self.connection.close()
                if attempt == 2:
                    raise
        ms = (time.perf_counter() - began) * 1e3
        for name, value in got.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return Answer(
            got.status, ms, json.loads(got.getheader("X-Bench") or "{}"), content, got.getheader("Location") or ""
        )
