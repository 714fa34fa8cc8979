"""Invoice numbers in the purpose of a payment, as people write them (russia.md 3.7).

Two steps: the text becomes words, numbers, dates and signs; then, after each word that means an invoice, what may
stand before its number is stepped over and the number, or the list of numbers, is read. Contracts, acts, УПД,
счета-фактуры, orders, accounts, dates, sums and VAT are not invoice numbers. Better no number than a wrong one: a
payment without a number becomes a suggestion, a wrong one could be matched to somebody else's invoice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from core.text import clean

_LIMIT = 2000  # a purpose has 210 characters; more is not worth the time
_MONTHS = ("янв", "фев", "мар", "апр", "мая|май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
# Latin letters that look like Cyrillic ones: «cчет» with a Latin c. One for one, so that places agree.
_FOLD = str.maketrans("acekmopxyё", "асекморхуе")
_DOCUMENT = r"(?:договор|оферт|контракт|заказ|спецификац|извещен|квитанц|проформ|соглаш)[а-я]*"

_INVOICE = re.compile(
    rf"(?:{_DOCUMENT}[-/])?(?:счет(?P<ending>[ауеы]|ом|ов|ам|ами|ах)?|сч(?:-?т[ауе]?)?|инвойс[ауе]?|инв|inv|invоiсе)(?:[-/]{_DOCUMENT})?"
)
_FACTURA = re.compile(r"(?:с|сч|счет[а-я]*)[-/]?ф(?:акт[а-я]*)?|фактур[а-я]*|факт")
_ACCOUNT_BEFORE = re.compile(
    r"(?:расч[её]?тн|лицев|корреспонд|текущ|специальн|транзит|банковск|депозит|карточн|ссудн|балансов|внутренн|казнач|персонал|пополнен)[а-я]*"
    r"|расч|рас|лиц|корр?|тек|спец"
)
_ACCOUNT_AFTER = re.compile(r"(?:получател|плательщик|банк|карт|вклад|депо|бюджет|физ|казнач|уфк)[а-я]*")
# Words whose number is their own.
_OTHER = re.compile(
    r"(?:договор|контракт|соглашен|накладн|торг|заказ|заявк|заявлен|спецификац|приложен|постановл|исполнит|реестр|полис|квитанц|карт|абонент|лицев"
    r"|телефон|аккаунт|кабинет|логин|паспорт|протокол|приказ|письм|ведомост|ордер|поручен|требован|претенз|решен|закупк|объект|корпус|сумм|муниц|госуд"
    r"|свидетельств|сертификат|лиценз|удостоверен|участ|квартир|помещен)[а-я]*"
    r"|дог|д-р|д/р|конт|гк|мк|акт(?:[ауеы]|ом|ам|ов)?|упд|упк|тн|ттн|зак|спец|лот|дел[уао]|пост|и/л|уин|чек[ау]?|лс|л/с|р/с|к/с|тел|инн|кпп|бик|кбк|октмо"
    r"|доп|д/с|п/п|пп|кв|дом[ау]?|ул|ндс|id|руб"
)
# «№», «№№», «N», «No», «номер» with the dots and spaces behind it; on the unfolded text, where N is Latin.
_SIGN = re.compile(r"(?:[№#¹]+|номер[а-я]*|ном(?![а-яё])|n[oо]?(?![a-z]))[\s.:º°№]*", re.IGNORECASE)
_UNIT = re.compile(
    rf"(?:процент|шт|мес|дн|дней|день|ед|чел|экз|кг|час|год|квартал|лет|руб|коп|rub|тыс|{'|'.join(_MONTHS)})[а-я]*|г|гг|р|л|кв|м|п"
)
_NEAR = re.compile(r"покупател[а-я]*|клиент[а-я]*|оплат[уы]|предоплат[уы]|аванс|к|с")
_RUN = re.compile(r"[0-9a-zа-яё](?:[0-9a-zа-яё]|[-/\\_](?=[0-9a-zа-яё])|\.(?=[0-9]))*", re.IGNORECASE)
_GLUED = re.compile(r"(?<=[0-9])(?:от|и|на|за)(?=[0-9])")
_LEADING_WORD = re.compile(r"([a-zа-яё]+(?:[-/][a-zа-яё]+)*)[-./_]?(?=[0-9])")
_DOTTED = re.compile(r"[0-9]{1,2}\.[0-9]{1,2}\.(?:[0-9]{4}|[0-9]{2})(?![0-9/-])")
_DATE = re.compile(
    r"(?P<iso>[0-9]{4}-[0-9]{2}-[0-9]{2})(?![0-9])|(?P<d>[0-9]{1,2})(?P<joint>[./-])(?P<m>[0-9]{1,2})(?P=joint)(?P<y>[0-9]{4}|[0-9]{2})(?![0-9])"
    rf"|«?\"?(?P<day>[0-9]{{1,2}})\"?»?(?:-?го)?\s*(?P<month>{'|'.join(_MONTHS)})[а-я]*\.?(?:\s*(?P<year>[0-9]{{4}}|[0-9]{{2}})(?![0-9.,]))?"
)
_YEAR_MARK = re.compile(r"\s*(?:года?|гг?)(?![а-я])\.?")
_SUM_TAIL = re.compile(
    r"(?: [0-9]{3})*(?:(?P<point>[.,=-])(?P<part>[0-9]{2})(?![0-9]))?\s*(?P<unit>₽|%|(?:руб|коп|rub|тыс)[а-я]*|р(?![а-я]))?",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"(?!ООО|АО|ПАО|ОАО|ЗАО|ИП|НДС|ОТ|НА|ЗА|ПО)[A-ZА-ЯЁ]{1,4}")
_QUOTES = ("«", "»", '"', "“", "”", "'")
_BETWEEN = {",", ";", "+", "&", "и", "а", "также", "по", "/", "|"}
_ENDINGS = (_OTHER, _FACTURA, _ACCOUNT_AFTER, _INVOICE, _ACCOUNT_BEFORE, re.compile("ф"))
# What may follow a number of a list; any other word makes it a quantity: «счет 125, 10 лицензий».
_AFTER_LISTED = re.compile(
    rf"от|и|а|на|за|по|в|с|без|для|согласно|сумм[ау]|ндс|также|оплата|г|дог|акт[ау]?|упд|накладн[а-я]*|с[-/]ф|{_INVOICE.pattern}|{_DOCUMENT}".replace(
        "?P<ending>", "?:"
    )
)
_FAR = 14  # tokens between «счет» and its №: «счет ООО «Ромашка» за услуги связи № 125»


@dataclass(frozen=True, slots=True)
class InvoiceReference:
    """One invoice named in a purpose: its number as written, and the date «от …» when one is given."""

    number: str
    issued_on: date | None = None

    @property
    def year(self) -> int | None:
        """The year named in the purpose, for matching (decision 7)."""
        return self.issued_on.year if self.issued_on else None


def invoice_numbers(purpose: str) -> list[str]:
    """Invoice numbers as written, in the order of the text, each once; without №, dates, sums and contract numbers.

    «по счету № Ек2Тюм003221 от 18 Апреля 2019г.» → ["Ек2Тюм003221"]. Never raises; [] for None and for none.
    """
    return [reference.number for reference in invoice_references(purpose)]


def invoice_references(purpose: str | None) -> list[InvoiceReference]:
    """The same with dates: «по сч 15 и 16 от 01.02.2026» gives both the date, since one «от» closes a list."""
    text = clean(purpose if isinstance(purpose, str) else "")
    if len(text) > _LIMIT:
        text = text[:_LIMIT].rpartition(" ")[0]  # never half a number
    dates: dict[str, date | None] = {}
    for number, day in _Scanner(text).found():
        dates[number] = dates.get(number) or day
    return [InvoiceReference(number, day) for number, day in dates.items()]


@dataclass(frozen=True, slots=True)
class _Token:
    """kind: word, id (holds a digit), date, sign (№) or the punctuation mark itself."""

    kind: str
    text: str
    low: str
    start: int
    end: int
    day: date | None = None


class _Scanner:
    """Tokens first, then the invoices among them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.low = "".join(char.lower() if len(char.lower()) == 1 else char for char in text).translate(_FOLD)
        self.tokens: list[_Token] = []
        place = 0
        while place < len(text):
            if text[place].isspace():
                place += 1
                continue
            token = (
                self._sign(place) or self._date(place) or self._run(place) or self._token(text[place], place, place + 1)
            )
            self.tokens.append(token)
            place = token.end

    def _token(self, kind: str, start: int, end: int, day: date | None = None) -> _Token:
        return _Token(kind, self.text[start:end], self.low[start:end], start, end, day)

    def _after_sign(self) -> bool:
        return bool(self.tokens) and self.tokens[-1].kind == "sign"

    def _sign(self, place: int) -> _Token | None:
        found = _SIGN.match(self.text, place)
        return self._token("sign", place, found.end()) if found else None

    def _date(self, place: int) -> _Token | None:
        found = _DATE.match(self.low, place)
        # «№ 12/05/26» is a number; «№ 01.02.2026» is nobody's number.
        if found is None or (self._after_sign() and not _DOTTED.match(self.low, place)):
            return None
        mark = _YEAR_MARK.match(self.low, found.end())
        return self._token("date", place, mark.end() if mark else found.end(), _day(found))

    def _run(self, place: int) -> _Token | None:
        """A word, or a number with the letters that belong to it; «сч125» and «125от01.02» come apart."""
        found = _RUN.match(self.low, place)
        if found is None:
            return None
        if not any(char in "0123456789" for char in found[0]):
            return self._token("word", place, found.end())
        lead = _LEADING_WORD.match(self.low, place)
        if lead and self._comes_apart(lead[1], self.low[lead.end(1)]):
            return self._token("word", place, lead.end(1))
        glued = _GLUED.search(self.low, place, found.end())
        return self._token("id", place, glued.start() if glued else found.end())

    def _comes_apart(self, word: str, joint: str) -> bool:
        """«сч125», «дог.7», «от01.02» are two things; «№ СЧ-125», «счет ДОГ-7» are numbers."""
        last = self.tokens[-1] if self.tokens else None
        expected = last is not None and (last.kind == "sign" or _INVOICE.fullmatch(last.low) is not None)
        if _INVOICE.fullmatch(word):
            return not (expected and joint == "-")
        return not expected and (
            word in ("от", "и", "на", "за") or any(kind.fullmatch(word) for kind in (_FACTURA, _OTHER))
        )

    def _at(self, place: int) -> _Token:
        return (
            self.tokens[place]
            if 0 <= place < len(self.tokens)
            else _Token("end", "", "", len(self.text), len(self.text))
        )

    # From the word to its numbers

    def found(self) -> Iterator[tuple[str, date | None]]:
        """(number, date) of every invoice named."""
        for place, word in enumerate(self.tokens):
            form = _INVOICE.fullmatch(word.low) if word.kind == "word" else None
            if form and not self._is_account(place):
                yield from self._after_keyword(place, many=form["ending"] in ("ов", "ам", "ами", "ах"))

    def _is_account(self, place: int) -> bool:
        """Расчетный, лицевой… счет, «р. сч.», «на счет», «без счета»: not an invoice."""
        before = self._at(place - 1)
        if before.kind == ".":
            before = self._at(place - 2)
            if before.kind == "word" and before.low in ("р", "л", "к", "с"):
                return True
        return before.kind == "word" and (
            before.low in ("без", "на", "со") or _ACCOUNT_BEFORE.fullmatch(before.low) is not None
        )

    def _after_keyword(self, place: int, *, many: bool) -> list[tuple[str, date | None]]:
        """Near the word a bare number will do («счет на оплату 125»), farther off it needs its №."""
        keyword, near_only = self._at(place), self._at(place - 1).low in ("за", "в")  # «за счет субсидии № 5»
        place += 1
        if self._at(place).kind == "." and keyword.low.startswith("сч") and not keyword.low.startswith("счет"):
            place += 1
        place += self._joined_document(place, keyword.low)
        near, stopped, day = True, False, None
        for place in range(place, place + _FAR):  # noqa: B020 - the start is what was stepped to
            token = self._at(place)
            if token.kind == "sign":
                number, after = self._signed(place)
                return self._list(number, after, day, many=many or token.text.startswith("№№")) if number else []
            if token.kind == "date":
                day, near = token.day, False
            elif token.low in ("1с", "1c"):
                near = False
            elif token.kind == "id" and self._at(place - 1).low != "от":  # «от 010226» is a date all the same
                good = near and self._is_number(place, many=many)
                return self._list(token.text, place + 1, day, many=many) if good else []
            elif token.kind == "word" and token.low != "от":
                if stopped or any(kind.fullmatch(token.low) for kind in _ENDINGS):
                    return []
                near = near and self._is_near(place)
                if near_only and not near:
                    return []
            elif token.kind in ".,;)":
                stopped = True
        return []

    def _joined_document(self, place: int, keyword: str) -> int:
        """Tokens of «- договор» in «счет - договор №», «счету договору №»; «по счету договор №» are two documents."""
        if self._at(place).kind in ("-", "–", "—", "/"):
            return 2 if re.fullmatch(_DOCUMENT, self._at(place + 1).low) else 0
        word = self._at(place).low
        return 1 if word == f"договор{keyword.removeprefix('счет')}" or word.startswith("оферт") else 0

    def _is_near(self, place: int) -> bool:
        word, after = self._at(place), self._at(place + 1)
        return _NEAR.fullmatch(word.low) is not None or (word.low == "на" and _NEAR.fullmatch(after.low) is not None)

    # Numbers

    def _signed(self, place: int) -> tuple[str | None, int]:
        """The number behind the № at `place`, and the place after it. «№ СБ 1842» keeps its letters."""
        first, second = self._at(place + 1), self._at(place + 2)
        if first.kind == "id":
            return (first.text, place + 2) if _fits(first.text) else (None, place + 2)
        if first.kind in _QUOTES and second.kind == "id" and _fits(second.text):
            return second.text, place + (4 if self._at(place + 3).kind in _QUOTES else 3)
        if (
            first.kind == "word"
            and second.kind == "id"
            and second.start == first.end + 1
            and _PREFIX.fullmatch(first.text)
            and second.text.isdigit()
        ):
            return self.text[first.start : second.end], place + 3
        return None, place + 1

    def _is_number(self, place: int, *, many: bool, before: str = "") -> bool:
        """Whether a number without № is an invoice's: not a sum, a year, a quantity, an account, «1С».

        `before` is the number before it in a list, "" for the first.
        """
        token = self._at(place)
        if not _fits(token.text) or re.fullmatch(rf"[0-9]+(?:{_UNIT.pattern})", token.low):
            return False
        after = self._at(place + 1)
        if after.kind == "word" and (_UNIT.fullmatch(after.low) or (before and not _AFTER_LISTED.fullmatch(after.low))):
            return False  # «5 мес», «счет 125, 10 лицензий»
        if before.isdigit() and token.text.isdigit() and abs(len(before) - len(token.text)) > 2:
            return False
        return not self._is_sum(token, many=many, before=before)

    def _is_sum(self, token: _Token, *, many: bool, before: str) -> bool:
        """«18026,52», «175000-00», «5 000 руб»; «15,16» and «125,126» are lists, as is what «от» follows."""
        digits = re.match("[0-9]+", token.low)
        tail = _SUM_TAIL.match(self.low, token.start + digits.end()) if digits else None
        if tail is None or tail.end() < token.end:
            return False
        if tail["unit"]:
            return True
        whole, part = digits[0], tail["part"]
        if part is None or (tail["point"] == "-" and part != "00"):
            return False
        if part == "00" or tail["point"] != ",":
            return True
        if re.match(r"\s*(?:от(?![а-я])|,|и(?![а-я]))", self.low[tail.end() :]) and (many or before or len(whole) <= 3):
            return False
        return len(whole) != len(part) or (before.isdigit() and len(before) != len(part))

    def _list(self, number: str, place: int, day: date | None, *, many: bool) -> list[tuple[str, date | None]]:
        """The number and those that follow it: «15, 16 и 17 от …», «№ 15 от …, № 16 от …», «счетам 15 16 17»."""
        numbers: list[tuple[str, date | None]] = [(number, day)]
        while True:
            place, dated = self._dated(place)
            if dated:
                numbers = [(name, known or dated) for name, known in numbers]
            last, jumped, joined = numbers[-1][0], place, False
            while self._at(jumped).low in _BETWEEN or self._at(jumped).kind in ("(", ")"):
                joined = joined or self._at(jumped).low in _BETWEEN
                jumped += 1
            token = self._at(jumped)
            if token.kind == "sign":
                number, place = self._signed(jumped)
                if number is None or not (joined or many or len(number) == len(last)):
                    return numbers
            elif token.kind == "id" and (joined or self._goes_on(token, last, many=many)):
                if self._at(jumped - 1).kind in ("/", "|") or not self._is_number(jumped, many=many, before=last):
                    return numbers
                number, place = token.text, jumped + 1
            else:
                return numbers
            numbers.append((number, None))

    def _dated(self, place: int) -> tuple[int, date | None]:
        """Step over «от 01.02.2026 г.» behind a number; the date when it can be read."""
        start = place
        while self._at(place).kind in ("(", ",", "»", '"', "”", "“") and self._at(place + 1).low == "от":
            place += 1
        if self._at(place).kind in _QUOTES:
            place += 1
        if self._at(place).low == "от":
            place += 2 if self._at(place + 1).kind == "." else 1
            if self._at(place).kind in ("date", "id"):
                day = self._at(place).day
                place += 1
                if self._at(place).low in ("г", "года"):
                    place += 2 if self._at(place + 1).kind == "." else 1
                return place, day
            return start, None
        if self._at(place).kind == "(" and self._at(place + 1).kind == "date":
            place += 1
        if self._at(place).kind == "date":
            return place + 1, self._at(place).day
        return start, None

    @staticmethod
    def _goes_on(token: _Token, before: str, *, many: bool) -> bool:
        """A list by spaces alone, in the plural only: numbers of one length."""
        return many and token.text.isdigit() and len(token.text) == len(before)


def _fits(text: str) -> bool:
    """Of a length an invoice number may have: 20 digits are an account, 12 or more digits in a row no counter of ours."""
    return len(text) <= 40 and not (text.isdigit() and len(text) > 15)


def _day(found: re.Match[str]) -> date | None:
    try:
        if found["iso"]:
            return date.fromisoformat(found["iso"])
        if found["d"]:
            year, month, day = found["y"], int(found["m"]), int(found["d"])
        else:
            year, day = found["year"], int(found["day"])
            month = next(number for number, names in enumerate(_MONTHS, 1) if re.fullmatch(names, found["month"]))
        return date(int(year) + (2000 if len(year) == 2 else 0), month, day) if year else None
    except ValueError:
        return None
