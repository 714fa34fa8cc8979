"""«Загрузки реестров»: start from the folder, progress, report, refused records; the jobs behind."""

from __future__ import annotations

import os
from datetime import date, timedelta
from random import Random

import pytest

from clients.models import Client, ImportBatch, ImportFile
from clients.selectors.registry import days_in, registry_silence
from clients.services import registry
from core.errors import DomainError, Forbidden
from core.jobs import registry as job_registry
from core.jobs import running
from core.jobs.scheduling import run_by_hand
from core.models import JobRun, JournalEntry
from tests.importers import registry_files as files
from tests.importers.directory import load

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path, settings):
    """The installation's folder of registers, with two good files and a broken one."""
    bad = files.legal(Random(9), extra={"ДатаВып": "2025-13-01"})
    files.write(
        tmp_path / "in",
        {
            "egrul/VO_RUGFO_0000_9965_20251105_x.xml": files.file_of(
                [files.legal(Random(i)) for i in range(3)] + [bad]
            ),
            "ip.zip": files.zipped({"a.xml": files.file_of([files.entrepreneur(Random(5))])}),
            "broken.xml": b"<broken",
            "readme.txt": b"",
        },
    )
    settings.REGISTRY_FOLDER = str(tmp_path / "in")
    return tmp_path / "in"


def do(run: JobRun) -> JobRun:
    return running.execute(run.pk)


def watch(on: date) -> JobRun:
    return run_by_hand(job_registry.get("clients.watch_registry"), on)[0]


def test_what_may_be_loaded_is_what_lies_in_the_folder(folder):
    assert registry.registry_choices() == [
        (".", "Вся папка"), ("broken.xml", "broken.xml"), ("egrul", "egrul"), ("ip.zip", "ip.zip"),
    ]  # fmt: skip


@pytest.mark.rows("R0.4")
def test_the_operator_loads_the_folder_and_reads_the_report(folder, operator, signed_in):
    client = signed_in(operator)
    page = client.get("/clients/imports/start/")
    assert "Вся папка" in page.content.decode()
    answer = client.post("/clients/imports/start/", {"name": ".", "source": ""})
    run = JobRun.objects.get(job=registry.JOB)
    assert answer["Location"] == f"/jobs/{run.pk}/"
    done = do(run)
    assert (done.state, done.counts["new"], done.counts["rejected"], done.counts["failed_files"]) == ("done", 4, 1, 1)
    batch = ImportBatch.objects.get()
    assert done.result_url == f"/clients/imports/{batch.pk}/"
    assert (batch.by, batch.percent, Client.objects.count()) == (operator, 100, 4)
    report = client.get(done.result_url).content.decode()
    assert "broken.xml" in report and "Неверная дата «ДатаВып»: 2025-13-01" in report
    assert JournalEntry.objects.get(code="registry.imported").by == operator


@pytest.mark.parametrize(
    ("path", "total"),
    [
        ("/clients/imports/", 1),
        ("/clients/imports/?seg=failed", 1),
        ("/clients/imports/?seg=refused", 1),
        ("/clients/imports/files/", 2),
        ("/clients/imports/files/?state=failed", 1),
        ("/clients/imports/rejects/", 1),
    ],
)
def test_the_lists(folder, operator, signed_in, path, total):
    load(folder, {"x.xml": files.file_of([files.legal(Random(1), ogrn="1")]), "y.xml": b"<broken"})
    page = signed_in(operator).get(path)
    assert page.status_code == 200
    assert f'data-total="{total}"' in page.content.decode()


def test_a_running_load_is_polled(operator, signed_in):
    from core import clock

    now = clock.system_now()
    batch = ImportBatch.objects.create(started_at=now, heartbeat_at=now, bytes_total=200, bytes_done=50, paths=["/a/b"])
    client = signed_in(operator)
    assert 'hx-trigger="every 2s"' in client.get(batch.get_absolute_url()).content.decode()
    part = client.get(batch.get_absolute_url(), headers={"HX-Request": "true", "HX-Target": "import"}).content.decode()
    assert part.lstrip().startswith('<div id="import"') and "25&nbsp;%" in part


