"""Finding a client by what was typed: ИНН, ОГРН, phone, name in any order, with slips or in the wrong layout (C7).

Look-ups find the whole register (decision 21): what they show are register fields. Every branch walks one index and
stops early: 12 million cards answer as 10 thousand do (design/performance.md 4).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice, product

from django.db import connection
from django.db.models import F
from django.db.models.functions import Reverse

from clients.models import Client, ClientPerson, ClientPhone
from core.identifiers import is_inn
from core.names import normalize_name, switch_layout
from core.phones import normalize_phone
from core.text import clean

SHOWN = 20
CANDIDATES = 1_000
SIMILAR = 0.33
TRIED = 9  # combinations of mended words
_NUMBER = re.compile(r"^(?:№|N|No\.?|#)\s*", re.IGNORECASE)


class Typed(StrEnum):
    """What the words in the box are."""

    NOTHING = "nothing"
    INN = "inn"
    OGRN = "ogrn"
    NUMBER = "number"
    PHONE = "phone"
    DIGITS = "digits"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Route:
    """`value`: digits of an identifier, «+7…» of a phone, the words of a name."""

    typed: Typed
    value: str


def route(text: str) -> Route:
    """Which index to ask. A number of 7 or 8 digits is an account's or a ticket's; 10–11 that are no ИНН are a phone."""
    text = clean(text)[:200]
    marked = _NUMBER.match(text)
    bare = _NUMBER.sub("", text)
    digits = re.sub(r"[\s\u00a0().+/-]", "", bare)
    if not text:
        return Route(Typed.NOTHING, "")
    if not (digits.isascii() and digits.isdigit()):
        phone = normalize_phone(text) if sum(c.isdigit() for c in text) >= 10 else None
        return Route(Typed.PHONE, phone[0]) if phone else Route(Typed.NAME, text)
    if marked or (len(digits) in (7, 8) and digits == re.sub(r"[\s\u00a0]", "", bare)):
        return Route(Typed.NUMBER, digits)
    if len(digits) in (10, 12) and is_inn(digits):
        return Route(Typed.INN, digits)
    if len(digits) in (13, 15):
        return Route(Typed.OGRN, digits)
    if phone := normalize_phone(text):
        return Route(Typed.PHONE, phone[0])
    return Route(Typed.INN if len(digits) in (10, 12) else Typed.DIGITS, digits)


@dataclass(slots=True)
class Found:
    """Clients, the best first. `capped`: more words are needed; `meant`: what was searched instead (layout, slips)."""

    clients: list[Client] = field(default_factory=list)
    capped: bool = False
    meant: str = ""

    @property
    def note(self) -> str:
        if self.capped:
            return "Показаны не все совпадения: уточните запрос."
        return f"Показаны результаты для «{self.meant}»." if self.meant else ""


def search_clients(text: str, *, limit: int = SHOWN) -> Found:
    """At most `limit` clients for what was typed."""
    asked = route(text)
    match asked.typed:
        case Typed.NOTHING:
            return Found()
        case Typed.INN:
            return Found(_ordered(Client.objects.filter(inn=asked.value))[:limit])
        case Typed.OGRN:
            return Found(list(Client.objects.filter(ogrn=asked.value)))
        case Typed.PHONE:
            return Found(by_phone(asked.value, limit=limit))
        case Typed.NUMBER:
            found = (
                list(Client.objects.filter(main_account_number=int(asked.value))[:limit])
                if len(asked.value) < 10
                else []
            )
            return Found(found or by_digits(asked.value, limit=limit))
        case Typed.DIGITS:
            return Found(by_digits(asked.value, limit=limit))
    return by_name(asked.value, limit=limit)


def by_phone(number: str, *, limit: int = SHOWN) -> list[Client]:
    """Cards and people with this number; wrong numbers do not lead anywhere."""
    ids = set(Client.objects.filter(phone_tail=number).values_list("pk", flat=True)[:CANDIDATES])
    ids |= set(
        ClientPhone.objects.filter(number=number, is_wrong=False).values_list("client_id", flat=True)[:CANDIDATES]
    )
    ids |= set(
        ClientPerson.objects.filter(person__phone=number, person__erased_at=None).values_list("client_id", flat=True)[
            :CANDIDATES
        ]
    )
    return _ordered(Client.objects.filter(pk__in=ids))[:limit]


def by_digits(digits: str, *, limit: int = SHOWN) -> list[Client]:
    """A beginning of an ИНН, or an end of a phone: one query of indexed branches, never one OR (3 s at 12 million)."""
    if len(digits) < 3:
        return []
    # The index of ИНН leaves out the empty ones, and only an explicit condition tells the planner so.
    inn = (
        Client.objects.exclude(inn="")
        .filter(inn__startswith=digits)
        .order_by()
        .values_list("pk", flat=True)[:CANDIDATES]
    )
    tail = (
        Client.objects.exclude(phone_tail="")
        .annotate(tail=Reverse(F("phone_tail")))
        .filter(tail__startswith=digits[::-1])
    )
    branches = [inn]
    if len(digits) >= 4:
        branches.append(tail.order_by().values_list("pk", flat=True)[:CANDIDATES])
    ids = branches[0].union(*branches[1:], all=True) if len(branches) > 1 else branches[0]
    return _ordered(Client.objects.filter(pk__in=list(ids)))[:limit]


def by_name(text: str, *, limit: int = SHOWN) -> Found:
    """By words of the name in any order; then the same keys in the other layout; then with slips."""
    for words in dict.fromkeys((normalize_name(text), normalize_name(switch_layout(text)))):
        if words:
            found = _like(words, limit)
            if found.clients:
                found.meant = "" if words == normalize_name(text) else words
                return found
    return _similar(normalize_name(text), limit)


def _like(words: str, limit: int) -> Found:
    """Names that begin so first, because candidates of a common word are an arbitrary thousand."""
    first = list(Client.objects.filter(name_norm__startswith=words).order_by("name_norm", "pk")[:limit])
    if len(first) >= limit or len(words) < 3:
        return Found(first, capped=len(first) >= limit)
    parts = [f"%{_escaped(word)}%" for word in words.split()[:8]]
    # One LIKE per word: «LIKE ALL (array)» knows no trigram index and reads the whole register.
    each = " AND ".join(["name_norm LIKE %s"] * len(parts))
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH found AS (SELECT id, name_norm FROM clients_client WHERE {each} LIMIT %s)"
            " SELECT id, count(*) OVER () FROM found ORDER BY similarity(name_norm, %s) DESC, name_norm, id LIMIT %s",
            [*parts, CANDIDATES, words, limit],
        )
        rows = cursor.fetchall()
    ids = [pk for pk, _total in rows]
    return Found(_in_order(first, ids, limit), capped=bool(rows) and rows[0][1] >= min(limit + 1, CANDIDATES))


def _similar(words: str, limit: int) -> Found:
    """With slips: every word of four letters or more is mended to a known word of names, then searched as usual.

    The dictionary of words is small beside the register, so a slip costs what a search costs.
    """
    parts = words.split()[:6]
    options = [[word] if len(word) < 4 else _known_words(word) or [word] for word in parts]
    for mended in islice(product(*options), TRIED):
        if list(mended) != parts:
            found = _like(" ".join(mended), limit)
            if found.clients:
                found.meant = " ".join(mended)
                return found
    return Found()


def _known_words(word: str) -> list[str]:
    """The words of names that resemble this one, the nearest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, false)", [str(SIMILAR)])
        cursor.execute(
            "SELECT word FROM clients_nameword WHERE word %% %s ORDER BY similarity(word, %s) DESC, abs(length(word) - length(%s)), word LIMIT 3",
            [word, word, word],
        )
        return [found for (found,) in cursor.fetchall()]


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _in_order(first: Iterable[Client], ids: list[int], limit: int) -> list[Client]:
    cards = Client.objects.in_bulk(ids)
    merged = {client.pk: client for client in first} | {pk: cards[pk] for pk in ids if pk in cards}
    return list(merged.values())[:limit]


