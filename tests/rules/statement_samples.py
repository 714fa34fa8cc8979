"""Invented bank statements of the shapes met in life, and the ways programs spoil them."""

import random

OWN = "40702810000000000001"
OTHER = "40702810200000000002"
SECOND = "40702810300000000003"

INCOMING = {
    "СекцияДокумент": "Платежное поручение", "Номер": "5", "Дата": "11.01.2026", "Сумма": "6000.00", "КвитанцияДата": "11.01.2026",
    "ПлательщикСчет": OTHER, "Плательщик": '7700000001, ООО "Ромашка"', "ПлательщикИНН": "7700000001", "ПлательщикКПП": "770001001", "Плательщик1": 'ООО "Ромашка"',
    "ПлательщикБанк1": "БАНК ПРИМЕР (ПАО)", "ПлательщикБИК": "044525000", "ПолучательСчет": OWN, "ДатаПоступило": "11.01.2026", "Получатель": '3900000001, ООО "Вестник"',
    "ПолучательИНН": "3900000001", "ВидОплаты": "01", "Очередность": "5", "НазначениеПлатежа": "Оплата по счету №125 от 10.01.2026. НДС не облагается",
}  # fmt: skip
OUTGOING = {
    "СекцияДокумент": "Платежное поручение", "Номер": "1", "Дата": "11.01.2026", "Сумма": "2762.80", "ПлательщикСчет": OWN, "ДатаСписано": "11.01.2026",
    "ПлательщикИНН": "3900000001", "Плательщик1": 'ООО "Вестник"', "ПолучательСчет": OTHER, "ПолучательИНН": "7700000001", "Получатель1": 'ООО "Ромашка"', "ВидОплаты": "01",
    "НазначениеПлатежа": "Аренда по договору № 7 от 01.01.2025",
}  # fmt: skip
FEE = {
    "СекцияДокумент": "Банковский ордер", "Номер": "697162", "Дата": "11.01.2026", "Сумма": "83.23", "ПлательщикСчет": OWN, "ДатаСписано": "11.01.2026", "ПлательщикИНН": "3900000001",
    "ПолучательСчет": "70601810800000000257", "ВидОплаты": "17", "НазначениеПлатежа": "Комиссия за ведение счета",
}  # fmt: skip
HEADER = {
    "ВерсияФормата": "1.03",
    "Кодировка": "Windows",
    "Отправитель": "Банк",
    "Получатель": "1С:Предприятие",
    "ДатаНачала": "11.01.2026",
    "ДатаКонца": "11.01.2026",
    "РасчСчет": OWN,
}


def section(document: dict[str, str]) -> list[str]:
    return [f"{key}={value}" for key, value in document.items()] + ["КонецДокумента"]


def account(number: str) -> list[str]:
    return [
        "СекцияРасчСчет",
        "ДатаНачала=11.01.2026",
        f"РасчСчет={number}",
        "НачальныйОстаток=45329.91",
        "КонецРасчСчет",
    ]


def lines(
    *documents: dict[str, str], header: dict[str, str] | None = None, accounts: tuple[str, ...] = (OWN,)
) -> list[str]:
    """The lines of a whole statement."""
    text = ["1CClientBankExchange", *(f"{key}={value}" for key, value in (header or HEADER).items())]
    for number in accounts:
        text += account(number)
    for document in documents:
        text += section(document)
    return [*text, "КонецФайла"]


def statement(*documents: dict[str, str], encoding: str = "cp1251", eol: str = "\r\n", **more) -> bytes:
    return (eol.join(lines(*documents, **more)) + eol).encode(encoding)


def mixed() -> bytes:
    """Lines of windows-1251 and of UTF-8 in one file, and a line whose key and value differ."""
    text = lines(INCOMING)
    raw = [line.encode("utf-8" if number % 3 == 0 else "cp1251") for number, line in enumerate(text)]
    place = next(number for number, line in enumerate(text) if line.startswith("НазначениеПлатежа="))
    key, _, value = text[place].partition("=")
    raw[place] = key.encode("cp1251") + b"=" + value.encode("utf-8")
    return b"\r\n".join(raw)


WHOLE = (FEE, OUTGOING, INCOMING)
SAMPLES = {
    "cp1251": statement(*WHOLE),
    "cp866": statement(*WHOLE, encoding="cp866", header={**HEADER, "Кодировка": "DOS"}),
    "cp866 that says Windows": statement(*WHOLE, encoding="cp866"),
    "utf-8 that says Windows": statement(*WHOLE, encoding="utf-8", eol="\n"),
    "utf-8 with a mark": statement(*WHOLE, encoding="utf-8-sig"),
    "utf-16": statement(*WHOLE, encoding="utf-16"),
    "mixed lines": mixed(),
    "old line ends": statement(*WHOLE, eol="\r"),
    "empty lines": statement(*WHOLE, eol="\r\n\r\n"),
    "other order of keys": statement(
        *(dict([*document.items()][:1] + [*document.items()][:0:-1]) for document in WHOLE)
    ),
    "no documents": statement(),
    "no mark of the end": statement(*WHOLE).rpartition("КонецФайла".encode("cp1251"))[0],
    "text behind the end": statement(*WHOLE) + "Сформировано программой\r\nНомер=1\r\n".encode("cp1251"),
    "text behind the end on its line": statement(*WHOLE).rstrip() + b"== 1.txt",
    "two files glued": statement(*WHOLE) + statement(INCOMING),
    "lower case": statement(*WHOLE, header={**HEADER, "Кодировка": "windows"}),
}


def spoiled(data: bytes, seed: int) -> bytes:
    """A few random injuries: bytes changed, cut, repeated, moved, lines lost, encodings swapped."""
    chance = random.Random(seed)
    body = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        if not body:
            break
        first = chance.randrange(len(body))
        last = min(len(body), first + chance.choice((1, 1, 2, 5, 40, 400)))
        match chance.randrange(9):
            case 0:
                body[first] = chance.randrange(256)
            case 1:
                del body[first:last]
            case 2:
                body[first:first] = body[first:last]
            case 3:
                body[first:last] = bytes(chance.randrange(256) for _ in range(last - first))
            case 4:
                body = body[:first] if chance.random() < 0.3 else body
            case 5:
                body[first:last] = chance.choice(
                    (
                        b"\r\n",
                        b"=",
                        b"\x00",
                        b"\xff",
                        b"\xd0",
                        "№".encode(),
                        "КонецДокумента".encode("cp1251"),
                        b"9" * 50,
                        b"-1",
                        b"1e999",
                    )
                )
            case 6:
                rows = bytes(body).split(b"\n")
                chance.shuffle(rows) if chance.random() < 0.2 else rows.pop(chance.randrange(len(rows)))
                body = bytearray(b"\n".join(rows))
            case 7:
                body[first:last] = bytes(reversed(body[first:last]))
            case 8:
                text = bytes(body).decode(chance.choice(("cp1251", "utf-8", "cp866")), "replace")
                body = bytearray(text.encode(chance.choice(("cp1251", "utf-8", "cp866", "utf-16-le")), "replace"))
    return bytes(body)
