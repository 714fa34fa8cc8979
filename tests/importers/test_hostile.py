"""Arbitrary bytes, mutated and endless files, bombs: only RegistryFileError, in bounded memory (T7, C9, D7)."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.importers import RegistryFileError, RegistryRecord, read_records
from clients.importers.encoding import Utf8Pieces
from clients.importers.lines import record_line, rejected_line
from clients.importers.reader import UNREAD, RegistryFile
from clients.importers.records import RejectedRecord
from clients.importers.sources import Archive, search
from tests.importers import registry_files as files

SAMPLES = [
    files.file_of([files.legal(Random(1)), files.legal(Random(2))]),
    files.file_of([files.entrepreneur(Random(3))], encoding="utf-8", bom=True, envelope="dump"),
    files.msp_file([files.legal(Random(4)), files.entrepreneur(Random(5))], version="4.01", with_ogrn=False),
    files.file_of([files.legal(Random(6))], encoding="utf-16", declare=False, envelope="bare"),
]


def survives(content: bytes) -> None:
    """Every record it gives can be staged; every failure is the typed one."""
    try:
        for item in RegistryFile(io.BytesIO(content)):
            assert getattr(item, "reason", "") != UNREAD
            line = record_line(item, "") if isinstance(item, RegistryRecord) else rejected_line(item)
            assert line.count(b"\n") == 1
    except RegistryFileError as error:
        assert str(error)


@given(st.binary(max_size=400))
def test_arbitrary_bytes(content):
    survives(content)


@given(st.sampled_from(['<?xml version="1.0"?>', "<Файл>", "<СвЮЛ ", "<a:b ", "<!--", "<?", ""]), st.text(max_size=200))
def test_arbitrary_text_behind_a_plausible_start(start, text):
    survives((start + text).encode("utf-8", "surrogatepass"))


@given(st.sampled_from(SAMPLES), st.data())
@settings(max_examples=200)
def test_mutated_files(sample, data):
    content = bytearray(sample)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        how = data.draw(st.sampled_from(["flip", "cut", "copy", "insert"]))
        if how == "flip":
            content[at] = data.draw(st.integers(0, 255))
        elif how == "cut":
            del content[at : at + data.draw(st.integers(1, 50))]
        elif how == "copy":
            piece = content[at : at + data.draw(st.integers(1, 200))]
            content[at:at] = piece
        else:
            content[at:at] = data.draw(
                st.sampled_from([b"\0", b"&x;", b"<", b"]]>", "<СвЮЛ>".encode(), b"\t\n\\", b"\xff\xfe"])
            )
        if not content:
            return
    survives(bytes(content))


@given(st.sampled_from(SAMPLES), st.data())
def test_truncated_files(sample, data):
    survives(sample[: data.draw(st.integers(0, len(sample)))])


@given(
    st.dictionaries(
        st.sampled_from(["ОГРН", "ИНН", "КПП", "ДатаВып", "ДатаОГРН", "КодОПФ"]),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="".join(map(chr, range(32)))), max_size=40),
    )
)
def test_arbitrary_attributes(attributes):
    """Whatever stands in a field, its record is one line of COPY or one reason."""
    survives(files.file_of([files.legal(Random(1), extra=attributes)], encoding="utf-8"))


def test_no_field_can_break_a_line_of_copy():
    odd = 'a\\b\\N\t"q" \u2028 \\. {}'
    one = files.legal(
        Random(1), name=odd, short=odd, director=odd, email=odd, okved="\\.", branches=1, extra={"ПолнНаимОПФ": odd}
    )
    record = next(iter(read_records(io.BytesIO(files.file_of([one], encoding="utf-8")))))
    columns = record_line(record, "4.07").rstrip(b"\n").split(b"\t")
    plain = next(iter(read_records(io.BytesIO(files.file_of([files.legal(Random(1))])))))
    assert len(columns) == len(record_line(plain, "4.07").rstrip(b"\n").split(b"\t"))
    assert len(columns) == len(rejected_line(RejectedRecord(odd, odd, odd, odd)).rstrip(b"\n").split(b"\t"))
    assert b"\\." not in columns


# --- archives --------------------------------------------------------------------------------------------------------


def members(path: Path) -> list[str]:
    """Read a ZIP to its end; the reasons of what failed, "" for what did not."""
    archive, found = Archive(path), []
    with archive.opened() as infos:
        for info in infos:
            try:
                with archive.member(info) as stream:
                    list(read_records(stream))
                found.append("")
            except RegistryFileError as error:
                found.append(str(error))
    return found


def test_a_zip_with_folders_and_other_files(tmp_path):
    content = files.file_of([files.legal(Random(1))])
    path = tmp_path / "a.zip"
    path.write_bytes(
        files.zipped({"../../b/a.XML": content, "b.xml": content, "readme.txt": b"x", "__MACOSX/._b.xml": b"junk"})
    )
    assert members(path) == ["", ""]
    assert not (tmp_path.parent / "b").exists()


def test_a_bomb_is_refused_while_it_unpacks(tmp_path, monkeypatch):
    """Neither the declared size nor patience decides, but what has come out."""
    monkeypatch.setattr("clients.importers.streaming.JUNK_LIMIT", 1 << 30)
    path = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("a.xml", "w") as out,
    ):
        out.write("<Файл>".encode())
        for _ in range(120):
            out.write(b"<a/>" * (1 << 18))
        out.write("</Файл>".encode())
    unpacked = 0

    def counted(pieces: Utf8Pieces) -> bytes:
        nonlocal unpacked
        unpacked += len(piece := read(pieces))
        return piece

    read = Utf8Pieces._read
    monkeypatch.setattr(Utf8Pieces, "_read", counted)
    assert members(path) == ["Файл сжат больше чем в 100 раз: похоже на архивную бомбу."]
    assert unpacked < 20 << 20, "of 120 MB"
    monkeypatch.setattr("clients.importers.sources.MAX_RATIO", 10**6)
    monkeypatch.setattr("clients.importers.sources.MAX_UNPACKED", 1 << 20)
    assert "распаковывается больше" in members(path)[0]


def test_an_archive_of_too_many_files(tmp_path, monkeypatch):
    path = tmp_path / "many.zip"
    path.write_bytes(files.zipped({f"{i}.xml": b"" for i in range(30)}))
    monkeypatch.setattr("clients.importers.sources.MAX_ENTRIES", 20)
    with pytest.raises(RegistryFileError, match="больше 20 файлов"):
        members(path)
    monkeypatch.setattr("clients.importers.sources.MAX_DIRECTORY", 100)
    with pytest.raises(RegistryFileError, match="больше 20 файлов"):
        members(path)


@given(st.data())
@settings(max_examples=60)
def test_damaged_archives(tmp_path_factory, data):
    content = bytearray(files.zipped({"a.xml": SAMPLES[0], "b/c.xml": SAMPLES[2]}))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        if data.draw(st.booleans()):
            content[at] = data.draw(st.integers(0, 255))
        else:
            del content[at : at + data.draw(st.integers(1, 300))]
        if len(content) < 10:
            return
    path = tmp_path_factory.mktemp("zip") / "a.zip"
    path.write_bytes(bytes(content))
    try:
        members(path)
    except RegistryFileError as error:
        assert str(error)


@pytest.mark.parametrize("name", ["inner.zip", "locked.xml"])
def test_members_that_cannot_be_opened(tmp_path, name):
    path = tmp_path / "a.zip"
    content = bytearray(files.zipped({name: files.zipped({"a.xml": SAMPLES[0]}), "ok.xml": SAMPLES[0]}))
    if name == "locked.xml":  # the flag of encryption, in both headers
        content[6] |= 1
        content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(content))
    reasons = members(path)
    assert sorted(map(bool, reasons)) == [False, True]


def test_search_takes_each_file_once_and_names_what_is_missing(tmp_path):
    files.write(tmp_path, {"b/2.xml": b"", "a/1.XML": b"", "a/x.zip": b"", "a/y.csv": b"", ".hidden.xml": b""})
    found = search([tmp_path, tmp_path / "a" / "1.XML", tmp_path / "a" / "y.csv", tmp_path / "none.xml"])
    assert [item.path.relative_to(tmp_path).as_posix() for item in found.found] == [
        "a/1.XML",
        "a/x.zip",
        "b/2.xml",
        "a/y.csv",
    ]
    assert found.missing == [str(tmp_path / "none.xml")]


# --- memory ----------------------------------------------------------------------------------------------------------

MEASURE = r"""
import re, sys
sys.path.insert(0, {root!r})
from clients.importers.encoding import Utf8Pieces
from clients.importers.reader import UNREAD, RegistryFile
from clients.importers.records import RegistryFileError, RejectedRecord
from tests.importers.test_hostile import Endless
import lxml.etree
def peak():  # not ru_maxrss: a child begins with the peak of the process that started it
    return int(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1])
