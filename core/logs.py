"""JSON logs: one event is one line, nothing in it can break the line or the terminal, secrets are masked (A16, T16)."""

from __future__ import annotations

import json
import logging
import re
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

_context: ContextVar[dict[str, Any] | None] = ContextVar("log_context", default=None)

MASK = "***"
_SECRET_NAMES = (
    r"(?:password|passwd|pwd|secret|token|api[_-]?key|authorization|cookie|session(?:id|[_-]?key)?|csrf\w*|otp|пароль)"
)
_SECRET_KEY = re.compile(_SECRET_NAMES, re.IGNORECASE)
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(\b\w+://[^\s:/@]*:)[^\s@/]+(@)"), rf"\1{MASK}\2"),  # passwords of connection URLs
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), rf"\1 {MASK}"),
    (
        re.compile(rf"(?i)([\"']?\w*{_SECRET_NAMES}\w*[\"']?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s&,;)}}\]]+)"),
        rf"\1{MASK}",
    ),
    (re.compile(r"(/(?:portal/tickets|signed)/)[^/\s?]+"), rf"\1{MASK}"),  # signed links are keys themselves
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), MASK),  # personal data: e-mail …
    (re.compile(r"(?<![\d.])(?:\+7|8)[\s(-]*\d{3}[\s)-]*\d{3}[\s-]?\d{2}[\s-]?\d{2}(?!\d)"), MASK),  # … and telephone
)
# json.dumps escapes C0 controls (CR, LF, ESC); these may still start a line or turn text round.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_OWN_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "request"}


def masked(text: str) -> str:
    """The text with passwords, tokens, e-mails and telephones replaced by asterisks."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


@contextmanager
def bound(**fields: Any):
    """Add fields (request id, job, run) to every event logged inside."""
    token = _context.set({**(_context.get() or {}), **fields})
    try:
        yield
    finally:
        _context.reset(token)


def _value(name: str, value: Any) -> Any:
    if _SECRET_KEY.search(name):
        return MASK
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {str(k): _value(str(k), v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_value(name, v) for v in value]
    return masked(str(value))


class JsonFormatter(logging.Formatter):
    """{"time", "level", "logger", "event", …extra, "error"} on one line."""

    def format(self, record: logging.LogRecord) -> str:
        try:
            event = record.getMessage()
        except (TypeError, ValueError):  # a wrong number of % arguments must not lose the event
            event = str(record.msg)
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "event": masked(event),
        }
        extra = {k: v for k, v in record.__dict__.items() if k not in _OWN_FIELDS}
        for name, value in {**(_context.get() or {}), **extra}.items():
            line.setdefault(name, _value(name, value))
        request = getattr(record, "request", None)
        if hasattr(request, "method"):
            line["method"], line["path"] = request.method, masked(request.path)
        if record.exc_info:
            line["error"] = masked(self.formatException(record.exc_info))
        text = json.dumps(line, ensure_ascii=False, default=str)
        return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
