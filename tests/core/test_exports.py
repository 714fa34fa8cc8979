"""Excel of every export: types, no formulas, no lost rows, little memory, a record of who took what (A13, F19, T3)."""

import io
import tracemalloc
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import openpyxl
import pytest

from core import clock, exporting, exports
from core.errors import DomainError, Forbidden
from core.exports import Column, write_xlsx, xlsx_response
from core.jobs import running, services
from core.models import ExportRecord, JobRun

PAYLOADS = [
    "=1+1",
    "+7 495",
    "-1+1",
    "@SUM(A1)",
    '=HYPERLINK("http://evil";"x")',
    "=cmd|' /C calc'!A0",
    "http://evil.example",
    "mailto:a@b",
    "\t=1+1",
    "\r\n=1+1",
    "internal:'Данные'!A1",
    "{=1+1}",
    "0012345",
    "1e5",
    "nul\x00 esc\x1b ff\x0b",
    "half\ud800 end\ufffe",
    "x" * 40_000,
    "_x000D_",
]


@dataclass
class Row:
    name: object = "ООО «Пример»"
    inn: str = "0012345678"
    amount: Decimal | None = Decimal("1234567.85")
    share: float = 0.25
    number: int = 7
    on: date | None = date(2026, 2, 28)
    at: datetime = datetime(2026, 1, 1, 21, 30, tzinfo=UTC)
    is_paid: bool = True
    owner: object = None


COLUMNS = (
    Column("Название", "text", "name"),
    Column("ИНН", "text", "inn"),
    Column("Сумма", "money", "amount", total=True),
    Column("Доля", "percent", "share"),
    Column("Номер", "int", "number"),
    Column("Дата", "date", "on"),
    Column("Время", "datetime", "at"),
    Column("Оплачен", "bool", "is_paid"),
    Column("Ответственный", "text", "owner.name"),
    Column("Всего", "text", lambda row: f"{row.number} шт."),
)


def written(tmp_path, rows, columns=COLUMNS, **options):
    path = tmp_path / "x.xlsx"
    count = write_xlsx(path, columns, rows, **options)
    return openpyxl.load_workbook(path), count


def test_cells_have_their_types(tmp_path):
    book, count = written(tmp_path, [Row(), Row(amount=Decimal("0.15"), on=None)], params=[("Регион", "39")])
    assert (book.sheetnames, count) == (["Данные", "Параметры отбора"], 2)
    sheet = book["Данные"]
    assert [cell.value for cell in sheet[1]] == [column.title for column in COLUMNS]
    name, inn, amount, share, number, on, at, paid, owner, total = sheet[2]
    assert (name.value, inn.value, inn.data_type, inn.number_format) == ("ООО «Пример»", "0012345678", "s", "@")
    assert (amount.value, amount.number_format) == (1234567.85, "#,##0.00")
    assert (share.value, number.value) == (0.25, 7)
    assert (str(on.value), on.number_format) == ("2026-02-28 00:00:00", "dd.mm.yyyy")
    assert str(at.value) == "2026-01-01 23:30:00"  # the reader's zone, Kaliningrad
    assert (paid.value, owner.value, total.value) == ("да", None, "7 шт.")
    assert sheet["C4"].value == 1234568 and sheet["C4"].data_type == "n"  # a value, not a formula
    assert (sheet["A4"].value, sheet.freeze_panes, sheet.auto_filter.ref) == ("Итого", "A2", "A1:J3")
    params = {row[0].value: row[1].value for row in book["Параметры отбора"].iter_rows()}
    assert params["Регион"] == "39" and params["Строк"] == "2" and "Выгружено" in params


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("kind", ["text", "money", "int", "date", "percent", "bool"])
def test_no_payload_becomes_a_formula_or_a_link(tmp_path, payload, kind):
    book, _ = written(tmp_path, [Row(name=payload)], (Column(payload[:60], kind, "name"),), params=[(payload, payload)])
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n") and cell.hyperlink is None
                assert not isinstance(cell.value, openpyxl.worksheet.formula.ArrayFormula)
    if kind == "text":
        shown = book["Данные"]["A2"].value
        assert len(shown) <= 32_767
        if payload in ("=1+1", "0012345", "1e5"):
            assert shown == payload


def test_dates_that_excel_cannot_count_are_text(tmp_path):
    rows = [Row(on=day) for day in (date(1, 1, 1), date(1899, 12, 31), date(1900, 2, 28), date(9999, 12, 31))]
    book, _ = written(tmp_path, rows)
    assert [book["Данные"].cell(n, 6).value for n in (2, 3, 4)] == ["01.01.0001", "31.12.1899", "28.02.1900"]
    assert str(book["Данные"].cell(5, 6).value) == "9999-12-31 00:00:00"


def test_full_sheet_is_followed_by_another(tmp_path):
    rows = (Row(number=n) for n in range(1_001))
    book, count = written(tmp_path, rows, sheet_rows=500)
    assert (count, book.sheetnames) == (1_001, ["Данные", "Данные 2", "Данные 3", "Параметры отбора"])
    found = [cell.value for name in book.sheetnames[:3] for cell in book[name]["E"][1:] if cell.value is not None]
    assert found == list(range(1_001))
    assert all(book[name]["A1"].value == "Название" for name in book.sheetnames[:3])
    assert max(sheet.max_row for sheet in book) <= 501


