"""The directory as an importer leaves it, to be compared between runs; and short ways to load invented files."""

from __future__ import annotations

import hashlib
import itertools
from pathlib import Path

from django.db import connection

from clients.importers.run import import_paths, report
from clients.models import Client
from tests.importers import registry_files as files

# Everything a record writes, without keys, the version of the file's format and what changed on the way: what two runs
# must agree on, in whatever order they had the records.
CONTENT = """
SELECT c.kind, c.inn, c.kpp, c.ogrn, c.name, c.name_norm, c.region_code, c.city, c.registered_on, c.ceased_on, c.state_code,
    c.okved, c.as_of, c.record_as_of, c.src_hash, c.is_flagged,
    to_jsonb(d) - 'client_id' - 'format_version' - 'life' AS details,
    (SELECT jsonb_agg(jsonb_build_array(b.kind, b.name, b.kpp, b.address) ORDER BY b.kpp, b.id)
     FROM clients_clientbranch b WHERE b.client_id = c.id) AS branches
FROM clients_client c LEFT JOIN clients_clientdetails d ON d.client_id = c.id
ORDER BY c.ogrn NULLS FIRST, c.inn, c.kpp
"""
_folders = itertools.count()


def content() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(CONTENT)
        return cursor.fetchall()


def content_hash() -> str:
    """One value for the whole directory."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE(string_agg(md5(t::text), ''), '') FROM ({CONTENT}) t")
        return hashlib.sha256(cursor.fetchone()[0].encode()).hexdigest()


def row_versions() -> list[tuple]:
    """Where every row lies and who wrote it: unchanged means that nothing was written."""
    with connection.cursor() as cursor:
        found = []
        for table in ("clients_client", "clients_clientdetails", "clients_clientbranch"):
            cursor.execute(f"SELECT '{table}', ctid::text, xmin::text FROM {table} ORDER BY 2")
            found += cursor.fetchall()
        return found


def empty() -> None:
    """For examples of a property test inside one test."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE clients_client, clients_importbatch, clients_importfile CASCADE")


def load(folder: Path, members: dict[str, bytes], **options) -> dict[str, int]:
    """Import these files from a folder of their own; the last line of the command."""
    path = files.write(folder / f"load{next(_folders)}", members)
    return report(import_paths([path], **options))


def load_subjects(folder: Path, *subjects: files.Subject, **options) -> dict[str, int]:
    """Import a file of these subjects."""
    return load(folder, {"a.xml": files.file_of(subjects)}, **options)


def card(one: files.Subject) -> Client:
    return Client.objects.select_related("details").get(ogrn=one.ogrn)


def counts(**given: int) -> dict[str, int]:
    """A report with zeros for what is not named; `read` is the sum."""
    names = ("new", "changed", "ceased", "unchanged", "rejected")
    full = {name: given.get(name, 0) for name in names}
    return (
        {"read": sum(full.values())}
        | full
        | {"files": given.get("files", 1), "failed_files": given.get("failed_files", 0)}
    )