before = peak()
good = bad = 0
try:
    for item in RegistryFile(Endless({kind!r}, {size})):
        bad += isinstance(item, RejectedRecord)
        good += not isinstance(item, RejectedRecord)
    print("read", end=" ")
except RegistryFileError as error:
    print("refused", end=" ")
print(good, bad, (peak() - before) // 1024)
"""


class Endless(io.RawIOBase):
    """A file of any size that is never stored: `kind` says what most of it is."""

    def __init__(self, kind: str, size: int) -> None:
        record = files.record_xml(files.legal(Random(1), history=30)).encode()
        document = "<Документ>".encode() + record + "</Документ>".encode()
        opened, closed = record[: record.index("<СвНаимЮЛ".encode())], record[record.index("<СвНаимЮЛ".encode()) :]
        self._start, self._body, self._end = {
            "records": ("<Файл>".encode(), document, "</Файл>".encode()),
            "elements": ("<Файл>".encode(), b"<a/>", document + "</Файл>".encode()),
            "space": ("<Файл>".encode(), b" \n" * 500 + b"<a/>", document + "</Файл>".encode()),
            "one record": (
                "<Файл><Документ>".encode() + opened,
                b'<a b="c"/>',
                closed + "</Документ></Файл>".encode() + b"",
            ),
            "history": (
                "<Файл><Документ>".encode() + opened,
                '<СвЗапЕГРЮЛ ИдЗап="1" ДатаЗап="2020-01-01"><ВидЗап КодСПВЗ="1"/></СвЗапЕГРЮЛ>'.encode(),
                closed + "</Документ></Файл>".encode(),
            ),
            "text": ("<Файл><a>".encode(), b"x" * 1000, b"</a>" + "</Файл>".encode()),
            "depth": ("<Файл>".encode(), b"<a>", b""),
            "comment": ("<Файл>".encode(), b"<!--" + b"x" * 1000 + b"-->", "</Файл>".encode()),
            "attributes": (b'<a b="', b"x" * 1000, b'"/>'),
        }[kind]
        self._left = size
        self._body *= max(1, 60_000 // len(self._body))

    def read(self, _size: int = -1) -> bytes:
        if self._start:
            start, self._start = self._start, b""
            return start
        if self._left > 0:
            self._left -= len(self._body)
            return self._body
        end, self._end = self._end, b""
        return end


@pytest.mark.parametrize(
    ("kind", "megabytes", "result"),
    [
        ("records", 60, "read"),
        ("elements", 30, "refused"),
        ("space", 60, "refused"),
        ("one record", 20, "read 0 1"),
        ("history", 12, "read 1 0"),
        ("text", 60, "refused"),
        ("depth", 5, "refused"),
        ("comment", 60, "refused"),
        ("attributes", 60, "refused"),
    ],
)
def test_memory_is_bounded_whatever_the_file(kind, megabytes, result):
    """In a process of its own: what the parse adds to a fresh interpreter. The whole importer has 200 MB."""
    code = MEASURE.format(root=os.getcwd(), kind=kind, size=megabytes << 20)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.startswith(result), done.stdout + done.stderr
    assert int(done.stdout.split()[-1]) < 100
