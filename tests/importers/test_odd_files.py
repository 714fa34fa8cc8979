"""What lies in a folder of registers in real life: links to nothing, names in cp866, pages of an error, files that still grow."""

from __future__ import annotations

import os
import threading
import zipfile
from datetime import date, timedelta
from random import Random

import pytest
from django.db import connection

from clients.importers import reasons, run, sources
from clients.importers.run import import_paths, report
from clients.models import Client, ImportFile, ImportReject
from core import clock, faults
from tests.importers import registry_files as files
from tests.importers.directory import card, counts, load, load_subjects

pytestmark = pytest.mark.django_db


def one_file(seed: int = 1) -> bytes:
    return files.file_of([files.legal(Random(seed))])


def reason_of(tmp_path, name: str, content: bytes) -> str:
    assert load(tmp_path, {name: content})["failed_files"] == 1
    return ImportFile.objects.latest("finished_at").reason


@pytest.mark.parametrize("target", ["gone.xml", "link.xml"])
def test_a_link_to_nothing_or_to_itself_costs_only_itself(tmp_path, target):
    (tmp_path / "good.xml").write_bytes(one_file())
    (tmp_path / "link.xml").symlink_to(tmp_path / target)
    os.mkfifo(tmp_path / "pipe.xml")
    batch = import_paths([tmp_path])
    assert report(batch) == counts(new=1)
    assert "link.xml" in batch.message and "pipe.xml" in batch.message


def test_a_folder_that_does_not_open_is_named(tmp_path, monkeypatch):
    files.write(tmp_path, {"good.xml": one_file(), "closed/b.xml": one_file(2)})
    real = os.scandir

    def scandir(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    batch = import_paths([tmp_path])
    assert report(batch) == counts(new=1)
    assert "closed" in batch.message


@pytest.mark.parametrize("encoding", ["cp866", "cp1251"])
def test_russian_names_of_old_archivers_on_the_disk(tmp_path, encoding):
    folder = os.fsencode(tmp_path)
    for name, content in (("Выписка_№1.xml", one_file()), ("Битый.xml", b"<broken"), ("Архив.zip", files.zipped({}))):
        with open(folder + b"/" + name.encode(encoding), "wb") as out:
            out.write(content)
    assert report(import_paths([tmp_path])) == counts(new=1, files=3, failed_files=2)
    assert set(ImportFile.objects.values_list("name", flat=True)) == {"Выписка_№1.xml", "Битый.xml", "Архив.zip"}


def test_russian_names_inside_an_archive(tmp_path):
    for encoding in ("cp866", "cp1251"):
        info = zipfile.ZipInfo("NAME_OF_12345.xml")
        content = files.zipped({info.filename: b"<broken"}).replace(b"NAME_OF_12345", "Тест_ЕГРЮЛ_12".encode(encoding))
        load(tmp_path, {"a.zip": content})
        assert ImportFile.objects.latest("id").name == "Тест_ЕГРЮЛ_12.xml"
        ImportFile.objects.all().delete()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (files.zipped({}), "Архив пуст."),
        (files.zipped({"readme.txt": b"x"}), "В архиве нет файлов XML."),
        (files.zipped({"a.xml": one_file()})[:-40], "Архив не открывается: это не ZIP или он обрезан."),
    ],
)
def test_an_archive_with_nothing_to_read_is_told(tmp_path, content, reason):
    assert reason_of(tmp_path, "a.zip", content) == reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<!DOCTYPE html><html><body>403</body></html>", "Это страница сайта"),
        (b"<HTML><body>403</body></HTML>", "Это страница сайта"),
        (one_file().replace("ГЕНЕРАЛЬНЫЙ".encode("cp1251"), b"&#0;"), "недопустимый символ, строка 3, место"),
        (one_file().replace("ГЕНЕРАЛЬНЫЙ".encode("cp1251"), b"&nbsp;"), "неизвестная сущность, строка 3"),
        (one_file() + one_file(), "за концом документа стоит лишнее"),
        (one_file().decode("cp1251").replace("windows-1251", "utf-8").encode().replace("ДИРЕКТОР".encode(), b"\xff"), "байты не в той кодировке"),
    ],
)  # fmt: skip
def test_why_a_file_was_not_read_is_said_in_russian(tmp_path, content, reason):
    assert reason in reason_of(tmp_path, "a.xml", content)


def test_a_broken_file_names_its_last_whole_record(tmp_path):
    subjects = [files.legal(Random(seed)) for seed in range(9)]
    content = files.file_of(subjects)
    place = content.index(subjects[6].ogrn.encode())
    assert f"Последняя целая запись: № 6, ОГРН {subjects[5].ogrn}." in reason_of(tmp_path, "a.xml", content[:place])
    assert not Client.objects.exists()


def test_the_last_whole_record_of_a_file_that_was_cut(tmp_path, monkeypatch):
    monkeypatch.setattr("clients.importers.markup.CUT_FROM", 1 << 13)
    subjects = [files.legal(Random(seed)) for seed in range(60)]
    content = files.file_of(subjects)
    place = content.index(subjects[57].ogrn.encode())
    line = content.count(b"\n", 0, place) + 1
    reason = reason_of(tmp_path, "a.xml", content[:place] + b"<" + content[place:])
    assert f"№ 57, ОГРН {subjects[56].ogrn}." in reason and f"строка {line}," in reason


