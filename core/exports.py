"""Typed Excel: the only module that writes workbooks (decisions 31, 33; F19, A13).

Cells are text, numbers or dates and never formulas or links; totals are values; memory does not grow with rows.

    COLUMNS = (
        Column("ИНН", "text", "client.inn"),
        Column("Сумма", "money", "amount", total=True),
        Column("Окончание", "date", lambda row: row.term.ends_on),
    )
    xlsx_response("Требуют продления", COLUMNS, queryset, params=[("Регион", "39")], by=user, section="renewals")
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import xlsxwriter
from django.conf import settings
from django.db import models
from django.db.models import Sum
from django.http import FileResponse
from django.utils.module_loading import import_string

from . import clock, db, reference
from .errors import DomainError
from .formats import group
from .jobs.services import start_user_job
from .models import ExportRecord, JobRun

Kind = Literal["text", "int", "money", "number", "percent", "date", "datetime", "bool"]

INLINE_ROWS = 20_000  # more is a background job (decision 31)
SHEET_ROWS = 1_048_575  # of Excel, less the header
CELL_LENGTH = 32_767
BATCH = 2_000  # rows of one fetch of the server-side cursor
MEASURED_ROWS = 200  # rows that set the widths of columns
MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# Stored in the American notation: a Russian Excel shows «# ##0,00», «0,0%», «ДД.ММ.ГГГГ».
_FORMATS = {
    "text": "@",
    "int": "#,##0",
    "money": "#,##0.00",
    "number": "#,##0.00##",
    "percent": "0.0%",
    "date": "dd.mm.yyyy",
    "datetime": "dd.mm.yyyy hh:mm",
    "bool": "@",
}
_ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_EXCEL_EPOCH = date(1900, 3, 1)  # before it Excel counts a day that never was
_WIDTHS = {"money": 15, "int": 10, "number": 12, "percent": 9, "date": 12, "datetime": 17, "bool": 6}


class ExportError(Exception):
    """The writer refused a cell: a defect, never a file that lacks rows."""


@dataclass(frozen=True)
class Column:
    """`value` is a path of attributes («client.inn», None on the way gives an empty cell) or a function of the row.

    Kinds: text (also INN, phones, numbers of documents), int, money (roubles), number, percent (0.25 is 25 %), date,
    datetime (shown in the reader's zone), bool. `width` in characters; `total` adds the sum under the last row.
    """

    title: str
    kind: Kind
    value: str | Callable[[Any], Any]
    width: int | None = None
    total: bool = False

    def of(self, row: Any) -> Any:
        if callable(self.value):
            return self.value(row)
        for name in self.value.split("."):
            row = row.get(name) if isinstance(row, dict) else getattr(row, name, None)
            if row is None:
                return None
            if callable(row) and not isinstance(row, type):
                row = row()
        return row


@dataclass(frozen=True)
class ExportSource:
    """What a list page exports for one person and one query string: `ListPage.export_source(query=…, by=…)` gives it.

    It raises Forbidden without the right to the list or to exports. `total` is for the progress bar, None if unknown.
    """

    title: str
    section: str
    columns: Sequence[Column]
    rows: Iterable[Any]
    params: Sequence[tuple[str, Any]] = ()
    total: int | None = None


def queue_export(page_path: str, query: str, by) -> JobRun:
    """Export a list of more than 20 000 rows in the background; the run to show and, when done, to fetch from.

    `page_path` is «app.views.Page» with `export_source`; `query` the page's query string.
    """
    page = import_string(page_path)
    source = page.export_source(query=query, by=by)
    return start_user_job("core.export", {"page": page_path, "query": query}, by, title=f"{source.title}: Excel")


def clean(value: Any) -> str:
    """Text as a cell may hold it: no control characters or halves of surrogates, at most 32 767 characters."""
    text = _ILLEGAL.sub("", str(value))
    return text if len(text) <= CELL_LENGTH else text[: CELL_LENGTH - 1] + "…"


def rows_of(rows: Iterable[Any]) -> Iterator[Any]:
    """A queryset through a server-side cursor, anything else as it is."""
    return rows.iterator(chunk_size=BATCH) if isinstance(rows, models.QuerySet) else iter(rows)


class _Book:
    """One workbook while it is written: sheets of data in turn, totals, the sheet of parameters."""

    def __init__(self, path: str, scratch: str, columns: Sequence[Column], zone: str | None, sheet_rows: int) -> None:
        self.columns, self.sheet_rows = columns, sheet_rows
        self.zone = ZoneInfo(zone or settings.TIME_ZONE)
        self.book = xlsxwriter.Workbook(
            path,
            {
                "constant_memory": True,
                "tmpdir": scratch,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self.formats = {kind: self.book.add_format({"num_format": f}) for kind, f in _FORMATS.items()}
        bold = {"bold": True, "top": 1}
        self.bold = {kind: self.book.add_format({"num_format": f, **bold}) for kind, f in _FORMATS.items()}
        self.header = self.book.add_format(
            {"bold": True, "bg_color": "#E9EDF2", "text_wrap": True, "valign": "top", "num_format": "@"}
        )
        self.totals = {n: Decimal(0) for n, column in enumerate(columns) if column.total}
        self.rows, self.sheets, self.line = 0, 0, 0
        self.sheet: Any = None

    def open_sheet(self, widths: Sequence[int]) -> None:
        self.close_sheet()
        self.sheets += 1
        self.widths = widths
        self.sheet = self.book.add_worksheet("Данные" if self.sheets == 1 else f"Данные {self.sheets}")
        self.sheet.freeze_panes(1, 0)
        self.sheet.repeat_rows(0)
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)
        # INN as text is what we want: without this Excel marks every such cell.
        self.sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        for n, width in enumerate(widths):
            self.sheet.set_column(n, n, width)
            self.text(0, n, self.columns[n].title, self.header)
        self.line = 1

    def close_sheet(self) -> None:
        if self.sheet is not None and self.columns:
            self.sheet.autofilter(0, 0, max(self.line - 1, 0), len(self.columns) - 1)

    def row(self, values: Sequence[Any]) -> None:
        if self.line > self.sheet_rows:
            self.open_sheet(self.widths)
        for n, value in enumerate(values):
            self.cell(self.line, n, value, self.columns[n].kind, self.formats)
            if n in self.totals and value is not None:
                self.totals[n] += Decimal(value)
        self.line += 1
        self.rows += 1

    def text(self, line: int, n: int, value: Any, style: Any) -> None:
        self.checked(self.sheet.write_string(line, n, clean(value), style), line, n)

    def cell(self, line: int, n: int, value: Any, kind: str, styles: dict[str, Any]) -> None:
        style = styles[kind]
        if value is None or value == "":
            return
        if kind == "bool":
            self.text(line, n, "да" if value else "нет", style)
        elif kind in ("date", "datetime"):
            self.moment(line, n, value, style)
        elif kind in ("int", "money", "number", "percent") and _is_number(value):
            self.checked(self.sheet.write_number(line, n, value, style), line, n)
        else:
            self.text(line, n, value, style)

    def moment(self, line: int, n: int, value: Any, style: Any) -> None:
        if isinstance(value, datetime):
            value = value.astimezone(self.zone).replace(tzinfo=None) if value.tzinfo else value
            day = value.date()
        elif isinstance(value, date):
            day, value = value, datetime.combine(value, time())
        else:
            return self.text(line, n, value, style)
        if day < _EXCEL_EPOCH:
            return self.text(line, n, f"{day:%d.%m.}{day.year:04}", style)
        return self.checked(self.sheet.write_datetime(line, n, value, style), line, n)

    def checked(self, code: int, line: int, n: int) -> None:
        if code:
            raise ExportError(f"XlsxWriter answered {code} for row {line}, column {n}.")

    def finish(self, params: Sequence[tuple[str, Any]]) -> None:
        self.close_sheet()
        if self.totals:
            self.text(self.line, 0, "Итого", self.bold["text"])
            for n, total in self.totals.items():
                self.cell(self.line, n, total, self.columns[n].kind, self.bold)
        self.sheet = self.book.add_worksheet("Параметры отбора")
        self.sheet.set_column(0, 0, 32)
        self.sheet.set_column(1, 1, 70)
        for line, (name, value) in enumerate([*params, ("Строк", self.rows)]):
            self.text(line, 0, name, self.header)
            self.text(line, 1, value, self.formats["text"])
        self.book.close()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _widths(columns: Sequence[Column], sample: Sequence[Sequence[Any]]) -> list[int]:
    widths = []
    for n, column in enumerate(columns):
        longest = max((len(str(row[n])) for row in sample if row[n] is not None), default=0)
        fitting = max(
            _WIDTHS.get(column.kind, 0), min(longest if column.kind == "text" else 0, 60), min(len(column.title), 24)
        )
        widths.append(column.width or fitting + 2)
    return widths


def write_xlsx(
    path: str | Path,
    columns: Sequence[Column],
    rows: Iterable[Any],
    *,
    params: Sequence[tuple[str, Any]] = (),
    zone: str | None = None,
    progress: Callable[[int], None] | None = None,
    sheet_rows: int = SHEET_ROWS,
) -> int:
    """Write the workbook and return the number of data rows.

    `params` are the lines of «Параметры отбора»; `zone` the reader's IANA zone for moments; `progress` is told the
    number of rows now and then and may raise to stop. A sheet that is full is followed by another one.
    """
    totals = any(column.total for column in columns)
    # Beside the result, so that what a killed writer leaves behind is swept with it.
    with reference.held(), tempfile.TemporaryDirectory(dir=Path(path).parent, ignore_cleanup_errors=True) as scratch:
        book = _Book(str(path), scratch, columns, zone, sheet_rows - 1 if totals else sheet_rows)
        try:
            _fill(book, columns, rows, progress)
            book.finish([*params, ("Выгружено", f"{clock.now().astimezone(book.zone):%d.%m.%Y %H:%M}")])
        except BaseException:
            book.book.fileclosed = 1  # no warning about a book left open, no half-written file
            Path(path).unlink(missing_ok=True)
            raise
    return book.rows


def _fill(book: _Book, columns: Sequence[Column], rows: Iterable[Any], progress: Callable[[int], None] | None) -> None:
    sample: list[list[Any]] | None = []
    for row in rows_of(rows):
        values = [column.of(row) for column in columns]
        if sample is None:
            book.row(values)
            if progress and book.rows % 500 == 0:
                progress(book.rows)
            continue
        sample.append(values)
        if len(sample) == MEASURED_ROWS:
            _flush(book, columns, sample)
            sample = None
    if sample is not None:
        _flush(book, columns, sample)


def _flush(book: _Book, columns: Sequence[Column], sample: list[list[Any]]) -> None:
    book.open_sheet(_widths(columns, sample))
    for values in sample:
        book.row(values)


def sha256_of(path: str | Path) -> str:
    """Of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_quota(by, rows: int) -> None:
    """DomainError when `rows` more would pass what one person may take out in a day (T3)."""
    quota = getattr(settings, "EXPORT_ROWS_A_DAY", 1_000_000)
    day = clock.now() - timedelta(days=1)
    taken = ExportRecord.objects.filter(by=by, at__gt=day).aggregate(rows=Sum("rows"))["rows"] or 0
    if taken + rows > quota:
        raise DomainError(
            f"За сутки можно выгрузить {group(quota)} строк, вы уже выгрузили {group(taken)}. "
            "Уточните отбор или обратитесь к оператору.",
            code="quota",
        )


def export_record(*, by, section: str, query: str, rows: int, sha256: str, job=None) -> ExportRecord:
    """Remember who took which rows out (T3); part of the journal of views, so a GET may write it (decision 27)."""
    return ExportRecord.objects.create(
        at=clock.now(), by=by, section=section[:60], query=query, rows=rows, sha256=sha256, job=job
    )


def xlsx_response(
    filename: str,
    columns: Sequence[Column],
    rows: Iterable[Any],
    *,
    params: Sequence[tuple[str, Any]] = (),
    by,
    section: str,
    query: str = "",
) -> FileResponse:
    """A download of at most 20 000 rows, recorded. The caller has checked the right to export and the number of rows."""
    with tempfile.TemporaryDirectory() as folder, db.timeouts("page"):
        path = Path(folder) / "list.xlsx"
        count = write_xlsx(
            path, columns, rows, params=[*params, ("Выгрузил", str(by))], zone=getattr(by, "business_zone", None)
        )
        check_quota(by, count)
        export_record(by=by, section=section, query=query, rows=count, sha256=sha256_of(path))
        # The name goes with the block, the open handle keeps the bytes until they are sent.
        content = open(path, "rb")  # noqa: SIM115  (FileResponse closes it)
    response = FileResponse(content, as_attachment=True, filename=f"{filename}.xlsx", content_type=MIME)
    response["Cache-Control"] = "private, no-store"
    return response
