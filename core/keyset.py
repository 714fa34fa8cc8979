"""Keyset pagination by row values: page 10 000 costs what page 1 costs (design/performance.md 2).

`(a, id) > (x, y)` is written as a row comparison: the form `a > x OR (a = x AND id > y)` walks the index from its start.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import BooleanField, F, Field, Func, Model, QuerySet, Value


class RowCompare(Func):
    """`(columns) op (values)`; columns and values are of one length."""

    output_field = BooleanField()

    def __init__(self, columns: Sequence[str], op: str, values: Sequence[Any], fields: Sequence[Field]) -> None:
        self.op = op
        super().__init__(*map(F, columns), *(Value(v, output_field=f) for v, f in zip(values, fields, strict=True)))

    def as_sql(self, compiler, connection, **context):
        parts = [compiler.compile(e) for e in self.source_expressions]
        half = len(parts) // 2
        sql = f"({', '.join(p[0] for p in parts[:half])}) {self.op} ({', '.join(p[0] for p in parts[half:])})"
        return sql, [value for part in parts for value in part[1]]


def fields_of(model: type[Model], ordering: Sequence[str]) -> list[Field] | None:
    """The model fields of an ordering; None when it cannot be walked: a nullable column, an expression, two directions."""
    fields, directions = [], set()
    for name in ordering:
        directions.add(name.startswith("-"))
        try:
            field = model._meta.pk if name.lstrip("-") == "pk" else model._meta.get_field(name.lstrip("-"))
        except FieldDoesNotExist:
            return None
        if field.null:
            return None
        fields.append(field)
    return fields if len(directions) == 1 else None


def values_of(row: Model, ordering: Sequence[str]) -> list[Any]:
    return [getattr(row, name.lstrip("-")) for name in ordering]


def beyond(
    queryset: QuerySet, ordering: Sequence[str], values: Sequence[Any], *, back: bool = False, with_it: bool = False
) -> QuerySet:
    """Rows after (before: back=True) the row with these values of the ordering, and it too where asked."""
    fields = fields_of(queryset.model, ordering)
    descending = ordering[0].startswith("-")
    op = ("<" if descending != back else ">") + ("=" if with_it else "")
    return queryset.filter(RowCompare([n.lstrip("-") for n in ordering], op, values, fields))


def reverse(ordering: Sequence[str]) -> list[str]:
    return [name[1:] if name.startswith("-") else f"-{name}" for name in ordering]


def pack(values: Sequence[Any], row_number: int) -> str:
    """A URL-safe token of a position: ordering values and the number of the row in the whole list."""
    data = json.dumps([row_number, *values], default=str, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(data.encode()).decode().rstrip("=")


def unpack(token: str, fields: Sequence[Field]) -> tuple[int, list[Any]] | None:
    """The row number and the typed values; None for a token that is not ours or of another ordering."""
    try:
        number, *values = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        if len(values) != len(fields) or not isinstance(number, int) or number < 0 or "\x00" in str(values):
            return None
        return number, [field.to_python(value) for field, value in zip(fields, values, strict=True)]
    except (ValueError, TypeError, binascii.Error, ValidationError, RecursionError):
        return None
