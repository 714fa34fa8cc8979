"""Invented register files of every shape that is met: envelopes, versions, encodings, odd and broken records.

Nothing here is anybody's: names come from short lists, numbers from a seeded generator with their own check digits
(written apart from `core.identifiers`, so that the two check each other).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from xml.sax.saxutils import quoteattr

FORMS = (("ОБЩЕСТВО С ОГРАНИЧЕННОЙ ОТВЕТСТВЕННОСТЬЮ", "ООО", "12300"), ("АКЦИОНЕРНОЕ ОБЩЕСТВО", "АО", "12267"))
SYLLABLES = "БА ВЕ ГО ДУ ЖИ ЗА КИ ЛО МА НЕ ПО РУ СА ТЕ ФИ ХО ЦЕ ЧА ШУ ЩИ ЯР ОЛ ИН ЕР".split()
WORDS = "ЛЕС ДОМ СВЕТ ПУТЬ МОСТ СЕВЕР ВОСТОК БЕРЕГ СТРОЙ ТОРГ СЕРВИС ПРОМ АГРО ТРАНС МЕТАЛЛ СНАБ ПЛЮС".split()
SURNAMES = "ВЫМЫСЛОВ ПРИМЕРОВ ОБРАЗЦОВ ШАБЛОНОВ НЕБЫЛИЦЫН СКАЗОЧНИКОВ ЁЖИКОВ ЧЕРНОВИКОВ".split()
FIRST = "АРТЕМ БОРИС ВИКТОР ГЛЕБ ДЕНИС ЕГОР ЗАХАР ИГОРЬ".split()
PATRONYMICS = "АРТЕМОВИЧ БОРИСОВИЧ ВИКТОРОВИЧ ГЛЕБОВИЧ ДЕНИСОВИЧ ЕГОРОВИЧ".split()
REGIONS = ("39", "77", "78", "25", "66", "94")
OKVEDS = ("62.01", "47.11", "01.11.1", "85.42", "25.73", "46.90", "56.10.1")
KINDS = {"egrul": ("ЕГРЮЛ_ОТКР_СВЕД", "EGRUL", "ЕГРЮЛ"), "egrip": ("ЕГРИП_ОТКР_СВЕД", "EGRIP", "ЕГРИП")}
ENVELOPES = ("open", "dump", "bank")


def inn10(region: str, rng: Random) -> str:
    body = f"{region}{rng.randrange(10**7):07d}"
    return body + str(sum(a * int(b) for a, b in zip((2, 4, 10, 3, 5, 9, 4, 6, 8), body, strict=True)) % 11 % 10)


def inn12(region: str, rng: Random) -> str:
    body = f"{region}{rng.randrange(10**8):08d}"
    for weights in ((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)):
        body += str(sum(a * int(b) for a, b in zip(weights, body, strict=True)) % 11 % 10)
    return body


def ogrn13(region: str, year: int, rng: Random) -> str:
    body = f"1{year % 100:02d}{region}{rng.randrange(10**7):07d}"
    return body + str(int(body) % 11 % 10)


def ogrnip15(region: str, year: int, rng: Random) -> str:
    body = f"3{year % 100:02d}{region}{rng.randrange(10**9):09d}"
    return body + str(int(body) % 13 % 10)


@dataclass(frozen=True)
class Subject:
    """What a register knows of one subject at one moment."""

    kind: str
    ogrn: str
    inn: str
    name: str
    region: str
    registered: date
    as_of: date
    recorded: date
    kpp: str = ""
    short: str = ""
    okved: str = "62.01"
    ceased: date | None = None
    states: tuple[str, ...] = ()
    email: str = ""
    director: str = ""
    director_inn: str = ""
    founders: int = 0
    branches: int = 0
    history: int = 3
    address: str = "kladr"
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        return "egrul" if self.kind == "legal" else "egrip"

    def later(self, days: int, **changes) -> Subject:
        """The same subject some days on."""
        moved = {"as_of": self.as_of + timedelta(days), "recorded": self.recorded + timedelta(days)}
        return replace(self, **moved | changes)

    def ended(self, days: int = 1) -> Subject:
        return self.later(days, ceased=self.as_of + timedelta(days), states=("201",))


def legal(rng: Random, **changes) -> Subject:
    region, day = rng.choice(REGIONS), date(2003, 1, 1) + timedelta(rng.randrange(8000))
    full, short, _ = rng.choice(FORMS)
    word = "".join(rng.choices(SYLLABLES, k=3)) + rng.choice(WORDS)
    return replace(
        Subject(
            kind="legal", ogrn=ogrn13(region, day.year, rng), inn=inn10(region, rng), kpp=f"{region}01{rng.choice(('01', '50'))}001",
            name=f'{full} "{word}"', short=f'{short} "{word}"', region=region, registered=day,
            as_of=date(2025, 6, 1) + timedelta(rng.randrange(100)), recorded=date(2025, 1, 1) + timedelta(rng.randrange(100)),
            okved=rng.choice(OKVEDS), director=f"{rng.choice(SURNAMES)} {rng.choice(FIRST)} {rng.choice(PATRONYMICS)}",
            director_inn=inn12(region, rng), founders=rng.choice((0, 1, 1, 2)), branches=rng.choice((0, 0, 0, 0, 2)),
            email=rng.choice(("", f"info{rng.randrange(999)}@example.org")), history=rng.randrange(1, 12),
        ),
        **changes,
    )  # fmt: skip


def entrepreneur(rng: Random, **changes) -> Subject:
    region, day = rng.choice(REGIONS), date(2004, 1, 1) + timedelta(rng.randrange(7600))
    return replace(
        Subject(
            kind="entrepreneur", ogrn=ogrnip15(region, day.year, rng), inn=inn12(region, rng), region=region, registered=day,
            name=f"{rng.choice(SURNAMES)} {rng.choice(FIRST)} {rng.choice(PATRONYMICS)}",
            as_of=date(2025, 6, 1) + timedelta(rng.randrange(100)), recorded=date(2025, 1, 1) + timedelta(rng.randrange(100)),
            okved=rng.choice(OKVEDS), history=rng.randrange(1, 8),
        ),
        **changes,
    )  # fmt: skip


def subject(rng: Random, **changes) -> Subject:
    return (legal if rng.random() < 0.5 else entrepreneur)(rng, **changes)


# --- records ---------------------------------------------------------------------------------------------------------


def _element(tag: str, attributes: dict[str, str | None], *children: str) -> str:
    given = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items() if value is not None)
    inside = "".join(children)
    return f"<{tag}{given}>{inside}</{tag}>" if inside else f"<{tag}{given}/>"


def _grn(day: date, tag: str = "ГРНДата", number: str = "ГРН") -> str:
    return _element(tag, {number: "2257800000000", "ДатаЗаписи": day.isoformat()})


def legal_xml(one: Subject) -> str:
    states = (
        _element("СвСтатус", {}, _element("СвСтатус", {"КодСтатусЮЛ": code, "НаимСтатусЮЛ": f"Состояние {code}"}), _grn(one.recorded))
        for code in one.states
    )  # fmt: skip
    return _element(
        "СвЮЛ",
        {
            "ДатаВып": one.as_of.isoformat(), "ОГРН": one.ogrn, "ДатаОГРН": one.registered.isoformat(),
            "ИНН": one.inn or None, "КПП": one.kpp or None, "КодОПФ": "12300", "ПолнНаимОПФ": "Общества с ограниченной ответственностью",
        } | one.extra,
        _element("СвНаимЮЛ", {"НаимЮЛПолн": one.name}, _grn(one.registered),
                 _element("СвНаимЮЛСокр", {"НаимСокр": one.short}, _grn(one.registered)) if one.short else ""),
        _element("СвАдресЮЛ", {}, *_address(one)),
        _element("СвАдрЭлПочты", {"E-mail": one.email.upper()}, _grn(one.recorded)) if one.email else "",
        _element("СвОбрЮЛ", {"ОГРН": one.ogrn, "ДатаОГРН": one.registered.isoformat()}, _grn(one.registered)),
        _element("СвРегОрг", {"КодНО": f"{one.region}00", "НаимНО": "Управление ФНС"}, _grn(one.registered)),
        *states,
        _element("СвПрекрЮЛ", {"ДатаПрекрЮЛ": one.ceased.isoformat()},
                 _element("СпПрекрЮЛ", {"КодСпПрекрЮЛ": "201", "НаимСпПрекрЮЛ": "Ликвидация"}), _grn(one.ceased)) if one.ceased else "",
        _element("СвУстКап", {"НаимВидКап": "УСТАВНЫЙ КАПИТАЛ", "СумКап": "10000.00"}, _grn(one.registered)),
        _element("СведДолжнФЛ", {}, _element("СвФЛ", _person(one.director) | {"ИННФЛ": one.director_inn or None}, _grn(one.registered)),
                 _element("СвДолжн", {"ВидДолжн": "02", "НаимДолжн": "ГЕНЕРАЛЬНЫЙ ДИРЕКТОР"}, _grn(one.registered))) if one.director else "",
        _element("СвУчредит", {}, *(_founder(one, i) for i in range(one.founders))) if one.founders else "",
        _okveds(one),
        _element("СвПодразд", {}, *(_branch(one, i) for i in range(one.branches))) if one.branches else "",
        *_history(one, "СвЗапЕГРЮЛ", "ГРН"),
    )  # fmt: skip


def entrepreneur_xml(one: Subject) -> str:
    return _element(
        "СвИП",
        {
            "ДатаВып": one.as_of.isoformat(), "ОГРНИП": one.ogrn, "ДатаОГРНИП": one.registered.isoformat(), "ИННФЛ": one.inn or None,
            "КодВидИП": "1", "НаимВидИП": "Индивидуальный предприниматель",
        } | one.extra,
        _element("СвФЛ", {"Пол": "1"}, _element("ФИОРус", _person(one.name)), _grn(one.registered, "ГРНИПДата", "ГРНИП")),
        _element("СвГражд", {"ВидГражд": "1"}),
        _element("СвАдрЭлПочты", {"E-mail": one.email.upper()}) if one.email else "",
        _element("СвРегИП", {"ОГРНИП": one.ogrn, "ДатаОГРНИП": one.registered.isoformat()}),
        _element("СвРегОрг", {"КодНО": f"{one.region}00", "НаимНО": "Управление ФНС"}),
        *(_element("СвСтатус", {}, _element("СвСтатус", {"КодСтатус": code, "НаимСтатус": f"Состояние {code}"})) for code in one.states),
        _element("СвПрекращ", {}, _element("СвСтатус", {"КодСтатус": "201", "НаимСтатус": "Прекратил", "ДатаПрекращ": one.ceased.isoformat()}))
        if one.ceased else "",
        _element("СвУчетНО", {"ИННФЛ": one.inn, "ДатаПостУч": one.registered.isoformat()}, _element("СвНО", {"КодНО": f"{one.region}00", "НаимНО": "Управление ФНС"})),
        _okveds(one),
        *_history(one, "СвЗапЕГРИП", "ГРНИП"),
    )  # fmt: skip


def record_xml(one: Subject) -> str:
    return legal_xml(one) if one.kind == "legal" else entrepreneur_xml(one)


def msp_xml(one: Subject, *, with_ogrn: bool = True, category: str = "1", employees: int | None = None) -> str:
    """A document of the small-business register; old files have no ОГРН. Its date is the subject's `as_of`."""
    ogrn = one.ogrn if with_ogrn else None
    who = (
        _element("ОргВклМСП", {"НаимОрг": one.name, "НаимОргСокр": one.short or None, "ИННЮЛ": one.inn, "ОГРН": ogrn})
        if one.kind == "legal"
        else _element("ИПВклМСП", {"ИННФЛ": one.inn, "ОГРНИП": ogrn}, _element("ФИОИП", _person(one.name)))
    )
    return _element(
        "Документ",
        {
            "ИдДок": f"d{one.ogrn}", "ДатаСост": f"{one.as_of:%d.%m.%Y}", "ДатаВклМСП": "10.08.2016",
            "ВидСубМСП": "1" if one.kind == "legal" else "2", "КатСубМСП": category, "ПризНовМСП": "2",
            "ССЧР": None if employees is None else str(employees),
        } | one.extra,
        who,
        _element("СведМН", {"КодРегион": one.region}, _element("Регион", {"Тип": "ОБЛАСТЬ", "Наим": "ПРИМЕРНАЯ"}),
                 _element("Город", {"Тип": "ГОРОД", "Наим": "ОБРАЗЦОВСК"})),
        _okveds(one),
    )  # fmt: skip


