"""One batch of the staging table into the directory: only what is newer is written, in one transaction.

Records act one after another, as if each were merged alone: windows over the batch see what earlier rows of the
same ОГРН brought, so the counts do not depend on where batches are cut. What to do with every record stands in a
verdict first; then the winners are locked in the order of their keys (decision 30) and written by single statements.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import Model

from clients.models import Client, ClientDetails
from core import faults

from . import merge_sql as sql
from .lines import CLIENT_COLUMNS, DETAIL_COLUMNS, MSP_COLUMNS

SMALL_BUSINESS = "msp"


@dataclass(frozen=True, slots=True)
class Slice:
    """Records `after` < seq ≤ `upto` of the staged file `file_id` (the row of the manifest)."""

    file_id: int
    source: str
    after: int
    upto: int


@dataclass(slots=True)
class Counts:
    """Of one slice; `read` is the sum of the rest."""

    new: int = 0
    changed: int = 0
    ceased: int = 0
    unchanged: int = 0
    rejected: int = 0

    @property
    def read(self) -> int:
        return self.new + self.changed + self.ceased + self.unchanged + self.rejected


VERDICTS = {"n": "new", "h": "changed", "c": "ceased", "u": "unchanged", "r": "rejected"}


def merge(part: Slice, *, with_msp: bool = True, with_branches: bool = True) -> Counts:
    """Merge one slice inside the caller's transaction.

    `with_msp` False says that no record of the small-business register was ever loaded: then nothing of it can have
    to move between cards of one ИНН. `with_branches` False says that no record of the file has branches.
    """
    bounds = {"after": part.after, "upto": part.upto, "file": part.file_id}
    msp = part.source == SMALL_BUSINESS
    with connection.cursor() as cursor:
        cursor.execute(sql.PREPARE)
        cursor.execute(sql.ADOPT, bounds)
        judge = sql.JUDGE_MSP if msp else sql.JUDGE
        if not faults.protected("import.version"):
            judge = judge.replace(sql.KNOWN, "LEAST(known, 0)")
        cursor.execute(judge, bounds)
        cursor.execute("ANALYZE registry_verdict")
        cursor.execute(sql.LOCK)
        has_old = bool(cursor.rowcount)
        cursor.execute(_INSERT_CLIENTS_MSP if msp else _INSERT_CLIENTS)
        has_new = bool(cursor.rowcount)
        if has_old:
            if not msp:
                cursor.execute(sql.JOURNAL)
                cursor.execute(sql.CHANGES, sql.CHANGES_KNOW)
            cursor.execute(_UPDATE_CLIENTS_MSP if msp else _UPDATE_CLIENTS)
        if has_old or has_new:
            _write_details(cursor, msp, has_old, with_branches)
        if with_msp and (has_old or has_new):
            cursor.execute(sql.REHOME, bounds)
        cursor.execute(sql.REJECT, bounds)
        cursor.execute(sql.COUNT, bounds)
        return Counts(**{VERDICTS[what]: number for what, number in cursor.fetchall()})


def _write_details(cursor, msp: bool, has_old: bool, with_branches: bool) -> None:
    if msp:
        cursor.execute(_UPSERT_DETAILS_MSP)
        if has_old:
            cursor.execute(_UPDATE_DETAILS_MSP)
        return
    cursor.execute(_UPSERT_DETAILS)
    if has_old:
        cursor.execute(sql.DELETE_BRANCHES)
    if with_branches:
        cursor.execute(sql.INSERT_BRANCHES)


def _defaults(model: type[Model], given: set[str]) -> dict[str, str]:
    """{column: SQL literal} for the columns an importer does not know: what the model says of a fresh row."""
    found = {}
    for column in model._meta.concrete_fields:
        if column.column in given or column.primary_key or column.null:
            continue
        value = column.get_default()
        found[column.column] = "'{}'".format(str(_plain(value)).replace("'", "''"))
    return found


def _plain(value: object) -> object:
    """JSON columns have list and dict as defaults: both empty."""
    return {list: "[]", dict: "{}"}.get(type(value), value)


def _names(columns: tuple) -> list[str]:
    return [column[0] for column in columns]


def _insert(model: type[Model], key: str, columns: dict[str, str]) -> str:
    """INSERT of winners: `columns` maps target columns to expressions over s (staging) and v (verdict)."""
    columns = {key: "v.client_id", **columns}
    columns |= _defaults(model, set(columns))
    return "INSERT INTO {} AS t ({}) SELECT {} FROM registry_verdict v JOIN registry_staging s ON s.seq = v.seq".format(
        model._meta.db_table, ", ".join(columns), ", ".join(columns.values())
    )


_CLIENT = {name: f"s.{name}" for name in (*_names(CLIENT_COLUMNS), "ogrn", "src_hash")}
_VERSION = {"as_of": "s.as_of", "record_as_of": "s.record_as_of"}
_DETAIL = {name: f"s.{name}" for name in (*_names(DETAIL_COLUMNS), "format_version")}
_MSP = {name: f"s.{name}" for name in _names(MSP_COLUMNS)} | {"is_small_business": "true", "msp_as_of": "s.as_of"}


def _excluded(columns: dict[str, str]) -> str:
    return ", ".join(f"{name} = EXCLUDED.{name}" for name in columns)


def _from_staging(columns: dict[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in columns.items())


_INSERT_CLIENTS = _insert(Client, "id", _CLIENT | _VERSION) + " WHERE v.winner AND v.fresh ORDER BY v.client_id"
_INSERT_CLIENTS_MSP = (
    _insert(Client, "id", _CLIENT | {"ogrn": "v.ogrn"}) + " WHERE v.winner AND v.fresh ORDER BY v.client_id"
)
_UPDATE_CLIENTS = f"""
    UPDATE clients_client t SET {_from_staging(_CLIENT | _VERSION)}
    FROM registry_verdict v JOIN registry_staging s ON s.seq = v.seq
    WHERE v.winner AND NOT v.fresh AND t.id = v.client_id
"""
# A card that this register made, and no other source knows, follows it; of all others it writes its own fields.
_UPDATE_CLIENTS_MSP = f"""
    UPDATE clients_client t SET {_from_staging({k: v for k, v in _CLIENT.items() if k != "ogrn"})}
    FROM registry_verdict v JOIN registry_staging s ON s.seq = v.seq
    WHERE v.winner AND v.own AND t.id = v.client_id AND t.src_hash IS DISTINCT FROM s.src_hash
"""
_UPSERT_DETAILS = (
    _insert(ClientDetails, "client_id", _DETAIL)
    + " WHERE v.winner AND NOT v.same ORDER BY v.client_id"
    + f" ON CONFLICT (client_id) DO UPDATE SET {_excluded(_DETAIL)}"
)
_UPSERT_DETAILS_MSP = (
    _insert(ClientDetails, "client_id", _DETAIL | _MSP)
    + " WHERE v.winner ORDER BY v.client_id"
    + f" ON CONFLICT (client_id) DO UPDATE SET {_excluded(_MSP)}"
)
_UPDATE_DETAILS_MSP = f"""
    UPDATE clients_clientdetails t SET {_from_staging(_DETAIL)}
    FROM registry_verdict v JOIN registry_staging s ON s.seq = v.seq
    WHERE v.winner AND v.own AND t.client_id = v.client_id
"""
