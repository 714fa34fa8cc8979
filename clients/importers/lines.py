"""Records as lines of COPY for the staging table (`staging`). Text, built at once: adapting forty values a row one by one
would cost as much as parsing them. Knows no database, so that a process without Django can do it (`parallel`)."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from json import JSONEncoder
from operator import gt
from typing import Any

from core.identifiers import is_inn, is_kpp, is_ogrn, is_ogrnip
from core.names import normalize_name, person_name

from .records import RegistryRecord, RejectedRecord
from .wording import calm_address, calm_sentence, shown_legal, shown_person

# (column, SQL type, longest text) of the narrow row, then of the card; their order is the order of COPY.
CLIENT_COLUMNS = (
    ("kind", "text", 12), ("inn", "text", 12), ("kpp", "text", 9), ("name", "text", 300), ("name_norm", "text", 300),
    ("region_code", "text", 2), ("city", "text", 100), ("registered_on", "date", 0), ("ceased_on", "date", 0),
    ("state_code", "text", 4), ("okved", "text", 8), ("is_flagged", "boolean", 0),
)  # fmt: skip
DETAIL_COLUMNS = (
    ("full_name", "text", 0), ("short_name", "text", 0), ("opf", "text", 200), ("opf_code", "text", 5),
    ("address", "text", 0), ("postal_code", "text", 6), ("tax_office", "text", 250), ("tax_office_code", "text", 4),
    ("pension_number", "text", 20), ("insurance_number", "text", 20), ("email", "text", 254), ("state_text", "text", 0),
    ("ceased_text", "text", 0), ("ceased_code", "text", 4), ("ceased_record", "text", 15), ("last_record", "text", 15),
    ("director", "text", 300), ("director_inn", "text", 12), ("director_position", "text", 300), ("okved_name", "text", 0),
    ("directors", "jsonb", 0), ("founders", "jsonb", 0), ("okveds", "jsonb", 0),
    ("predecessors", "jsonb", 0), ("successors", "jsonb", 0), ("capital", "numeric", 0),
)  # fmt: skip
MSP_COLUMNS = (("msp_category", "text", 20), ("msp_since", "date", 0), ("employees", "integer", 0))
REGISTER_COLUMNS = CLIENT_COLUMNS + DETAIL_COLUMNS
KEY_COLUMNS = (
    ("reason", "text"), ("ogrn", "text"), ("as_of", "date"), ("record_as_of", "date"),
    ("version", "bigint"), ("format_version", "text"), ("src_hash", "bigint"),
    ("name_on", "date"), ("address_on", "date"), ("head_on", "date"),
)  # fmt: skip
NULL = "\\N"
UNKNOWN_DATE = "1900-01-01"

_encoder = JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_LIMITS = [c[2] or sys.maxsize for c in REGISTER_COLUMNS]
_NO_MSP = ("", NULL, NULL)


@dataclass(slots=True)
class Lines:
    """Some lines and what they stand for: all of them, refused ones, those of organisations with branches; the last ОГРН."""

    data: bytes
    total: int
    rejected: int
    branches: int
    last: str | None = ""


class Writer:
    """Collects lines; `taken` hands them over."""

    def __init__(self, format_version: str = "") -> None:
        self.format_version = format_version
        self.size = 0
        self._start()

    def _start(self) -> None:
        self._lines: list[bytes] = []
        self.size = self._rejected = self._branches = 0
        self._last: str | None = ""

    def add(self, item: RegistryRecord | RejectedRecord) -> None:
        if isinstance(item, RegistryRecord):
            self._branches += bool(item.more.get("branches"))
            line = record_line(item, self.format_version)
        else:
            self._rejected += 1
            line = rejected_line(item)
        self._last = item.ogrn
        self._lines.append(line)
        self.size += len(line)

    def taken(self) -> Lines:
        lines = Lines(b"".join(self._lines), len(self._lines), self._rejected, self._branches, self._last)
        self._start()
        return lines


def record_line(record: RegistryRecord, format_version: str) -> bytes:
    """One line of COPY. `src_hash` covers what the record says, not since when, nor when and in which format it came."""
    values = client_values(record)
    values += detail_values(record)
    if any(map(gt, map(len, values), _LIMITS)):
        values = [value[:limit] for value, limit in zip(values, _LIMITS, strict=True)]
    more = record.more
    if "msp_category" in more:
        since, employees = more["msp_since"], more["employees"]
        values += (
            more["msp_category"],
            since.isoformat() if since else NULL,
            NULL if employees is None else str(employees),
        )
    else:
        values += _NO_MSP
    branches = more.get("branches")
    values.append(_json(branches) if branches else NULL)
    body = "\t".join(values)
    if body.count("\\") != values.count(NULL):
        body = "\t".join([value if value is NULL else value.replace("\\", "\\\\") for value in values])
    content = body.encode()
    digest = int.from_bytes(blake2b(content, digest_size=8).digest(), "big", signed=True)
    recorded = record.record_as_of
    number = version(record.as_of, recorded)
    noted = "\t".join([day or NULL for day in record.noted])
    head = f"\\N\t{record.ogrn or NULL}\t{record.as_of}\t{recorded or NULL}\t{number}\t{format_version}\t{digest}\t{noted}\t"
    return b"%b%b\n" % (head.encode(), content)


def rejected_line(record: RejectedRecord) -> bytes:
    """A refused record keeps its place in the count; its ИНН and name are all that is known."""
    columns = {"reason": record.reason, "ogrn": record.ogrn, "inn": record.inn, "name": record.name}
    values = [
        _escaped(columns[c[0]]) if c[0] in columns else NULL for c in (*KEY_COLUMNS, *REGISTER_COLUMNS, *MSP_COLUMNS)
    ]
    return ("\t".join([*values, NULL]) + "\n").encode("utf-8", "replace")


def version(as_of: date, record_as_of: date | None) -> int:
    """(ДатаВып, greatest ДатаЗап) as one number: newer is greater."""
    return as_of.toordinal() * 10_000_000 + (record_as_of.toordinal() if record_as_of else 0)


def client_values(record: RegistryRecord) -> list[str]:
    """The narrow row, in the order of CLIENT_COLUMNS."""
    name = shown_person(record.person) if record.person else shown_legal(record.name, record.short_name)
    registered, ceased = record.registered_on, record.ceased_on
    return [
        record.kind,
        record.inn or "",
        record.kpp or "",
        name,
        normalize_name(name),
        record.region_code or "",
        record.more.get("city") or "",
        registered.isoformat() if registered else UNKNOWN_DATE,
        ceased.isoformat() if ceased else NULL,
        record.state_code or "",
        record.okved or "",
        "t" if is_flagged(record) else "f",
    ]


def detail_values(record: RegistryRecord) -> list[str]:
    """The card's row, in the order of DETAIL_COLUMNS."""
    get = record.more.get
    directors = get("directors")
    director = directors[0] if directors else {}
    return [
        record.name,
        record.short_name or "",
        get("opf") or "",
        get("opf_code") or "",
        calm_address(record.address),
        get("postal_code") or "",
        get("tax_office") or "",
        get("tax_office_code") or "",
        get("pension_number") or "",
        get("insurance_number") or "",
        (record.email or "").lower(),
        get("state_text") or "",
        get("ceased_text") or "",
        get("ceased_code") or "",
        get("ceased_record") or "",
        get("last_record") or "",
        person_name(director.get("name")),
        director.get("inn") or "",
        calm_sentence(director.get("position") or ""),
        get("okved_name") or "",
        _json(directors) if directors else "[]",
        _list(get("founders")),
        _codes(get("okveds")),
        _list(get("predecessors")),
        _list(get("successors")),
        NULL if get("capital") is None else str(get("capital")),
    ]


def is_flagged(record: RegistryRecord) -> bool:
    """Something breaks its form or check digit, or contradicts the rest: kept, marked for a person (decision 15)."""
    legal = record.kind == "legal"
    inn, kpp, ogrn = record.inn, record.kpp, record.ogrn
    if inn and not (is_inn(inn) and len(inn) == (10 if legal else 12)):
        return True
    if kpp and not is_kpp(kpp):
        return True
    if ogrn and not (is_ogrn(ogrn) if legal else is_ogrnip(ogrn)):
        return True
    registered, ceased = record.registered_on, record.ceased_on
    return bool(ceased and ((registered and ceased < registered) or ceased > record.as_of))


def _json(value: list[Any]) -> str:
    return _encoder.encode(value)


def _codes(codes: list[str] | None) -> str:
    """A JSON list of codes, which as a rule need no quoting."""
    joined = '","'.join(codes) if codes else ""
    if joined.count('"') == 2 * (len(codes or ()) - 1) and "\\" not in joined:
        return f'["{joined}"]'
    return _list(codes)


def _list(value: list[Any] | None) -> str:
    return _json(value) if value else "[]"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\t", " ").replace("\n", " ").replace("\r", " ").replace("\0", " ")
