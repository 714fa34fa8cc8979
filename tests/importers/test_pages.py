"""«Загрузки реестров»: start from the folder, progress, report, refused records; the jobs behind."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest

from clients.models import Client, ImportBatch, ImportFile
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
    assert "ЕГРЮЛ: нет файлов между 05.11.2025 и 19.11.2025, догрузите их" in registry.registry_silence(
        on=date(2025, 11, 20)
    )
    clock_at(date(2025, 11, 20))
    assert "нет файлов между 05.11.2025 и 19.11.2025" in signed_in(operator).get("/clients/imports/").content.decode()


def test_days_of_file_names():
    names = [
        "VO_RUGFO_0000_9965_20251105_9461e1d5.xml",
        "EGRUL_2022-09-21_10.zip",
        "EGRUL_FULL_2022-01-01_761688.XML",
        "a_20251399.xml",
        "x",
    ]
    assert registry.days_in(names) == [date(2025, 11, 5), date(2022, 9, 21), date(2022, 1, 1)]