def _person(name: str) -> dict[str, str | None]:
    parts = [*name.split(" ", 2), None, None][:3]
    return dict(zip(("Фамилия", "Имя", "Отчество"), parts, strict=True))


def _address(one: Subject) -> list[str]:
    kladr = _element(
        "АдресРФ", {"Индекс": "236000", "КодРегион": one.region, "Дом": "Д. 16", "Кварт": "ОФИС 8"},
        _element("Регион", {"ТипРегион": "ОБЛАСТЬ", "НаимРегион": "ПРИМЕРНАЯ"}),
        _element("Город", {"ТипГород": "Г.", "НаимГород": "ОБРАЗЦОВСК"}),
        _element("Улица", {"ТипУлица": "УЛ.", "НаимУлица": "ВЫМЫШЛЕННАЯ"}), _grn(one.registered),
    )  # fmt: skip
    fias = _element(
        "СвАдрЮЛФИАС", {"ИдНом": "00000000-0000-0000-0000-000000000000", "Индекс": "236000"},
        f"<Регион>{one.region}</Регион><НаимРегион>ОБЛАСТЬ ПРИМЕРНАЯ</НаимРегион>",
        _element("НаселенПункт", {"Вид": "Г.", "Наим": "ОБРАЗЦОВСК"}),
        _element("ЭлУлДорСети", {"Тип": "УЛ.", "Наим": "ВЫМЫШЛЕННАЯ"}), _element("Здание", {"Тип": "Д.", "Номер": "16"}),
    )  # fmt: skip
    return {"kladr": [kladr], "fias": [fias], "both": [kladr, fias], "none": []}[one.address]


