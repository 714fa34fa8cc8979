"""One child of `./run`: checks the database, migrates it, gathers static files, loads the demo into an empty one."""

import hashlib
import sys
import time
from pathlib import Path

from .console import Stop, say
from .places import ROOT


def main() -> int:
    import django
    from django.core.management import CommandError, call_command
    from django.db import DatabaseError

    try:
        django.setup()
        check_database()
        timed("database migrated", lambda: call_command("migrate", interactive=False, verbosity=0))
        gather_static()
        from django.contrib.auth import get_user_model

        if not get_user_model().objects.exists():
            timed("demo loaded into the empty database", lambda: call_command("demo"))
    except (Stop, CommandError) as problem:
        print(f"run: {problem}", file=sys.stderr)
        return 1
    except DatabaseError as error:
        hint = " The disk is full." if "No space left" in str(error) else ""
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


def gather_static() -> None:
    """collectstatic, if a source has changed since the last time."""
    from django.conf import settings
    from django.core.management import call_command

    stamp = Path(settings.STATIC_ROOT) / ".gathered"
    mark = _static_mark()
    if stamp.exists() and stamp.read_text() == mark:
        return
    timed("static files gathered", lambda: call_command("collectstatic", interactive=False, verbosity=0, clear=True))
    stamp.write_text(mark)


def _static_mark() -> str:
    """Names, sizes and times of our files, and the lock that the packages' files come from."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for folder in (ROOT / "static", *ROOT.glob("*/static")):
        for path in sorted(folder.rglob("*")):
            found = path.stat()
            digest.update(f"{path.relative_to(ROOT)} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
