"""The HTTP adapter: signed JSON over one session; the format stands in docs/gateway.md."""

from __future__ import annotations

import json
import secrets
from dataclasses import fields
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from core import clock

from .base import Answer, Event, GatewayDown, GatewayRefused, Page, Staff
from .signing import signature

LATER = {408, 409, 425, 429}
"""Answers that are no refusal: busy, in work, too fast."""
MOST_BYTES = 5 * 1024 * 1024
_STAFF = {field.name for field in fields(Staff)}


class HttpGateway:
    """Never follows redirects; an answer that is no JSON object counts as no answer."""

    name = "http"

    def __init__(self, url: str, *, key_id: str, secret: str, timeout: float = 10) -> None:
        if not url or not secret:
            raise ValueError("SBILLING_GATEWAY_URL and SBILLING_GATEWAY_SECRET are needed for the http gateway.")
        self.url, self.key_id, self.secret, self.timeout = url.rstrip("/"), key_id, secret, timeout

    def invoice_create(self, key: str, invoice: dict[str, Any]) -> Answer:
        return self._answer(self._send("POST", "/v1/invoices", key, invoice))

    def invoice_cancel(self, key: str, invoice: dict[str, Any]) -> Answer:
        return self._answer(self._send("POST", f"/v1/invoices/{quote(invoice['key'], safe='')}/cancel", key, invoice))

    def invoice_state(self, invoice_key: str) -> Answer:
        return self._answer(self._send("GET", f"/v1/invoices/{quote(invoice_key, safe='')}"))

    def payment(self, key: str, payment: dict[str, Any]) -> Answer:
        return self._answer(self._send("POST", "/v1/payments", key, payment))

    def shipment(self, key: str, shipment: dict[str, Any]) -> Answer:
        return self._answer(self._send("POST", "/v1/shipments", key, shipment))

    def events(self, cursor: str) -> Page:
        data = self._send("GET", f"/v1/events?after={quote(cursor, safe='')}")
        try:
            events = [
                Event(str(e["id"])[:100], str(e["kind"])[:40], dict(e["payload"])) for e in data.get("events", [])
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise GatewayRefused("Учетная система прислала события не по формату.") from error
        return Page(events, str(data.get("cursor", cursor))[:200], data.get("more") is True)

    def employees(self) -> list[Staff]:
        data = self._send("GET", "/v1/employees")
        try:
            return [Staff(**{name: row[name] for name in _STAFF & row.keys()}) for row in data.get("employees", [])]
        except (AttributeError, TypeError) as error:
            raise GatewayRefused("Учетная система прислала сотрудников не по формату.") from error

    def _send(self, method: str, path: str, key: str = "", payload: dict[str, Any] | None = None) -> dict[str, Any]:
        body = b"" if payload is None else json.dumps(payload, ensure_ascii=False, sort_keys=True).encode()
        timestamp, nonce = str(int(clock.system_now().timestamp())), secrets.token_hex(16)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-SB-Key-Id": self.key_id,
            "X-SB-Timestamp": timestamp,
            "X-SB-Nonce": nonce,
            "X-SB-Signature": signature(
                self.secret, method=method, path=urlsplit(self.url).path + path, timestamp=timestamp, nonce=nonce,
                idempotency_key=key, body=body,
            ),
        }  # fmt: skip
        if key:
            headers["Idempotency-Key"] = key
        try:
            answer = requests.request(
                method, self.url + path, data=body, headers=headers, timeout=self.timeout, allow_redirects=False
            )
        except requests.RequestException as error:
            raise GatewayDown(f"Учетная система не отвечает ({type(error).__name__}).") from error
        return _read(answer)

    @staticmethod
    def _answer(data: dict[str, Any]) -> Answer:
        return Answer(str(data.get("external_id") or "")[:100], str(data.get("state") or "")[:20], data)


def _read(answer: requests.Response) -> dict[str, Any]:
    if answer.status_code >= 500 or answer.status_code in LATER:
        raise GatewayDown(f"Учетная система ответила {answer.status_code}: повторим позже.")
    if len(answer.content) > MOST_BYTES:
        raise GatewayRefused("Учетная система ответила слишком длинно.")
    try:
        data = answer.json()
    except ValueError:
        data = None
    if not 200 <= answer.status_code < 300:
        told = data.get("error") if isinstance(data, dict) else None
        raise GatewayRefused(f"Учетная система отказала ({answer.status_code}): {str(told or 'без объяснения')[:200]}")
    if not isinstance(data, dict):
        raise GatewayDown("Учетная система ответила не по формату: повторим позже.")
    return data
