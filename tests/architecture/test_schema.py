"""The schema keeps its promises and speaks Russian (reliability 4.3, architecture 5)."""

import re

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models

from core import constraint_messages
from tests.architecture.code import APPS, assert_only_exceptions

KEPT = {"Employee", "Client", "Account", "Invoice"}
SQLSTATES = {"c": "23514", "u": "23505", "x": "23P01", "f": "23503"}
LATIN = re.compile(r"\b(?!email\b|Excel\b)[a-z_]{2,}", re.I)


def our_models():
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in APPS]


def rows(sql: str, *params) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def test_migrations_are_complete(db):
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_nothing_cascades_to_what_is_kept():
    found = {
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.local_fields
        if field.is_relation
        and field.remote_field.on_delete is models.CASCADE
        and field.related_model.__name__ in KEPT
        and not model._meta.auto_created
    }
    assert_only_exceptions(found, "cascades", "Deleting one of these would take its history along:")


def constraints() -> list[tuple[str, str, str, list[str]]]:
    """(table, name, kind, columns) of checks, unique keys, exclusions and foreign keys, unique indexes included."""
    return rows(
        """
        SELECT conrelid::regclass::text, conname::text, contype::text,
               ARRAY(SELECT attname::text FROM unnest(conkey) AS k
                     JOIN pg_attribute ON attrelid = conrelid AND attnum = k)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'u', 'x', 'f')
          AND conparentid = 0
        UNION ALL
        SELECT indrelid::regclass::text, indexrelid::regclass::text, 'u',
               ARRAY(SELECT attname::text FROM unnest(indkey) AS k
                     JOIN pg_attribute ON attrelid = indrelid AND attnum = k)
        FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
        WHERE indisunique AND relnamespace = 'public'::regnamespace AND NOT relispartition
          AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
        """
    )


def test_every_constraint_has_its_sentence(db):
    silent, foreign = set(), set()
    for table, name, kind, columns in constraints():
        if table.partition("_")[0] not in APPS:
            continue
        # The error of a CHECK names no columns: a sentence is found by its name alone.
        known = () if kind == "c" and not name.startswith(f"{table}_") else tuple(columns)
        sentence = constraint_messages.sentence_of(name, table=table, columns=known, kind=SQLSTATES[kind])
        if sentence is None:
            silent.add(f"{table}: {name}")
        elif LATIN.search(sentence) or not sentence.endswith("."):
            foreign.add(f"{name}: {sentence}")
    assert_only_exceptions(silent, "silent_constraints", "Write a sentence in <app>/constraint_messages.py for:")
    assert not foreign, "\n".join(sorted(foreign))


def test_every_declared_constraint_says_what_to_do():
    """Names of constraints that models declare: the general «Недопустимое значение» is not enough for them."""
    named = {c.name for model in our_models() for c in model._meta.constraints}
    spoken = set(constraint_messages._registered) | set(constraint_messages._declared())
    assert_only_exceptions(named - spoken, "general_sentences", "Write a sentence in <app>/constraint_messages.py for:")


def test_every_guard_trigger_has_its_sentence(db):
    sources = rows(
        "SELECT prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prorettype = 'trigger'::regtype"
    )
    raised = {name for (source,) in sources for name in re.findall(r"CONSTRAINT = '(\w+)'", source)}
    assert raised
    silent = {name for name in raised if constraint_messages.sentence_of(name) is None}
    assert_only_exceptions(silent, "silent_triggers", "Write a sentence in <app>/constraint_messages.py for:")


def test_no_sentence_is_left_behind(db):
    names = {name for _, name, _, _ in constraints()}
    sources = rows("SELECT prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
    names |= {name for (source,) in sources for name in re.findall(r"CONSTRAINT = '(\w+)'", source)}
    left = {name for name in constraint_messages._registered if not name.startswith("test_")} - names
    assert not left, f"Sentences of constraints that are gone: {left}"


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("timestamp without time zone", "Moments are timestamptz:"),
        ("double precision", "Nothing is a float:"),
        ("real", "Nothing is a float:"),
    ],
)
def test_column_types(db, kind, why):
    found = rows(
        "SELECT table_name || '.' || column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND data_type = %s",
        kind,
    )
    ours = {name for (name,) in found if name.partition("_")[0] in APPS}
    assert_only_exceptions(ours, "columns_" + kind.replace(" ", "_"), why)


def test_every_foreign_key_has_an_index(db):
    found = rows(
        """
        SELECT conrelid::regclass::text || '.' || attname
        FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
        WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conparentid = 0 AND NOT EXISTS (
            SELECT 1 FROM pg_index WHERE indrelid = conrelid AND indkey[0] = conkey[1]
        )
        """
    )
    ours = {name for (name,) in found if name.partition("_")[0] in APPS}
    assert_only_exceptions(
        ours, "foreign_keys_without_index", "Deleting or joining the other side reads the whole table:"
    )


def test_schema_is_valid(db):
    assert not rows("SELECT conname FROM pg_constraint WHERE NOT convalidated")
    assert not rows("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
