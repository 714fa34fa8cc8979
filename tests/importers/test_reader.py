"""`read_records`: every envelope, version and encoding; what a record says; what is refused (contracts, russia 1)."""

from __future__ import annotations

import io
from dataclasses import asdict
from datetime import date
from random import Random

import pytest

from clients.importers import RegistryFileError, RegistryRecord, read_records
from clients.importers.reader import RegistryFile
from clients.importers.records import RejectedRecord
from core.identifiers import is_inn, is_ogrn, is_ogrnip
from tests.importers import registry_files as files

CONTRACT = (
    "ogrn", "inn", "kpp", "kind", "name", "short_name", "region_code", "registered_on", "ceased_on", "state_code",
    "address", "email", "okved", "director", "as_of",
)  # fmt: skip


def read(content: bytes) -> list[RegistryRecord]:
    return list(read_records(io.BytesIO(content)))


def everything(content: bytes) -> list[RegistryRecord | RejectedRecord]:
    return list(RegistryFile(io.BytesIO(content)))


def rejected(content: bytes) -> list[str]:
    return [item.reason for item in everything(content) if isinstance(item, RejectedRecord)]


def plain(records: list[RegistryRecord]) -> list[dict]:
    return [asdict(record) for record in records]


# --- shapes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("envelope", ["open", "dump", "bank"])
@pytest.mark.parametrize("version", ["4.05", "4.06", "4.07", "4.08"])
@pytest.mark.parametrize("kind", ["legal", "entrepreneur"])
def test_envelopes_and_versions(kind, version, envelope):
    rng = Random(version)
    subjects = [getattr(files, kind)(rng) for _ in range(3)]
    records = read(files.file_of(subjects, envelope=envelope, version=version))
    assert [(r.ogrn, r.inn, r.name, r.kind) for r in records] == [(s.ogrn, s.inn, s.name, kind) for s in subjects]


@pytest.mark.parametrize("make", [files.legal, files.entrepreneur])
def test_a_record_alone_is_a_file(make):
    one = make(Random(1))
    assert [record.ogrn for record in read(files.file_of([one], envelope="bare"))] == [one.ogrn]


@pytest.mark.parametrize(
    "coding",
    [
        {"encoding": "windows-1251"},
        {"encoding": "utf-8"},
        {"encoding": "utf-8", "bom": True},
        {"encoding": "utf-8", "declare": False},
        {"encoding": "utf-8", "declare": False, "bom": True},
        {"encoding": "windows-1251", "declare": False},
        {"encoding": "utf-16", "declare": False},
        {"encoding": "koi8-r"},
    ],
    ids=str,
)
def test_encodings_give_the_same_records(coding):
    subjects = [files.legal(Random(5)), files.legal(Random(6))]
    assert plain(read(files.file_of(subjects, **coding))) == plain(read(files.file_of(subjects, encoding="utf-8")))


def test_the_bytes_decide_where_the_declaration_lies():
    text = files.wrap([files.record_xml(files.legal(Random(1)))], "egrul")
    honest = read(files.encoded(text, "utf-8"))
    assert plain(read(b'<?xml version="1.0" encoding="windows-1251"?>' + text.encode("utf-8"))) == plain(honest)
    assert plain(read(b'<?xml version="1.0" encoding="UTF-8"?>' + text.encode("cp1251"))) == plain(honest)


def test_one_undefined_byte_costs_no_record():
    content = files.file_of([files.legal(Random(1), name='ООО "БУКВА"', short="")])
    assert read(content.replace("БУКВА".encode("cp1251"), b"\xc1\x98\xc0"))[0].name == 'ООО "Б А"'


def test_namespaces_comments_and_instructions_are_passed_over():
    one = files.legal(Random(3))
    record = files.record_xml(one).replace("<СвНаимЮЛ ", "<?x y?><!-- <СвИП/> --><СвНаимЮЛ ", 1)
    text = f'<e:Ответ xmlns:e="urn:x" xmlns="urn:y"><e:Вложение>{record}</e:Вложение></e:Ответ>'
    found = read(files.encoded(text, "utf-8"))
    assert [(r.ogrn, r.name, r.okved) for r in found] == [(one.ogrn, one.name, one.okved)]


