"""Statements and register files mutated at random: a result or the typed error, never anything else, and never lost money."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random

KEYS = [
    "СекцияДокумент=Платежное поручение", "КонецДокумента", "КонецФайла", "Номер=", "Дата=", "Сумма=", "ДатаПоступило=", "ПолучательСчет=",
    "ПлательщикИНН=", "НазначениеПлатежа=", "РасчСчет=", "Кодировка=DOS", "1CClientBankExchange", "СекцияРасчСчет", "КонецРасчСчет",
]  # fmt: skip
VALUES = [
    "", "0", "-1", "1e400", "NaN", "Infinity", "99999999999999999999.99", "1.999", "٣٣٣", "1,5,7", "31.02.2026", "00.00.0000", "9999-12-31", "1",
    "№", "\x00", "\ufeff", "\u202e", "=" * 50, "а" * 5000, "'; DROP TABLE licenses_payment; --", "<script>", "по счету № " + "9" * 60,
]  # fmt: skip


def sample(rng: Random) -> bytes:
    """A statement of one to six documents, in one of the encodings of life."""
    rows = ["1CClientBankExchange", "ВерсияФормата=1.03", "Кодировка=Windows", "РасчСчет=40702810900000005555"]
    for number in range(rng.randint(1, 6)):
        rows += [
            "СекцияДокумент=Платежное поручение", f"Номер={number + 1}", "Дата=23.11.2026", f"Сумма={rng.randint(1, 10**7) / 100}",
            "ПлательщикСчет=40702810000000000001", "ПлательщикИНН=7707083893", "Плательщик=ООО «Ромашка»",
            "ПолучательСчет=40702810900000005555", "ДатаПоступило=23.11.2026",
            f"НазначениеПлатежа=Оплата по счету № {rng.randint(1, 400)} от 01.11.2026 сумма 100-00", "КонецДокумента",
        ]  # fmt: skip
    return "\r\n".join([*rows, "КонецФайла", ""]).encode(
        rng.choice(["cp1251", "cp866", "utf-8", "utf-8-sig"]), "replace"
    )


def seeds() -> list[bytes]:
    """Real statements, where they are."""
    folder = os.environ.get("SBILLING_REAL_DATA")
    return [path.read_bytes() for path in sorted((Path(folder) / "bank").glob("*.txt"))] if folder else []


def mutated(data: bytes, rng: Random) -> bytes:
    """One to eight damages: bytes, lines, values, encodings, cuts, glue."""
    for _ in range(rng.randint(1, 8)):
        data = rng.choice(DAMAGES)(data, rng)[:200_000]
    return data


def _bytes(data: bytes, rng: Random) -> bytes:
    if not data:
        return rng.randbytes(8)
    at = rng.randrange(len(data))
    return data[:at] + rng.randbytes(rng.randint(1, 6)) + data[at + rng.randint(0, 6) :]


def _line(data: bytes, rng: Random) -> bytes:
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    do = rng.randrange(4)
    if do == 0:
        del lines[at]
    elif do == 1:
        lines.insert(at, lines[rng.randrange(len(lines))])
    elif do == 2:
        other = rng.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    else:
        lines.insert(at, rng.choice(KEYS).encode("cp1251"))
    return b"\n".join(lines)


def _value(data: bytes, rng: Random) -> bytes:
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    name, equals, _old = lines[at].partition(b"=")
    lines[at] = (
        name + (equals or b"=") + rng.choice(VALUES).encode(rng.choice(["cp1251", "utf-8", "cp866"]), "replace") + b"\r"
    )
    return b"\n".join(lines)


def _cut(data: bytes, rng: Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _glue(data: bytes, rng: Random) -> bytes:
    return data + rng.choice([data, b"\r\n", b"\x1a", b"\x00" * 20, sample(rng)])


def _recoded(data: bytes, rng: Random) -> bytes:
    text = data.decode(rng.choice(["cp1251", "utf-8", "cp866"]), "replace")
    return text.encode(rng.choice(["utf-16", "utf-8", "cp1251", "koi8-r", "utf-16-le"]), "replace")


def _ends(data: bytes, rng: Random) -> bytes:
    return data.replace(b"\r\n", rng.choice([b"\n", b"\r", b"\r\r\n", b"\n\n", b" \r\n"]))


DAMAGES = [_bytes, _line, _line, _value, _value, _value, _cut, _glue, _recoded, _ends]


def cases(count: int, seed: int) -> Iterator[bytes]:
    """The same for the same seed."""
    rng, real = Random(f"{seed}:statements"), seeds()
    for _ in range(count):
        whole = rng.choice(real) if real and rng.random() < 0.5 else sample(rng)
        yield mutated(whole, rng)


def read_all(count: int, seed: int) -> tuple[int, dict[str, int]]:
    """(wrong results, what came of the files). Wrong: another error than the typed one, or an impossible document."""
    from licenses.statements import StatementError, invoice_numbers, read_statement

    wrong, told = 0, {"read": 0, "documents": 0, "refused": 0}
    for data in cases(count, seed):
        try:
            statement = read_statement(data)
        except StatementError:
            told["refused"] += 1
            continue
        except Exception as error:  # what is looked for
            print(f"FAIL {type(error).__name__}: {error}; {data[:200]!r}")
            wrong += 1
            continue
        told["read"] += 1
        told["documents"] += len(statement.documents)
        for document in statement.documents:
            good = document.amount is None or (document.amount >= 0 and document.amount.is_finite())
            wrong += not good or not all(isinstance(n, str) for n in invoice_numbers(document.purpose or ""))
    return wrong, told


def import_all(count: int, seed: int) -> tuple[int, dict[str, int]]:
    """The same through the import into a database: it adds up, and a second import of the same bytes brings nothing."""
    from datetime import date

    from licenses.models import Payment
    from licenses.services.statements import statement_import, statement_preview
    from licenses.statements import StatementError

    on, wrong, told = date(2026, 11, 23), 0, {"new": 0, "duplicates": 0, "skipped": 0, "refused": 0}
    for data in cases(count, seed):
        before = Payment.objects.count()
        try:
            shown = statement_preview(data).counts
            counts = statement_import(data=data, name="a.txt", by=None, on=on).counts
            again = statement_import(data=data, name="a.txt", by=None, on=on).counts
        except StatementError:
            told["refused"] += 1
            wrong += Payment.objects.count() != before
            continue
        except Exception as error:  # what is looked for
            print(f"FAIL {type(error).__name__}: {error}; {data[:200]!r}")
            wrong += 1
            continue
        good = (
            counts.documents == counts.new + counts.duplicates + counts.skipped
            and counts.new == Payment.objects.count() - before == shown.new
            and again.new == 0
        )
        wrong += not good
        for name in ("new", "duplicates", "skipped"):
            told[name] += getattr(counts, name)
    return wrong, told
