"""What a register file gives: records, refused records, and the one error of files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any


class RegistryFileError(Exception):
    """The file is no register file that can be read to its end. The text is Russian and shown to the operator."""


class BadRecordError(Exception):
    """One record cannot be taken; its file goes on. The text is the reason in the report."""


@dataclass(slots=True)
class RegistryRecord:
    """One СвЮЛ, СвИП or MSP document as its file has it; what is absent is None.

    `name` is the full name in the register's own case; `ogrn` is an ОГРН or an ОГРНИП (old MSP files have none);
    `as_of` is ДатаВып (MSP: ДатаСост), `record_as_of` the greatest ДатаЗап: together the version of the record.
    `noted` says since when name, address and head stand in the register so (ГГГГ-ММ-ДД).
    `more` holds what only the card shows, by the column names of `ClientDetails` (and `city`, `branches`).
    """

    ogrn: str | None
    inn: str | None
    kpp: str | None
    kind: str
    name: str
    short_name: str | None
    region_code: str | None
    registered_on: date | None
    ceased_on: date | None
    state_code: str | None
    address: str | None
    email: str | None
    okved: str | None
    director: str | None
    as_of: date
    source: str = ""
    record_as_of: date | None = None
    person: tuple[str, str, str] | None = None
    noted: tuple[str | None, str | None, str | None] = (None, None, None)
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class RejectedRecord:
    """A record that cannot be taken, with what is known of whose it is."""

    reason: str
    ogrn: str = ""
    inn: str = ""
    name: str = ""