def _ordered(queryset) -> list[Client]:
    """Living ones first, then by name."""
    return sorted(queryset[:CANDIDATES], key=lambda c: (c.is_ceased, c.kpp[4:6] not in ("", "01"), c.name_norm, c.pk))


# --- «Введите ИНН» -----------------------------------------------------------------------------------------------------


class InnStatus(StrEnum):
    """The three answers of R2.75 and the good one."""

    WRONG = "wrong"
    UNKNOWN = "unknown"
    CEASED = "ceased"
    FOUND = "found"


@dataclass(frozen=True, slots=True)
class InnAnswer:
    """`clients`: cards of the ИНН, the head office first; empty for a wrong or an unknown one."""

    status: InnStatus
    message: str
    clients: tuple[Client, ...] = ()

    @property
    def connectable(self) -> tuple[Client, ...]:
        return tuple(client for client in self.clients if not client.is_ceased)


def lookup_inn(text: str) -> InnAnswer:
    """What to answer to an ИНН typed by hand (R2.74–R2.75): its check digits are looked at before the register."""
    inn = re.sub(r"\s", "", clean(text))  # pasted with spaces, also with those that nobody sees
    if not inn:
        return InnAnswer(InnStatus.WRONG, "Введите ИНН: 10 цифр организации или 12 цифр предпринимателя.")
    if not (inn.isascii() and inn.isdigit() and len(inn) in (10, 12)):
        return InnAnswer(
            InnStatus.WRONG, "Ошибка в ИНН: в нем 10 цифр у организации или 12 у предпринимателя. Проверьте цифры."
        )
    if not is_inn(inn):
        return InnAnswer(InnStatus.WRONG, "Ошибка в ИНН: контрольная сумма не сходится. Проверьте цифры.")
    clients = tuple(_ordered(Client.objects.filter(inn=inn)))
    if not clients:
        return InnAnswer(
            InnStatus.UNKNOWN, "Организация не зарегистрирована на территории РФ: такого ИНН нет в ЕГРЮЛ и ЕГРИП."
        )
    if all(client.is_ceased for client in clients):
        last = max(client.ceased_on for client in clients)
        return InnAnswer(
            InnStatus.CEASED, f"Организация прекратила деятельность {last:%d.%m.%Y}: подключить ее нельзя.", clients
        )
    return InnAnswer(InnStatus.FOUND, "", clients)
