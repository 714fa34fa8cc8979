"""Loading big tables: constraints and indexes go before, come back after; triggers sleep meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.apps import apps
from django.db import connection, models

_CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('f', 'u', 'x') ORDER BY contype = 'f', conrelid::regclass::text, conname
"""
_INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
WHERE i.indrelid = ANY(%s::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
ORDER BY 1
"""


@contextmanager
def bare(tables: Sequence[str]) -> Iterator[list[str]]:
    """Tables without secondary indexes, foreign keys and triggers; at the end everything is built and checked again.

    Gives the statements that will build: whoever wants to know how long each takes runs them first and empties the list.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CONSTRAINTS, [list(tables)])
        constraints = cursor.fetchall()
        for table, name, _definition in constraints:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute(_INDEXES, [list(tables)])
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for table, column, value in _defaults(tables):
            cursor.execute(f'ALTER TABLE {table} ALTER COLUMN "{column}" SET DEFAULT %s', [value])
    building = [definition for _name, definition in indexes]
    building += [f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {body}' for table, name, body in constraints]
    yield building
    with connection.cursor() as cursor:
        for statement in building:
            cursor.execute(statement)
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for table, column, _value in _defaults(tables):
            cursor.execute(f'ALTER TABLE {table} ALTER COLUMN "{column}" DROP DEFAULT')


def _defaults(tables: Sequence[str]) -> Iterator[tuple[str, str, object]]:
    """(table, column, value) of what Django fills in by itself: statements name only what they know better."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields if model._meta.db_table in tables else ():
            if not field.has_default() or field.null or field.primary_key or field.is_relation:
                continue
            if isinstance(field, models.JSONField):
                yield model._meta.db_table, field.column, "[]" if field.default is list else "{}"
            elif not callable(field.default):
                yield model._meta.db_table, field.column, str(field.default)


def sequences_catch_up(tables: Sequence[str]) -> None:
    """Rows came with their ids: the next id follows them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_name = ANY(%s) AND column_name = 'id'",
            [list(tables)],
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 1)) FROM {table}")
