"""The whole database as a value, to show that a step and its undo leave nothing behind."""

from __future__ import annotations

from django.apps import apps

FORGOTTEN = {
    # Journals grow with every step, and locks of forms, sessions and search caches are no facts of business.
    "core.journalentry", "core.viewentry", "core.idempotencykey", "sessions.session", "core.jobrun", "clients.clientsignal", "clients.signalfrequency",
    # A cache told anew for a day from terms and outcomes, and the accounts that the next night looks at.
    "renewals.renewalrow", "renewals.accountchange",
}  # fmt: skip


def snapshot(*, but: tuple[str, ...] = ()) -> dict[str, list[dict]]:
    """{table: rows by pk} of every app of ours, without the counters of optimistic locks."""
    found = {}
    for model in apps.get_models():
        label = model._meta.label_lower
        if (
            model._meta.proxy
            or not model._meta.managed
            or label in FORGOTTEN
            or label in but
            or model._meta.app_label in ("admin", "contenttypes")
        ):
            continue
        columns = [field.attname for field in model._meta.concrete_fields if field.name != "version"]
        found[label] = list(model._base_manager.order_by("pk").values(*columns))
    return found


def difference(before: dict, after: dict) -> dict[str, tuple[list, list]]:
    """{table: (rows only before, rows only after)}; empty when nothing differs."""
    return {
        label: (
            [row for row in before[label] if row not in after[label]],
            [row for row in after[label] if row not in before[label]],
        )
        for label in before
        if before[label] != after[label]
    }