def _founder(one: Subject, number: int) -> str:
    person = _element(
        "СвФЛ",
        _person(f"{SURNAMES[number % len(SURNAMES)]} {FIRST[0]} {PATRONYMICS[0]}")
        | {"ИННФЛ": one.director_inn or None},
    )
    share = _element("ДоляУстКап", {"НоминСтоим": "5000"}, "<РазмерДоли><Процент>50</Процент></РазмерДоли>")
    return _element("УчрФЛ", {}, person, share)


def _branch(one: Subject, number: int) -> str:
    return _element(
        "СвФилиал", {}, _element("СвНаим", {"НаимПолн": f"ФИЛИАЛ № {number + 1}"}),
        _element("АдрМНРФ", {"КодРегион": "77"}, _element("Регион", {"НаимРегион": "Г.МОСКВА"})),
        _element("СвУчетНОФилиал", {"КПП": f"77{number:02d}43001"}),
    )  # fmt: skip


def _okveds(one: Subject) -> str:
    others = (
        _element(
            "СвОКВЭДДоп", {"КодОКВЭД": code, "НаимОКВЭД": "Дополнительный вид деятельности", "ПрВерсОКВЭД": "2014"}
        )
        for code in OKVEDS[:3]
    )
    return _element(
        "СвОКВЭД",
        {},
        _element(
            "СвОКВЭДОсн", {"КодОКВЭД": one.okved, "НаимОКВЭД": "Основной вид деятельности", "ПрВерсОКВЭД": "2014"}
        ),
        *others,
    )


