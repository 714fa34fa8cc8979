"""The signature of the HTTP exchange: HMAC-SHA256 over method, path, time, nonce, key and body (docs/gateway.md)."""

from __future__ import annotations

import hashlib
import hmac

FRESH_SECONDS = 300
"""A request older or newer than that is refused; a nonce is remembered for as long."""


def signature(
    secret: str, *, method: str, path: str, timestamp: str, nonce: str, idempotency_key: str, body: bytes
) -> str:
    """Hex digest. `path` with its query, as sent."""
    text = "\n".join([method.upper(), path, timestamp, nonce, idempotency_key, hashlib.sha256(body).hexdigest()])
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def is_signed(secret: str, given: str, **facts) -> bool:
    """In constant time."""
    return hmac.compare_digest(signature(secret, **facts), given)
