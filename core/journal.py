"""The journal: one entry for every change, in the same transaction (RX.5). Append-only by a trigger."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model

from . import clock
from .models import JournalEntry


def plain(value: Any) -> Any:
    """A JSON form of what journals hold: money and dates as text, model rows as their pk."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, Decimal | date | datetime):
        return str(value)
    return value


def record(
    subject: Model, code: str, *, by: Model | None, data: dict | None = None, source: str = "ui"
) -> JournalEntry:
    """Write one entry.

    `code` is in the past tense ("invoice.shipped"); `data` holds what changed as {field: [old, new]} or facts;
    `by` None means the system; `source` is ui, import, job, api or admin. Related subjects (the client of an
    account…) go into `data["client"]`, `data["account"]`: timelines read them.
    """
    data = plain(data or {})
    return JournalEntry.objects.create(
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        client_id=data.get("client") or getattr(subject, "client_id", None),
        account_id=data.get("account") or getattr(subject, "account_id", None),
        code=code,
        by_id=by.pk if by else None,
        by_name=str(by) if by else "",
        data=data,
        source=source,
        at=clock.now(),
    )


def changes(instance: Model, new: dict[str, Any]) -> dict[str, list]:
    """{field: [old, new]} for the fields that really differ; sets them on the instance."""
    changed = {}
    for name, value in new.items():
        old = getattr(instance, name)
        if old != value:
            changed[name] = [plain(old), plain(value)]
            setattr(instance, name, value)
    return changed