def test_a_path_and_a_stream_are_the_same(tmp_path):
    content = files.file_of([files.legal(Random(9))])
    path = tmp_path / "VO_RUGFO.xml"
    path.write_bytes(content)
    assert plain(list(read_records(path))) == plain(list(read_records(str(path)))) == plain(read(content))


@pytest.mark.parametrize("declared", ["<Файл КолДок='0'/>", "<EGRUL/>", "<Файл ТипИнф='РЕЕСТРМСП'></Файл>"])
def test_a_file_without_records_is_empty(declared):
    assert read(declared.encode()) == []


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
def test_pieces_of_any_size_give_the_same(monkeypatch, size):
    """Also through the middle of letters, tags and the places where a file may be cut."""
    subjects = [files.legal(Random(i)) for i in range(4)]
    whole = plain(read(files.file_of(subjects, encoding="utf-8")))
    for module in ("encoding", "streaming"):
        monkeypatch.setattr(f"clients.importers.{module}.PIECE", size)
    assert plain(read(files.file_of(subjects, encoding="utf-8"))) == whole
    assert plain(read(files.file_of(subjects))) == whole


@pytest.mark.parametrize("envelope", ["open", "dump"])
@pytest.mark.parametrize("kind", ["legal", "entrepreneur"])
def test_cutting_and_streaming_give_the_same(monkeypatch, kind, envelope):
    subjects = [getattr(files, kind)(Random(i)) for i in range(60)]
    content = files.file_of(subjects, envelope=envelope)
    streamed = plain(read(content))
    monkeypatch.setattr("clients.importers.markup.CUT_FROM", 3000)
    assert plain(read(content)) == streamed
    assert len(streamed) == 60


def test_a_cut_in_a_wrong_place_costs_nothing(monkeypatch):
    """The closing tag also stands in a comment, in CDATA and inside another record."""
    monkeypatch.setattr("clients.importers.markup.CUT_FROM", 2000)
    subjects = [files.legal(Random(i)) for i in range(12)]
    records = [files.record_xml(one) for one in subjects]
    records[4] = records[4].replace(
        "<СвНаимЮЛ ", "<!-- </СвЮЛ></Документ> --><x><![CDATA[</Документ>]]></x><СвНаимЮЛ ", 1
    )
    records[7] = records[7].replace("<СвЗаявФЛ>", "<СвЗаявФЛ><СвЮЛ ОГРН='1'>вложенная</СвЮЛ>", 1)
    for envelope in ("open", "dump"):
        found = read(files.encoded(files.wrap(records, "egrul", envelope=envelope), "utf-8"))
        assert [record.ogrn for record in found] == [one.ogrn for one in subjects]


# --- what a record says ----------------------------------------------------------------------------------------------


def test_every_field_of_the_contract():
    one = files.legal(
        Random(2), name='ОБЩЕСТВО С ОГРАНИЧЕННОЙ ОТВЕТСТВЕННОСТЬЮ "ПРИМЕР"', short='ООО "ПРИМЕР"', states=("105",), region="39",
        kpp="390601001", email="a@example.org", director="ВЫМЫСЛОВ ГЛЕБ ЕГОРОВИЧ", okved="62.01",
    )  # fmt: skip
    record = read(files.file_of([one]))[0]
    assert {name: getattr(record, name) for name in CONTRACT} == {
        "ogrn": one.ogrn, "inn": one.inn, "kpp": "390601001", "kind": "legal",
        "name": 'ОБЩЕСТВО С ОГРАНИЧЕННОЙ ОТВЕТСТВЕННОСТЬЮ "ПРИМЕР"', "short_name": 'ООО "ПРИМЕР"', "region_code": "39",
        "registered_on": one.registered, "ceased_on": None, "state_code": "105",
        "address": "236000, ОБЛАСТЬ ПРИМЕРНАЯ, Г. ОБРАЗЦОВСК, УЛ. ВЫМЫШЛЕННАЯ, Д. 16, ОФИС 8",
        "email": "A@EXAMPLE.ORG", "okved": "62.01", "director": "ВЫМЫСЛОВ ГЛЕБ ЕГОРОВИЧ", "as_of": one.as_of,
    }  # fmt: skip
    assert record.record_as_of == one.recorded


