"""One child of `./run`: checks the database, migrates it, loads the demo into an empty one."""

import gc
import sys
import time

from .console import Stop, say

DISK_FULL = "53100"


def main() -> int:
    import django
    from django.core.management import CommandError, call_command
    from django.db import DatabaseError

    try:
        django.setup()
        check_database()
        # Migrating renders models by the thousand: a collector that looks often costs a sixth of the time.
        gc.freeze()
        gc.set_threshold(100_000, 50, 50)
        timed("database migrated", lambda: call_command("migrate", interactive=False, verbosity=0))
        from django.contrib.auth import get_user_model

        if not get_user_model().objects.exists():
            timed("demo loaded into the empty database", lambda: call_command("demo"))
    except (Stop, CommandError) as problem:
        print(f"run: {problem}", file=sys.stderr)
        return 1
    except DatabaseError as error:
        # By its code: of a page that went in by half the server does not say «No space left».
        is_full = getattr(error.__cause__, "sqlstate", "") == DISK_FULL
        hint = " The disk is full: free some space and start again." if is_full else ""
        print(f"run: the database refuses: {error}{hint}", file=sys.stderr)
        return 1
    return 0


def timed(what: str, do) -> None:
    began = time.perf_counter()
    do()
    say(f"{what} in {time.perf_counter() - began:.1f} s")


def check_database() -> None:
    """Refuse a server that would half work: too old, or with a locale that cannot fold Russian letters.

    A database made with --locale=C gives empty trigrams and an index that silently finds nothing.
    """
    from django.db import OperationalError, ProgrammingError, connection, transaction

    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise Stop(f"cannot connect to the database of DATABASE_URL: {error}".strip()) from None
    if connection.pg_version < 150000:
        raise Stop(f"PostgreSQL {connection.pg_version // 10000} is too old: 15 or newer is needed.")
    with transaction.atomic(), connection.cursor() as cursor:
        try:
            cursor.execute("create extension if not exists pg_trgm")
        except ProgrammingError as error:
            raise Stop(f"the role of DATABASE_URL has to own its database, to create extensions: {error}") from None
        cursor.execute("select cardinality(show_trgm('Иванов')) > 0 and lower('Ё') = 'ё'")
        folds = cursor.fetchone()[0]
        transaction.set_rollback(True)
    if not folds:
        raise Stop("the database's locale cannot search Russian text: create it with LC_CTYPE C.UTF-8 or ru_RU.UTF-8.")


if __name__ == "__main__":
    sys.exit(main())
