"""The checklist before connecting (R2.54–R2.57)."""

from __future__ import annotations

from typing import Any

from clients.models import ConnectionCheck
from core import clock, journal
from core.db import in_transaction
from partners.models import Employee

from .cards import check_version, locked_client

FIELDS = ("workplace", "workplace_note", "signature", "signature_until", "crypto", "documents", "vat", "skipped")


@in_transaction
def readiness_set(*, client_id: int, by: Employee, version: int | None = None, **answers: Any) -> ConnectionCheck:
    """Write the answers given; the others stay. A hint for «Подключить», never a block (R2.56)."""
    client = locked_client(client_id, by=by)
    check, _ = ConnectionCheck.objects.get_or_create(client=client)
    check_version(check, version)
    changed = journal.changes(check, {name: answers[name] for name in FIELDS if name in answers})
    if changed:
        check.by, check.at, check.version = by, clock.now(), check.version + 1
        check.save(update_fields=[*changed, "by", "at", "version"])
        journal.record(client, "readiness.changed", by=by, data={"client": client.pk, **changed})
    return check