def test_sheet_limits_are_those_of_excel():
    assert exports.SHEET_ROWS + 1 == 2**20


def test_refused_cell_is_an_error_and_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(exports, "clean", lambda value: "x" * 40_000)
    with pytest.raises(exports.ExportError):
        written(tmp_path, [Row()])
    assert list(tmp_path.iterdir()) == []


def test_empty_list_has_its_header(tmp_path):
    book, count = written(tmp_path, [])
    assert (count, book["Данные"]["A1"].value, book["Данные"]["C2"].value) == (0, "Название", 0)


def test_memory_does_not_grow_with_rows(tmp_path):
    tracemalloc.start()
    peaks = []
    for number in (1_000, 8_000):
        tracemalloc.reset_peak()
        write_xlsx(tmp_path / "x.xlsx", COLUMNS, (Row(number=n) for n in range(number)))
        peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5


def test_response_is_a_recorded_download(db, manager, django_assert_num_queries):
    rows = JobRun.objects.none()
    response = xlsx_response("Требуют продления", COLUMNS[:2], rows, by=manager, section="renewals", query="region=39")
    body = b"".join(response.streaming_content)
    assert openpyxl.load_workbook(io.BytesIO(body)).sheetnames[0] == "Данные"
    assert "filename*=utf-8''" in response["Content-Disposition"] and response["Content-Type"] == exports.MIME
    record = ExportRecord.objects.get()
    assert (record.by, record.section, record.query, record.rows) == (manager, "renewals", "region=39", 0)
    assert len(record.sha256) == 64


def test_querysets_are_read_through_a_cursor(db, manager, tmp_path, monkeypatch):
    sizes = []
    monkeypatch.setattr(
        type(JobRun.objects.all()), "iterator", lambda self, chunk_size: sizes.append(chunk_size) or iter([])
    )
    write_xlsx(tmp_path / "x.xlsx", (Column("Задача", "text", "job"),), JobRun.objects.all())
    assert sizes == [exports.BATCH]


class Page:
    """Stands for a list page."""

    allowed = True

    @classmethod
    def export_source(cls, *, query, by):
        if not cls.allowed:
            raise Forbidden
        rows = [Row(number=n) for n in range(int(query.removeprefix("n=")))]
        return exports.ExportSource("Список", "list", COLUMNS, rows, [("Отбор", query)], len(rows))


PAGE = f"{__name__}.Page"


@pytest.fixture
def page(monkeypatch):
    monkeypatch.setattr(exports, "import_string", lambda path: {PAGE: Page}[path])
    monkeypatch.setattr(exporting, "import_string", lambda path: {PAGE: Page}[path])
    return Page


def test_long_list_is_exported_in_the_background(db, manager, page):
    row = exports.queue_export(PAGE, "n=700", manager)
    row = running.execute(row.pk)
    assert (row.state, row.counts, row.progress_done, row.params["title"]) == (
        "done",
        {"rows": 700},
        700,
        "Список: Excel",
    )
    path, filename = services.result_of(row.pk, manager)
    assert filename == "Список.xlsx"
    assert openpyxl.load_workbook(path)["Данные"].max_row == 702
    record = ExportRecord.objects.get()
    assert (record.rows, record.job, record.sha256) == (700, row, exports.sha256_of(path))


def test_right_is_asked_when_queued_when_run_and_when_fetched(db, manager, page, monkeypatch):
    row = exports.queue_export(PAGE, "n=1", manager)
    monkeypatch.setattr(page, "allowed", False)
    assert running.execute(row.pk).state == "failed"
    with pytest.raises(Forbidden):
        exports.queue_export(PAGE, "n=1", manager)
    monkeypatch.setattr(page, "allowed", True)
    row = exports.queue_export(PAGE, "n=2", manager)
    running.execute(row.pk)
    monkeypatch.setattr(page, "allowed", False)
    with pytest.raises(JobRun.DoesNotExist):
        services.result_of(row.pk, manager)


def test_daily_quota_counts_every_road_out(db, manager, page, settings):
    settings.EXPORT_ROWS_A_DAY = 10
    assert xlsx_response("Список", COLUMNS, [Row()] * 6, by=manager, section="list").status_code == 200
    with pytest.raises(DomainError) as refused:
        xlsx_response("Список", COLUMNS, [Row()] * 5, by=manager, section="list")
    assert refused.value.code == "quota"
    row = running.execute(exports.queue_export(PAGE, "n=5", manager).pk)
    assert (row.state, row.result_file) == ("failed", "")
    ExportRecord.objects.create(by=manager, at=clock.now() - timedelta(hours=25), section="x", rows=100)
    row = running.execute(exports.queue_export(PAGE, "n=4", manager).pk)
    assert row.state == "done"


def test_cancelled_export_leaves_no_file(db, manager, page, monkeypatch, settings):
    from pathlib import Path

    monkeypatch.setattr(running, "WRITE_SECONDS", 0)
    row = exports.queue_export(PAGE, "n=1200", manager)
    real = running.Run.advance

    def advance(run, *args):
        real(run, *args)
        if args[0]:
            services.job_cancel(run_id=row.pk, by=manager)

    monkeypatch.setattr(running.Run, "advance", advance)
    assert running.execute(row.pk).state == "cancelled"
    assert not list((Path(settings.MEDIA_ROOT) / "jobs").glob(f"{row.pk}-*"))