@pytest.mark.parametrize("how", ["grows", "replaced", "removed"])
def test_a_file_that_changes_while_it_is_read_waits_for_the_next_load(tmp_path, monkeypatch, how):
    """Its digest would be of other content than what was read, and the manifest would take that for known."""
    path = tmp_path / "a.xml"
    path.write_bytes(one_file())
    opened = sources.Digest.__enter__

    def changing(self):
        result = opened(self)
        if how == "grows":
            path.write_bytes(one_file()[:500])
        elif how == "replaced":
            (tmp_path / "b").write_bytes(one_file(2))
            (tmp_path / "b").replace(path)
        else:
            path.unlink()
        return result

    with monkeypatch.context() as patched:
        patched.setattr(sources.Digest, "__enter__", changing)
        assert report(import_paths([path])) == counts(files=1, failed_files=1)
    assert ImportFile.objects.get().reason == sources.CHANGED
    assert not Client.objects.exists()
    path.write_bytes(one_file(2))
    assert report(import_paths([path])) == counts(new=1)


def test_words_of_what_disks_say():
    assert reasons.disk_words(PermissionError(13, "Permission denied")) == "нет прав на чтение"
    assert reasons.disk_words(OSError(9999, "?")) == "ошибка диска 9999"
    assert (
        reasons.reading_words(NotImplementedError("compression"))
        == "способ сжатия не поддерживается, упакуйте обычным ZIP"
    )
    assert reasons.reading_words(RuntimeError("File is encrypted, password required")) == "он закрыт паролем"
    assert reasons.reading_words(ValueError("")) == "ValueError"


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_the_same_file_account_for_every_record(tmp_path):
    """Each tells of the whole file, both together of every new card once."""
    bad = files.legal(Random(99), extra={"ДатаВып": "2025-13-01"})
    path = files.write(tmp_path / "in", {"a.xml": files.file_of([*(files.legal(Random(n)) for n in range(10)), bad])})
    passes, other = iter(range(100)), []

    def load_beside():
        other.append(report(import_paths([path], size=3)))
        connection.close()

    def in_between():
        if next(passes) == 0:
            thread = threading.Thread(target=load_beside)
            thread.start()
            thread.join()

    with faults.at("import.batch.after_commit", in_between):
        mine = report(import_paths([path], size=3))
    assert mine == counts(new=3, unchanged=7, rejected=1)
    assert other == [counts(new=7, unchanged=3, rejected=1)]
    assert ImportReject.objects.count() == 1 and Client.objects.count() == 10


# --- dates and codes -------------------------------------------------------------------------------------------------


def test_a_date_from_the_future_does_not_shut_out_what_comes_later(tmp_path):
    one = files.legal(Random(1))
    mistaken = files.legal(Random(1), as_of=date(2205, 6, 1), short='ООО "ОПЕЧАТКА"')
    assert load_subjects(tmp_path, mistaken) == counts(rejected=1)
    assert ImportReject.objects.get().reason == "Невозможная дата «сведений»: 01.06.2205"
    assert load_subjects(tmp_path, one) == counts(new=1)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ceased": date(9999, 12, 31)}, "Невозможная дата «прекращения»: 31.12.9999"),
        ({"registered": date(1, 1, 1)}, "Невозможная дата «регистрации»: 01.01.0001"),
        ({"recorded": date(2205, 1, 1)}, "Невозможная дата «записи»: 01.01.2205"),
    ],
)
def test_impossible_dates_are_refused_and_told(tmp_path, changes, reason):
    good = files.legal(Random(2))
    assert load_subjects(tmp_path, files.legal(Random(1), **changes), good) == counts(new=1, rejected=1)
    assert ImportReject.objects.get().reason == reason
    assert card(good).ceased_on is None


def test_how_far_ahead_a_date_may_lie(tmp_path):
    edge = clock.system_now().date() + run.FUTURE
    subjects = [files.legal(Random(seed), as_of=edge + timedelta(seed)) for seed in range(2)]
    assert load_subjects(tmp_path, *subjects) == counts(new=1, rejected=1)


def test_an_end_behind_the_day_of_the_extract_is_flagged(tmp_path):
    one = files.legal(Random(1))
    load_subjects(tmp_path, files.legal(Random(1), ceased=one.as_of + timedelta(30)))
    assert card(one).is_flagged


@pytest.mark.parametrize(("code", "region"), [("00", "77"), ("98", "77"), ("80", "75"), ("94", "94"), ("99", "99")])
def test_a_code_that_is_no_region_leaves_it_to_the_tax_office(tmp_path, code, region):
    """A card of an unknown region would be in nobody's list."""
    one = files.legal(Random(1))
    content = files.legal_xml(one).replace(f'КодРегион="{one.region}"', f'КодРегион="{code}"')
    content = content.replace(f'КодНО="{one.region}00"', 'КодНО="7700"')
    load(tmp_path, {"a.xml": files.wrap([content], "egrul").encode()})
    assert card(one).region_code == region


@pytest.mark.parametrize(
    ("email", "kept"),
    [
        ("НЕТ", ""),
        ("A@B.RU; C@D.RU", "a@b.ru"),
        ("a@b", ""),
        ("ivan@почта.рф", "ivan@почта.рф"),
        ("x" * 300 + "@y.ru", ""),
    ],
)
def test_what_stands_in_the_field_of_an_email(tmp_path, email, kept):
    """«нет» as an address would make relatives of everybody who has none."""
    one = files.legal(Random(1), email=email)
    load_subjects(tmp_path, one)
    assert card(one).details.email == kept
