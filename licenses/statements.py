"""Bank statements 1CClientBankExchange as they are in life (russia.md 3.7; billing 3.4).

Banks and accounting programs lie about the encoding, mix encodings line by line, reorder, omit and repeat keys and
write text behind the end. Reading is lenient and says in `warnings` what was mended; only a text that is no
statement at all is refused, with `StatementError`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.errors import DomainError
from core.text import clean

from .invoice_numbers import InvoiceReference, invoice_numbers, invoice_references
from .statement_encoding import decode_lines

__all__ = [
    "Document",
    "InvoiceReference",
    "Statement",
    "StatementError",
    "invoice_numbers",
    "invoice_references",
    "read_statement",
]

_HEADER = "1cclientbankexchange"
_DATES = (
    re.compile(r"(?P<d>\d{1,2})[./-](?P<m>\d{1,2})[./-](?P<y>\d{4}|\d{2})(?:\s.*)?"),
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?:[\sT].*)?"),
)
_AMOUNT = re.compile(r"\+?(\d{1,12})(?:[.,=-](\d{1,2})0*)?")
# «7777777777, ООО «Ромашка», «ИНН 7777777777/770101001 ООО «Ромашка»
_INN_BEFORE_NAME = re.compile(
    r"^(?:ИНН\s*:?\s*)?(\d{10,13})(?:\s*[/\\]\s*(?:КПП\s*:?\s*)?\d{9})?\s*[,;:/\\ ]\s*(?=\D)", re.IGNORECASE
)
_WARNINGS_KEPT = 100


class StatementError(DomainError):
    """The bytes are no bank statement. The text says what to do."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a statement; what is absent or unreadable is None.

    kind: as written, «Платежное поручение» · amount: roubles, two places · accounts, ИНН, number: text as written
    received_on: on the payee's account · written_off_on: from the payer's · operation: «01» an order, «17» a bank order
    """

    kind: str | None
    number: str | None
    date: date | None
    amount: Decimal | None
    payer_name: str | None
    payer_inn: str | None
    payer_account: str | None
    payee_inn: str | None
    payee_account: str | None
    received_on: date | None
    written_off_on: date | None
    purpose: str | None
    payee_name: str | None = None
    operation: str | None = None

    @property
    def is_payment_order(self) -> bool:
        """Whether a person or a company paid with it; bank fees, demands and the rest are skipped.

        A section without its type counts when it is not a bank order by «ВидОплаты».
        """
        if self.kind is None:
            return self.operation in (None, "01", "1")
        return re.sub(r"[\W_]+", " ", self.kind.lower().replace("ё", "е")).strip().startswith("платежное поручение")


@dataclass(frozen=True, slots=True)
class Statement:
    """accounts: own accounts in the order of the file, each once · encoding: of most lines · warnings: Russian sentences."""

    accounts: list[str]
    documents: list[Document]
    encoding: str
    warnings: list[str] = field(default_factory=list)


def read_statement(data: bytes) -> Statement:
    """Read one file (also several glued together). Raises `StatementError` alone, and only for what is no statement.

    A document cut off by the end of the file is left out with a warning: half a sum is worse than none.
    """
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"bytes expected, not {type(data).__name__}.")
    lines, encoding, warnings = decode_lines(bytes(data))
    first = next((line for line in lines if line.strip()), None)
    if first is None:
        raise StatementError("Файл пуст: выгрузите выписку из банка заново.", field="file", code="empty")
    if not first.strip().lower().startswith(_HEADER):
        raise StatementError(
            "Это не банковская выписка: выгрузите ее из банка в формате 1С (1CClientBankExchange).",
            field="file",
            code="not_statement",
        )
    reader = _Reader(warnings)
    reader.read(lines)
    kept = warnings[:_WARNINGS_KEPT]
    if len(warnings) > len(kept):
        kept.append(f"И еще замечаний: {len(warnings) - len(kept)}.")
    return Statement(reader.accounts, reader.documents, encoding, kept)


class _Reader:
    """Walks the lines of a statement; knows in which section it is."""

    def __init__(self, warnings: list[str]) -> None:
        self.warnings = warnings
        self.accounts: list[str] = []
        self.documents: list[Document] = []
        self._open: dict[str, str] | None = None  # keys of the document that is being read
        self._last_key = ""
        self._ended = False

    def read(self, lines: Iterable[str]) -> None:
        for key, value in _pairs(lines):
            if self._ended:
                self._ended = not key.startswith(_HEADER)  # a second file glued to the first
            elif key == "секциядокумент":
                self._close("Документ без строки «КонецДокумента»")
                self._open, self._last_key = {key: value or ""}, ""
            elif key == "конецдокумента":
                self._close()
            elif key.startswith("конецфайла"):
                self._close("Документ без строки «КонецДокумента»")
                self._ended = True
            elif self._open is not None:
                self._keep(key, value)
            elif key == "расчсчет" and value and value not in self.accounts:
                self.accounts.append(value)
        if self._open is not None:
            self.warnings.append("Последний документ оборван: файл выгружен не до конца, выгрузите его заново.")
        elif not self._ended:
            self.warnings.append("Нет строки «КонецФайла»: возможно, файл выгружен не до конца.")

    def _keep(self, key: str, value: str | None) -> None:
        if value is None:  # a line without «=»: the purpose goes on
            if self._last_key.startswith("назначениеплатежа"):
                self._open[self._last_key] += " " + key
        elif not self._open.get(key):
            self._open[key] = value
        self._last_key = key if value is not None else self._last_key

    def _close(self, complaint: str = "") -> None:
        if self._open is None:
            return
        if complaint:
            self.warnings.append(f"{complaint}: № {self._open.get('номер') or '?'}.")
        self.documents.append(_document(self._open, self.warnings))
        self._open = None


def _pairs(lines: Iterable[str]) -> Iterator[tuple[str, str | None]]:
    """(key in lower case without spaces, value); a line without «=» gives (line, None) or a section mark."""
    for line in lines:
        name, equals, value = line.partition("=")
        key = re.sub(r"\s+", "", clean(name)).lower().replace("ё", "е")
        if not equals and not key.startswith(("секция", "конец", _HEADER)):
            key = clean(name)
        if key:
            yield key, clean(value) if equals else None


def _document(keys: dict[str, str], warnings: list[str]) -> Document:
    title = f"Документ № {keys.get('номер') or '?'}"
    payer_name, payer_inn = _party(keys, "плательщик")
    payee_name, payee_inn = _party(keys, "получатель")
    return Document(
        kind=keys.get("секциядокумент") or None,
        number=keys.get("номер") or None,
        date=_date(keys, "дата", title, warnings),
        amount=_amount(keys, title, warnings),
        payer_name=payer_name,
        payer_inn=payer_inn,
        payer_account=keys.get("плательщиксчет") or keys.get("плательщикрасчсчет") or None,
        payee_inn=payee_inn,
        payee_account=keys.get("получательсчет") or keys.get("получательрасчсчет") or None,
        received_on=_date(keys, "датапоступило", title, warnings),
        written_off_on=_date(keys, "датасписано", title, warnings),
        purpose=_purpose(keys),
        payee_name=payee_name,
        operation=keys.get("видоплаты") or None,
    )


def _party(keys: dict[str, str], who: str) -> tuple[str | None, str | None]:
    """(name, ИНН). The name may hold the ИНН in front; «0» means that there is none."""
    whole = keys.get(who) or ""
    before = _INN_BEFORE_NAME.match(whole)
    name = (whole[before.end() :] if before else whole) or keys.get(f"{who}1") or None
    inn = keys.get(f"{who}инн") or ""
    if not inn.strip("0"):
        inn = before[1] if before else ""
    return name, inn if inn.strip("0") else None


def _purpose(keys: dict[str, str]) -> str | None:
    """The purpose and its further lines 1–6, which repeat it in some programs and continue it in others."""
    text = keys.get("назначениеплатежа", "")
    for number in range(1, 7):
        line = keys.get(f"назначениеплатежа{number}", "")
        if line and line not in text:
            text = f"{text} {line}".strip()
    return text or None


def _amount(keys: dict[str, str], title: str, warnings: list[str]) -> Decimal | None:
    text = re.sub(r"[\s\u00a0']", "", keys.get("сумма", ""))
    found = _AMOUNT.fullmatch(text) if text.isascii() else None
    if found:
        return Decimal(f"{found[1]}.{(found[2] or '').ljust(2, '0')}")
    warnings.append(f"{title}: сумма не указана." if not text else f"{title}: сумма «{text[:40]}» не распознана.")
    return None


def _date(keys: dict[str, str], key: str, title: str, warnings: list[str]) -> date | None:
    text = keys.get(key, "")
    if not text.strip("0.-/ :"):
        return None
    for pattern in _DATES:
        if text.isascii() and (found := pattern.fullmatch(text)):
            year = int(found["y"]) + (2000 if len(found["y"]) == 2 else 0)
            try:
                day = date(year, int(found["m"]), int(found["d"]))
            except ValueError:
                break
            return day if day.year > 1 else None  # 01.01.0001 is an empty date
    warnings.append(f"{title}: дата «{text[:20]}» не распознана.")
    return None