def test_an_entrepreneur():
    one = files.entrepreneur(Random(2), name="ПРИМЕРОВА АННА", region="25")
    record = read(files.file_of([one]))[0]
    assert {name: getattr(record, name) for name in CONTRACT} == {
        "ogrn": one.ogrn, "inn": one.inn, "kpp": None, "kind": "entrepreneur", "name": "ПРИМЕРОВА АННА", "short_name": None,
        "region_code": "25", "registered_on": one.registered, "ceased_on": None, "state_code": None, "address": None,
        "email": None, "okved": one.okved, "director": None, "as_of": one.as_of,
    }  # fmt: skip


def test_a_foreigner_has_a_latin_name_alone():
    text = files.entrepreneur_xml(files.entrepreneur(Random(2))).replace("ФИОРус", "ФИОЛат")
    assert read(files.encoded(files.wrap([text], "egrip")))[0].name


@pytest.mark.parametrize("kind", ["legal", "entrepreneur"])
def test_only_the_block_of_ceasing_means_ceased(kind):
    """Codes 1xx, and even 2xx, of a state are no end (russia 1.5)."""
    one = getattr(files, kind)(Random(4), states=("101", "117"))
    alive, gone = read(files.file_of([one]))[0], read(files.file_of([one.ended(1)]))[0]
    assert (alive.ceased_on, alive.state_code) == (None, "101")
    assert (gone.ceased_on, gone.state_code) == (one.ended(1).ceased, "201")


@pytest.mark.parametrize(("address", "region"), [("kladr", "39"), ("fias", "39"), ("both", "39"), ("none", "39")])
def test_addresses_of_both_forms(address, region):
    record = read(files.file_of([files.legal(Random(3), region="39", address=address)]))[0]
    assert record.region_code == region
    assert (record.address is None) == (address == "none")
    assert address == "none" or ("ОБРАЗЦОВСК" in record.address and "ВЫМЫШЛЕННАЯ" in record.address)


def test_absent_attributes_are_none():
    one = files.legal(Random(3), inn="", kpp="", short="", director="", founders=0, address="none")
    record = read(files.file_of([one]))[0]
    assert (record.inn, record.kpp, record.short_name, record.director, record.address) == (None,) * 5


def test_the_version_is_the_greatest_date_of_history_in_any_order():
    assert read(files.file_of([files.legal(Random(3), history=9)]))[0].record_as_of == files.legal(Random(3)).recorded


def test_without_its_own_date_the_envelope_dates_a_record():
    """ДатаВып is optional by the schema; then ДатаВыг of the dump, then the newest entry."""
    one = files.legal(Random(3))
    record = files.record_xml(one).replace(f'ДатаВып="{one.as_of}" ', "")
    assert read(files.encoded(files.wrap([record], "egrul", envelope="dump")))[0].as_of == date(2025, 10, 1)
    assert read(files.encoded(files.wrap([record], "egrul", envelope="open")))[0].as_of == one.recorded


def test_what_breaks_a_check_digit_stays():
    one = files.legal(Random(3), inn="3900000001", kpp="39060А001")
    record = read(files.file_of([one]))[0]
    assert (record.inn, record.kpp) == ("3900000001", "39060А001")


