"""SQL that migrations of several apps share."""

from django.db import migrations


def trigger(sql: str, reverse: str) -> migrations.RunSQL:
    """A trigger with its function."""
    return migrations.RunSQL(sql, reverse)


def append_only(table: str, *, allow: str = "false") -> migrations.RunSQL:
    """Refuse DELETE and UPDATE of a table, except updates for which the SQL condition `allow` holds."""
    name = f"{table}_append_only"
    return trigger(
        f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND ({allow}) THEN RETURN NEW; END IF;
            RAISE EXCEPTION '{name}' USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
        END $$;
        CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}();
        """,
        f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();",
    )


def refuse(name: str, table: str, events: str, body: str, *, deferred: bool = False) -> migrations.RunSQL:
    """A guard trigger. `body` is PL/pgSQL that runs `PERFORM`/`IF … THEN` and raises by calling REFUSE;."""
    raise_it = f"RAISE EXCEPTION '{name}' USING ERRCODE = 'check_violation', CONSTRAINT = '{name}'"
    kind = (
        f"CREATE CONSTRAINT TRIGGER {name} AFTER {events} ON {table} DEFERRABLE INITIALLY DEFERRED"
        if deferred
        else f"CREATE TRIGGER {name} BEFORE {events} ON {table}"
    )
    return trigger(
        f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        {body.replace("REFUSE;", raise_it + ";")}
        $$;
        {kind} FOR EACH ROW EXECUTE FUNCTION {name}();
        """,
        f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();",
    )


def watched(table: str, *columns: str) -> migrations.RunSQL:
    """Changes of a table of reference data (with `columns`: updates of these) make a new version for `core.reference`."""
    update = f"UPDATE OF {', '.join(columns)}" if columns else "UPDATE"
    return trigger(
        f"CREATE TRIGGER reference_changed AFTER INSERT OR DELETE OR TRUNCATE OR {update} ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION core_reference_changed()",
        f"DROP TRIGGER reference_changed ON {table}",
    )