def test_one_file_of_the_folder(folder, operator):
    batch = registry.registry_import(name="ip.zip", source="egrip", by=operator)
    assert (batch.new, batch.files, batch.source) == (1, 1, "egrip")


def test_others_neither_see_nor_start(folder, manager, signed_in):
    client = signed_in(manager)
    for path in ("", "start/", "files/", "rejects/", "1/"):
        assert client.get(f"/clients/imports/{path}").status_code == 403
    with pytest.raises(Forbidden):
        registry.registry_import_start(name=".", source="", by=manager)


@pytest.mark.parametrize("name", ["../", "/etc", "none.xml", "readme.txt/.."])
def test_nothing_outside_the_folder_is_loaded(folder, operator, name):
    with pytest.raises(DomainError):
        registry.registry_import_start(name=name if name != "readme.txt/.." else "../in/../..", source="", by=operator)


def test_without_a_folder_the_page_says_so(settings, operator, signed_in):
    settings.REGISTRY_FOLDER = ""
    client = signed_in(operator)
    assert "Папка реестров не настроена" in client.get("/clients/imports/start/").content.decode()
    with pytest.raises(DomainError, match="SBILLING_REGISTRY_FOLDER"):
        registry.registry_import_start(name=".", source="", by=operator)


def test_a_stopped_load_is_no_failure_and_goes_on_later(folder, operator, monkeypatch):
    run = registry.registry_import_start(name=".", source="", by=operator)
    calls = iter(range(100))

    def advance(self, *args, **kwargs):
        if next(calls) == 1:
            raise running.RunCancelled

    with monkeypatch.context() as patch:
        patch.setattr(running.Run, "advance", advance)
        assert do(run).state == "cancelled"
    assert ImportBatch.objects.get().state == "cancelled"
    again = registry.registry_import_start(name=".", source="", by=operator)
    assert do(again).state == "done"
    assert Client.objects.count() == 4


def test_the_nightly_watch_takes_what_is_new(folder):
    first = watch(date(2025, 11, 6))
    assert (first.state, first.counts["new"]) == ("done", 4)
    second = watch(date(2025, 11, 7))
    assert (second.counts["new"], second.counts["unchanged"]) == (0, 4)
    assert "последний файл" not in second.message


def test_a_gap_in_the_days_is_an_alarm(folder):
    watch(date(2025, 11, 6))
    late = watch(date(2025, 11, 15))
    assert "ЕГРЮЛ: последний файл за 05.11.2025" in late.message


def test_a_hole_between_daily_files_is_an_alarm_on_the_operators_page(folder, operator, signed_in, clock_at):
    watch(date(2025, 11, 6))
    batch = ImportBatch.objects.first()
    name = "VO_RUGFO_0000_9965_20251119_9461e1d5.xml"
    ImportFile.objects.create(
        sha256="0" * 64,
        batch=batch,
        name=name,
        source="egrul",
        state="done",
        started_at="2025-11-19T10:00Z",
        finished_at="2025-11-19T10:00Z",
        checkpoint=0,
    )
    assert "ЕГРЮЛ: нет файлов между 05.11.2025 и 19.11.2025, догрузите их" in registry_silence(on=date(2025, 11, 20))
    clock_at(date(2025, 11, 20))
    assert "нет файлов между 05.11.2025 и 19.11.2025" in signed_in(operator).get("/clients/imports/").content.decode()


def done_file(name: str, day: str = "2025-11-19", source: str = "egrul") -> ImportFile:
    batch = ImportBatch.objects.first() or ImportBatch.objects.create(
        started_at="2025-11-01T10:00Z", heartbeat_at="2025-11-01T10:00Z"
    )
    return ImportFile.objects.create(
        sha256=f"{ImportFile.objects.count():064d}", batch=batch, name=name, source=source, state="done",
        started_at=f"{day}T10:00Z", finished_at=f"{day}T10:00Z",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (("11-10", "11-11", "11-13"), ["ЕГРЮЛ: нет файлов за 12.11.2025, догрузите их"]),  # one working day
        (("11-13", "11-14", "11-17", "11-18"), []),  # a weekend
        (("10-31", "11-01", "11-03", "11-05"), []),  # and a holiday
        (("10-30", "10-31", "11-10", "11-11"), ["ЕГРЮЛ: нет файлов между 31.10.2025 и 10.11.2025, догрузите их"]),
        (("11-03", "11-07", "11-12", "11-17"), []),  # files that never came daily
    ],
)
def test_where_daily_files_are_missing(days, told):
    for day in days:
        done_file(f"EGRUL_2025-{day}_1.xml")
    assert registry_silence(on=date.fromisoformat(f"2025-{days[-1]}") + timedelta(1)) == told