@pytest.mark.parametrize("with_ogrn", [True, False])
@pytest.mark.parametrize("version", ["4.01", "4.04", "4.06"])
def test_small_business(version, with_ogrn):
    subjects = [files.legal(Random(1)), files.entrepreneur(Random(2))]
    records = read(files.msp_file(subjects, version=version, with_ogrn=with_ogrn, category="2", employees=15))
    assert [r.ogrn for r in records] == ([s.ogrn for s in subjects] if with_ogrn else [None, None])
    assert [(r.inn, r.kind, r.name, r.as_of, r.okved) for r in records] == [
        (s.inn, s.kind, s.name, s.as_of, s.okved) for s in subjects
    ]
    assert records[0].address == "ОБЛАСТЬ ПРИМЕРНАЯ, ГОРОД ОБРАЗЦОВСК"
    more = {"msp_category": "small", "msp_since": date(2016, 8, 10), "employees": 15}
    assert all(more.items() <= record.more.items() for record in records)
    assert records[0].registered_on is None


def test_the_rest_of_the_card():
    one = files.legal(Random(3), founders=2, branches=2, director="ВЫМЫСЛОВ ГЛЕБ ЕГОРОВИЧ", director_inn="390000000000")
    more = read(files.file_of([one]))[0].more
    assert [branch["kpp"] for branch in more["branches"]] == ["770043001", "770143001"]
    assert more["founders"][0] == {
        "name": "ВЫМЫСЛОВ АРТЕМ АРТЕМОВИЧ",
        "inn": "390000000000",
        "amount": "5000",
        "percent": "50",
    }
    assert more["directors"][0]["position"] == "ГЕНЕРАЛЬНЫЙ ДИРЕКТОР"
    assert str(more["capital"]) == "10000.00"
    assert (more["city"], more["postal_code"]) == ("Образцовск", "236000")


def test_the_generator_and_the_checks_agree():
    """Two implementations of the check digits, written apart (D7)."""
    rng = Random(7)
    assert all(is_inn(s.inn) and is_ogrn(s.ogrn) for s in (files.legal(rng) for _ in range(300)))
    assert all(is_inn(s.inn) and is_ogrnip(s.ogrn) for s in (files.entrepreneur(rng) for _ in range(300)))


# --- records that are refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ogrn": ""}, "Нет ОГРН"),
        ({"ogrn": "12345"}, "ОГРН не из 13 цифр: 12345"),
        ({"ogrn": "10277000000٣0"}, "ОГРН не из 13 цифр: 10277000000٣0"),
        ({"name": ""}, "Нет наименования"),
        ({"extra": {"ДатаВып": "2025-02-30"}}, "Неверная дата «ДатаВып»: 2025-02-30"),
        ({"extra": {"ДатаОГРН": "вчера"}}, "Неверная дата «ДатаОГРН»: вчера"),
    ],
)
def test_a_bad_record_is_refused_alone(change, reason):
    good, bad = files.legal(Random(1)), files.legal(Random(2), **change)
    content = files.file_of([good, bad, good.later(1)], encoding="utf-8")
    assert rejected(content) == [reason]
    assert [record.ogrn for record in read(content)] == [good.ogrn, good.ogrn]


def test_an_end_without_a_date_is_refused():
    one = files.legal(Random(1)).ended()
    text = files.record_xml(one).replace(f'ДатаПрекрЮЛ="{one.ceased}"', "")
    assert rejected(files.encoded(files.wrap([text], "egrul"))) == ["Прекращение без даты (ДатаПрекрЮЛ)"]


def test_a_refused_record_says_whose_it_is():
    one = files.legal(Random(2), extra={"ДатаВып": "нет"})
    item = everything(files.file_of([one]))[0]
    assert (item.ogrn, item.inn, item.name) == (one.ogrn, one.inn, one.name)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("ИНН=", "Иное=", None),
        ("ИННЮЛ=", "Иное=", "Нет ни ОГРН, ни верного ИНН"),
        ("ОргВклМСП", "Иное", "Неизвестное содержание документа"),
        ("ДатаСост=", "Иное=", "Нет даты сведений (ДатаСост)"),
    ],
)
def test_bad_documents_of_small_business(old, new, reason):
    first, second = files.legal(Random(1)), files.legal(Random(2))
    records = [files.msp_xml(first, with_ogrn=False), files.msp_xml(second, with_ogrn=False).replace(old, new)]
    assert rejected(files.encoded(files.wrap(records, "msp"), "utf-8")) == ([reason] if reason else [])


