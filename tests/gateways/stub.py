"""A reference accounting system: a real HTTP server on loopback that keeps the rules of docs/gateway.md, and can misbehave.

with AccountingStub("secret") as stub: …  stub.url, stub.documents, stub.fail(3, 500)
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from licenses.gateways.signing import FRESH_SECONDS, is_signed


class AccountingStub:
    """`documents`: what it booked, in order. A known Idempotency-Key is answered as the first time and books nothing."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.documents: list[tuple[str, dict]] = []
        self.answers: dict[str, dict] = {}
        self.events: list[dict] = []
        self.employees: list[dict] = []
        self.requests = 0
        self.states: dict[str, str] = {}
        self._trouble: deque = deque()
        self._nonces: set[str] = set()
        self._lock = threading.Lock()

    # ---- what a test arranges

    def fail(self, times: int, how: int | str) -> None:
        """The next requests: a status, «hang» (does the work, answers after the client gave up), «drop», «garbage»."""
        self._trouble.extend([how] * times)

    def tell(self, number: str, kind: str, /, **payload) -> None:
        self.events.append({"id": number, "kind": kind, "payload": payload})

    def booked(self, kind: str) -> list[dict]:
        return [payload for name, payload in self.documents if name == kind]

    # ---- the server

    def __enter__(self) -> AccountingStub:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_args) -> None:
                pass

            def do_GET(self) -> None:
                stub.serve(self, b"")

            def do_POST(self) -> None:
                stub.serve(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        return self

    def __exit__(self, *_error) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)

    def serve(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        with self._lock:
            self.requests += 1
            trouble = self._trouble.popleft() if self._trouble else None
        if trouble == "drop":
            request.close_connection = True
            request.connection.close()
            return
        if isinstance(trouble, int):
            return self._reply(request, trouble, {"error": "беда"})
        status, answer = self._handle(request, body)
        if trouble == "hang":
            time.sleep(0.4)  # the work is done, the client has gone
        if trouble == "garbage":
            return self._raw(request, 200, b"<html>proxy</html>")
        self._reply(request, status, answer)

    def _handle(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict]:
        headers = request.headers
        key = headers.get("Idempotency-Key", "")
        if refused := self._refusal(request, body, key):
            return 401, {"error": refused}
        path = urlsplit(request.path)
        if request.command == "GET":
            return self._read(path)
        payload = json.loads(body)
        with self._lock:
            if key in self.answers:
                return 200, self.answers[key]
            kind = "cancel" if path.path.endswith("/cancel") else re.sub(r".*/v1/(\w+?)s?$", r"\1", path.path)
            self.documents.append((kind, payload))
            self.answers[key] = {"external_id": f"A-{len(self.documents)}", "state": "issued"}
            self.states[payload["key"]] = "cancelled" if kind == "cancel" else "issued"
            return 201, self.answers[key]

    def _read(self, path) -> tuple[int, dict]:
        if path.path.endswith("/v1/events"):
            after = int(parse_qs(path.query).get("after", ["0"])[0] or 0)
            page = self.events[after : after + 2]
            return 200, {"events": page, "cursor": str(after + len(page)), "more": after + len(page) < len(self.events)}
        if path.path.endswith("/v1/employees"):
            return 200, {"employees": self.employees}
        invoice = unquote(path.path.rpartition("/")[2])
        if invoice in self.states:
            return 200, {"external_id": "A", "state": self.states[invoice]}
        return 404, {"error": "нет такого счета"}

    def _refusal(self, request: BaseHTTPRequestHandler, body: bytes, key: str) -> str:
        headers = request.headers
        timestamp, nonce = headers.get("X-SB-Timestamp", ""), headers.get("X-SB-Nonce", "")
        good = is_signed(
            self.secret, headers.get("X-SB-Signature", ""), method=request.command, path=request.path, timestamp=timestamp,
            nonce=nonce, idempotency_key=key, body=body,
        )  # fmt: skip
        if not good:
            return "подпись"
        if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > FRESH_SECONDS:
            return "время"
        with self._lock:
            if nonce in self._nonces:
                return "повтор"
            self._nonces.add(nonce)
        return ""

    def _reply(self, request: BaseHTTPRequestHandler, status: int, answer: dict) -> None:
        self._raw(request, status, json.dumps(answer, ensure_ascii=False).encode())

    @staticmethod
    def _raw(request: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
        try:
            request.send_response(status)
            request.send_header("Content-Type", "application/json; charset=utf-8")
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)
        except OSError:
            return