def test_a_missing_day_that_was_loaded_later_is_no_alarm():
    for day in ("11-10", "11-11", "11-13", "11-12"):
        done_file(f"EGRUL_2025-{day}_1.xml")
    assert registry_silence(on=date(2025, 11, 14)) == []


def test_a_number_that_looks_like_a_day_ahead_hides_no_silence():
    done_file("VO_RUGFO_0000_9965_20251105_20991231-0000.xml")
    assert registry_silence(on=date(2025, 11, 19)) == [
        "ЕГРЮЛ: последний файл за 05.11.2025, проверьте получение файлов"
    ]


def test_files_whose_names_tell_no_day_are_dated_by_their_load():
    done_file("1.xml", "2025-11-05")
    assert registry_silence(on=date(2025, 11, 10)) == []
    assert registry_silence(on=date(2025, 11, 19)) == [
        "ЕГРЮЛ: последний файл загружен 05.11.2025, проверьте получение файлов"
    ]


def test_a_gap_waits_for_the_operator_on_his_first_page(operator, manager, signed_in, clock_at):
    for day in ("11-10", "11-11", "11-13"):
        done_file(f"EGRUL_2025-{day}_1.xml")
    clock_at(date(2025, 11, 14))
    assert 'href="/clients/imports/"><b class="num hot">1</b>' in signed_in(operator).get("/").content.decode()
    assert 'href="/clients/imports/"><b' not in signed_in(manager).get("/").content.decode()


def test_the_watch_of_folders_without_files_is_no_failure(tmp_path, settings):
    settings.REGISTRY_FOLDER = str(tmp_path)
    (tmp_path / "egrul").mkdir()
    (tmp_path / "readme.txt").write_text("x")
    assert watch(date(2025, 11, 6)).state == "done"
    assert not ImportBatch.objects.exists()
    (tmp_path / "egrul" / "a.xml").symlink_to("/nowhere.xml")
    run = watch(date(2025, 11, 7))
    assert run.state == "done" and "a.xml" in run.message


def test_a_folder_that_does_not_open_is_said_in_words(tmp_path, settings, operator, signed_in, monkeypatch):
    settings.REGISTRY_FOLDER = str(tmp_path)
    known = os.scandir

    def scandir(path="."):
        if str(path).startswith(str(tmp_path)):
            raise PermissionError(13, "Permission denied", str(path))
        return known(path)

    monkeypatch.setattr(os, "scandir", scandir)  # everybody's: others read their folders meanwhile
    page = signed_in(operator).get("/clients/imports/start/")
    assert page.status_code == 200 and "Папка реестров не открывается: нет прав на чтение." in page.content.decode()


def test_names_that_no_form_can_send_back_are_not_offered(tmp_path, settings, operator, signed_in):
    settings.REGISTRY_FOLDER = str(tmp_path)
    for name in ("Тест.xml".encode("cp866"), b"good.xml"):
        with open(os.fsencode(tmp_path) + b"/" + name, "wb") as out:
            out.write(files.file_of([files.legal(Random(name[0]))]))
    assert registry.registry_choices() == [(".", "Вся папка"), ("good.xml", "good.xml")]
    assert signed_in(operator).get("/clients/imports/start/").status_code == 200
    assert watch(date(2025, 11, 6)).counts["new"] == 2


def test_days_of_file_names():
    names = [
        "VO_RUGFO_0000_9965_20251105_9461e1d5.xml",
        "EGRUL_2022-09-21_10.zip",
        "EGRUL_FULL_2022-01-01_761688.XML",
        "a_20251399.xml",
        "x",
    ]
    assert days_in(names) == [date(2025, 11, 5), date(2022, 9, 21), date(2022, 1, 1)]