# --- files that are refused ------------------------------------------------------------------------------------------


def fails(content: bytes) -> str:
    with pytest.raises(RegistryFileError) as error:
        read(content)
    return str(error.value)


def test_no_register_at_all():
    assert fails(b"") == fails(b"  \n ") == "Файл пуст."
    assert fails(b"PK\x03\x04 zip") == "Это не XML реестра."
    assert "html" in fails(b"<html><body/></html>")
    assert "ОТКРДАННЫЕ3" in fails('<Файл ТипИнф="ОТКРДАННЫЕ3"><Документ><СведССЧР/></Документ></Файл>'.encode())


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE Файл [<!ENTITY a "b">]>',
        '<!DOCTYPE Файл SYSTEM "file:///etc/passwd">',
        "<!-- c --> <?p i?> <!doctype Файл>",
        '<!DOCTYPE z [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1251"])
def test_a_doctype_is_refused_whatever_it_says(doctype, encoding):
    text = doctype + files.wrap([files.record_xml(files.legal(Random(1)))], "egrul")
    assert fails(text.encode(encoding)) == "В файле есть DOCTYPE: такие файлы не принимаются."


def test_no_entity_is_ever_resolved(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    record = files.record_xml(files.legal(Random(1), name="X")).replace('"X"', '"&s;"')
    fails(files.encoded(files.wrap([record], "egrul"), "utf-8"))
    fails(f'<!DOCTYPE a [<!ENTITY s SYSTEM "{secret.as_uri()}">]>{files.wrap([record], "egrul")}'.encode())


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(cut):
    content = files.file_of([files.legal(Random(i)) for i in range(5)])
    assert "поврежден" in fails(content[: int(len(content) * cut)])


def test_an_error_in_the_middle_comes_during_iteration(monkeypatch):
    monkeypatch.setattr("clients.importers.markup.CUT_FROM", 2000)
    records = [files.record_xml(files.legal(Random(i))) for i in range(20)]
    records[15] = records[15].replace("<СвОКВЭД>", '<СвОКВЭД Наим="ООО "А"">', 1)
    found = read_records(io.BytesIO(files.encoded(files.wrap(records, "egrul"), "utf-8")))
    assert isinstance(next(found), RegistryRecord)
    with pytest.raises(RegistryFileError):
        list(found)


@pytest.mark.parametrize("junk", [b"<x/>", b"junk", b"<", "<Файл/>".encode()])
def test_what_follows_the_root_is_refused(junk):
    fails(files.file_of([files.legal(Random(1))], encoding="utf-8") + junk)


class Failing(io.RawIOBase):
    """A stream that breaks: a disk, an archive with a wrong checksum, a text file."""

    def __init__(self, content: bytes, error: object) -> None:
        self._content, self._error, self._given = content, error, False

    def read(self, size: int = -1):
        if not self._given:
            self._given = True
            return self._content
        if isinstance(self._error, Exception):
            raise self._error
        return self._error


@pytest.mark.parametrize("error", [OSError("disk"), EOFError(), ValueError("closed"), RuntimeError("password"), "text"])
def test_whatever_a_stream_raises_is_our_error(error):
    content = files.file_of([files.legal(Random(i)) for i in range(3)])
    with pytest.raises(RegistryFileError):
        list(read_records(Failing(content, error)))


@pytest.mark.parametrize("path", ["/no/such/file.xml", "/", "a\0b"])
def test_a_path_that_does_not_open(path):
    with pytest.raises(RegistryFileError):
        list(read_records(path))
