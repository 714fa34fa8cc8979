"""The electronic register extract that confirms «Не существует» (R3.28): a PDF of at most 5 megabytes, kept as it came."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from core.errors import DomainError
from core.text import clean

MOST_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Extract:
    """A file as it was uploaded."""

    name: str
    data: bytes


def checked_extract(extract: Extract) -> dict[str, Any]:
    """Columns of `OutcomeExtract`; DomainError for what is no PDF or too large. What its name says does not matter."""
    if len(extract.data) > MOST_BYTES:
        raise DomainError("Файл больше 5 МБ. Приложите выписку поменьше.", field="extract", code="extract")
    if not extract.data.startswith(b"%PDF-"):
        raise DomainError("Это не PDF. Приложите электронную выписку ЕГРЮЛ в PDF.", field="extract", code="extract")
    name = clean(PurePath(extract.name.replace("\\", "/")).name)[-200:] or "выписка.pdf"
    return {
        "name": name, "size": len(extract.data), "sha256": hashlib.sha256(extract.data).hexdigest(), "content": extract.data,
    }  # fmt: skip