def _history(one: Subject, tag: str, number: str) -> list[str]:
    """Entries out of order, the newest of them with the date that counts."""
    days = [one.registered + timedelta(7 * i) for i in range(one.history - 1)]
    days.insert(len(days) // 2, one.recorded)
    applicant = (
        '<СвЗаявФЛ><ВидЗаяв/><СвЮЛ ОГРН="1027700000000"/><СвФЛ Фамилия="ЗАЯВИТЕЛЕВ"/></СвЗаявФЛ>'
        if tag == "СвЗапЕГРЮЛ"
        else ""
    )
    return [
        _element(tag, {"ИдЗап": str(i), number: f"{2250000000000 + i}", "ДатаЗап": day.isoformat()},
                 _element("ВидЗап", {"КодСПВЗ": "11201", "НаимВидЗап": "Внесение сведений в государственный реестр"}),
                 _element("СвРегОрг", {"КодНО": f"{one.region}00", "НаимНО": "Управление Федеральной налоговой службы"}), applicant if i == 0 else "",
                 "<СведПредДок><НаимДок>ЗАЯВЛЕНИЕ О ВНЕСЕНИИ</НаимДок><НомДок>1</НомДок><ДатаДок>2018-08-08</ДатаДок></СведПредДок>")
        for i, day in enumerate(days)
    ]  # fmt: skip


# --- files -----------------------------------------------------------------------------------------------------------


def wrap(
    records: Iterable[str], source: str, *, envelope: str = "open", version: str = "4.07", documents: bool = True
) -> str:
    """The text of a file. Envelopes: open (<Файл>), dump (<EGRUL ДатаВыг>), bank (<ЕГРЮЛ>), bare (the record alone)."""
    records = list(records)
    if source == "msp":
        return f'<Файл ИдФайл="x" ВерсФорм="{version}" ТипИнф="РЕЕСТРМСП" КолДок="{len(records)}"><ИдОтпр/>{"".join(records)}</Файл>'
    declared, dump, bank = KINDS[source]
    if envelope == "bare":
        return records[0]
    if envelope == "open":
        inside = "\n".join(f'<Документ ИдДок="{i}">{record}</Документ>' for i, record in enumerate(records))
        sender = '<ИдОтпр><ФИООтв Фамилия="ОТПРАВИТЕЛЕВ"/></ИдОтпр>'
        return f'<Файл ИдФайл="x" ВерсФорм="{version}" ТипИнф="{declared}" КолДок="{len(records):>10}">\n{sender}{inside}\n</Файл>'
    root = dump if envelope == "dump" else bank
    dated = ' ДатаВыг="2025-10-01"' if envelope == "dump" else ""
    return f"<{root}{dated}>\n{chr(10).join(records)}\n</{root}>"


def encoded(text: str, encoding: str = "windows-1251", *, declare: bool = True, bom: bool = False) -> bytes:
    head = f'<?xml version="1.0" encoding="{encoding}"?>\n' if declare else ""
    mark = "\ufeff" if bom else ""
    return (mark + head + text).encode(encoding, "xmlcharrefreplace" if encoding != "utf-8" else "strict")


def file_of(subjects: Iterable[Subject], **options) -> bytes:
    """A file of ЕГРЮЛ or ЕГРИП with these subjects, which are of one kind. `encoding`, `declare`, `bom`, or of `wrap`."""
    subjects = list(subjects)
    coding = {name: options.pop(name) for name in ("encoding", "declare", "bom") if name in options}
    source = subjects[0].source if subjects else "egrul"
    return encoded(wrap(map(record_xml, subjects), source, **options), **coding)


def msp_file(subjects: Iterable[Subject], *, version: str = "4.06", **options) -> bytes:
    return encoded(wrap((msp_xml(one, **options) for one in subjects), "msp", version=version), "utf-8")


def zipped(members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def write(folder: Path, members: dict[str, bytes]) -> Path:
    for name, content in members.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def write_large(path: Path, source: str, count: int, seed: int = 1, *, history: int | None = None) -> Path:
    """A long file written piece by piece, records like the real ones in size (≈ 14 and ≈ 5 KB)."""
    rng = Random(seed)
    make = {"egrul": legal, "egrip": entrepreneur}[source]
    entries = history if history is not None else {"egrul": 30, "egrip": 9}[source]
    declared = KINDS[source][0]
    with open(path, "wb") as out:
        out.write(
            f'<?xml version="1.0" encoding="windows-1251"?>\n<Файл ИдФайл="x" ВерсФорм="4.07" ТипИнф="{declared}" КолДок="{count}">\n'.encode(
                "cp1251"
            )
        )
        for i in range(count):
            out.write(f'<Документ ИдДок="{i}">{record_xml(make(rng, history=entries))}</Документ>\n'.encode("cp1251"))
        out.write("</Файл>".encode("cp1251"))
    return path
