"""Real register files, where they are (SBILLING_REAL_DATA): counts and fields against the text of the files themselves.

The other side of the comparison is made by regular expressions and the standard library's parser, not by lxml. The
files are never copied, and nothing of them is written here: they hold real people.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from clients.importers import RegistryFileError, read_records
from clients.importers.reader import RegistryFile
from clients.importers.run import import_paths
from clients.models import Client
from core.identifiers import is_inn, is_ogrn, is_ogrnip
from tests.importers.directory import content_hash, row_versions

DATA = Path(os.environ["SBILLING_REAL_DATA"])
FOLDERS = ("egrul", "fns_opendata")


def contents() -> Iterator[tuple[str, bytes]]:
    """Every XML file, also inside archives, as (name, bytes)."""
    for folder in FOLDERS:
        for path in sorted((DATA / folder).rglob("*")):
            if path.suffix.lower() == ".xml":
                yield path.name, path.read_bytes()
            elif path.suffix.lower() == ".zip":
                with zipfile.ZipFile(path) as archive:
                    for name in sorted(archive.namelist()):
                        if name.lower().endswith(".xml"):
                            yield name, archive.read(name)


FILES = dict(contents())


def text_of(content: bytes) -> str:
    declared = b"windows-1251" in content[:100]
    return content.decode("cp1251" if declared else "utf-8-sig", "replace")


def parsed(content: bytes) -> ElementTree.Element | None:
    """By the standard library; None for what is not well-formed."""
    text = re.sub(r"^\s*<\?xml.*?\?>", "", text_of(content))
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return None


GOOD = {name: content for name, content in FILES.items() if parsed(content) is not None}
BROKEN = {name: content for name, content in FILES.items() if name not in GOOD}


def iso(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def expected(record: ElementTree.Element) -> tuple:
    """(ОГРН, ИНН, КПП, name, registered, ceased, as of, newest entry, email, ОКВЭД) straight from the elements."""
    get = record.attrib.get
    okved = record.find("СвОКВЭД/СвОКВЭДОсн")
    days = [e.get("ДатаЗап") for e in record if e.tag.startswith("СвЗап") and e.get("ДатаЗап")]
    email = record.find("СвАдрЭлПочты")
    common = (iso(get("ДатаВып")), iso(max(days, default=None)), email.get("E-mail") if email is not None else None,
              okved.get("КодОКВЭД") if okved is not None else None)  # fmt: skip
    if record.tag == "СвЮЛ":
        end = record.find("СвПрекрЮЛ")
        return (get("ОГРН"), get("ИНН"), get("КПП"), record.find("СвНаимЮЛ").get("НаимЮЛПолн"), iso(get("ДатаОГРН")),
                iso(end.get("ДатаПрекрЮЛ")) if end is not None else None, *common)  # fmt: skip
    person = record.find("СвФЛ/ФИОРус")
    name = " ".join(filter(None, (person.get(a) for a in ("Фамилия", "Имя", "Отчество"))))
    end = record.find("СвПрекращ/СвСтатус")
    return (get("ОГРНИП"), get("ИННФЛ"), None, name, iso(get("ДатаОГРНИП")),
            iso(end.get("ДатаПрекращ")) if end is not None else None, *common)  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_every_record_and_its_fields(name):
    root = parsed(GOOD[name])
    elements = [e for e in root.iter() if e.tag in ("СвЮЛ", "СвИП")]
    records = list(read_records(io.BytesIO(GOOD[name])))
    if not elements:
        pytest.fail("no register file") if root.find("Документ/СведМН") is None else None
        return
    found = [
        (r.ogrn, r.inn, r.kpp, r.name, r.registered_on, r.ceased_on, r.as_of, r.record_as_of, r.email, r.okved)
        for r in records
    ]
    assert found == [expected(element) for element in elements]
    assert all(is_ogrn(r.ogrn) if r.kind == "legal" else is_ogrnip(r.ogrn) for r in records)


@pytest.mark.parametrize("name", GOOD)
def test_the_counts_agree_with_the_text(name):
    text = text_of(GOOD[name])
    registers = len(re.findall(r"<Св(?:ЮЛ|ИП) ДатаВып=", text))
    documents = len(re.findall(r"<(?:ОргВклМСП|ИПВклМСП) ", text))
    items = list(RegistryFile(io.BytesIO(GOOD[name])))
    assert len(items) == registers + documents > 0
    assert not [item for item in items if hasattr(item, "reason")]


@pytest.mark.parametrize("name", [n for n in GOOD if "RRMSP" in n])
def test_small_business_documents(name):
    records = list(read_records(io.BytesIO(GOOD[name])))
    documents = list(parsed(GOOD[name]).iter("Документ"))
    for record, document in zip(records, documents, strict=True):
        subject = document.find("ОргВклМСП")
        subject = document.find("ИПВклМСП") if subject is None else subject
        assert record.inn == (subject.get("ИННЮЛ") or subject.get("ИННФЛ"))
        assert record.as_of.strftime("%d.%m.%Y") == document.get("ДатаСост")
        assert record.region_code == document.find("СведМН").get("КодРегион")
        assert record.okved == document.find("СвОКВЭД/СвОКВЭДОсн").get("КодОКВЭД")
        assert is_inn(record.inn)


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_not_well_formed_is_refused(name):
    with pytest.raises(RegistryFileError):
        list(read_records(io.BytesIO(BROKEN[name])))


@pytest.mark.django_db
def test_the_folders_go_in_and_a_second_time_change_nothing():
    paths = [DATA / folder for folder in FOLDERS]
    first = import_paths(paths)
    subjects = {r.ogrn or r.inn for content in GOOD.values() for r in read_records(io.BytesIO(content))}
    assert (first.files, first.failed_files) == (len(FILES), len(BROKEN))
    assert first.new == Client.objects.count() == len(subjects)
    before, content = row_versions(), content_hash()
    second = import_paths(paths)
    assert (second.read, second.new, second.changed, second.ceased) == (first.read, 0, 0, 0)
    assert (row_versions(), content_hash()) == (before, content)
    assert Client.objects.filter(is_flagged=True).count() == 0
