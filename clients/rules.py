"""What is decided about clients from facts alone: no ORM, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from core.dates import add_months

NEW_MONTHS = 6
LOST_MONTHS = 3
STRONG, WEAK = 60, 30
FAR_MONTHS = 24
"""Nobody plans further ahead by hand: a later year is a slip."""
UNDO_DAYS = 30
"""How long a merge of two cards may be taken back."""


def new_since(on: date) -> date:
    """«Новые организации» are registered after this day (R2.7): exactly half a year ago is not new."""
    return add_months(on, -NEW_MONTHS)


def is_new(registered_on: date | None, *, on: date) -> bool:
    return registered_on is not None and registered_on > new_since(on)


def silent_since(on: date) -> date:
    """Who was last active before this day is silent for more than a quarter (R2.4, decision 12)."""
    return add_months(on, -LOST_MONTHS)


def is_lost(last_active_on: date | None, *, on: date) -> bool:
    """A client that was never active is not lost by silence."""
    return last_active_on is not None and last_active_on < silent_since(on)


@dataclass(frozen=True, slots=True)
class Weight:
    """What a shared value adds: the first step whose limit holds the number of cards that share it; beyond: 0."""

    reason: str
    steps: tuple[tuple[int, int], ...]
    is_name: bool = False

    def of(self, sharing: int) -> int:
        return next((score for limit, score in self.steps if sharing <= limit), 0)


ANY = 10**9
WEIGHTS: dict[str, Weight] = {
    "account": Weight("один аккаунт", ((ANY, 100),)),
    "manual": Weight("связаны вручную", ((ANY, 100),)),
    "succession": Weight("правопреемник", ((ANY, 80),)),
    "director_inn": Weight("один руководитель", ((10, 60), (ANY, 20))),
    "founder": Weight("общий учредитель", ((ANY, 50),)),
    "phone": Weight("один телефон", ((3, 40), (10, 15))),
    "email": Weight("один email", ((10, 35),)),
    "domain": Weight("одна почтовая служба организации", ((10, 15),)),
    "address": Weight("один адрес с помещением", ((5, 30), (20, 10))),
    "house": Weight("один дом", ((ANY, 5),)),
    "director_region": Weight("ФИО руководителя и регион", ((ANY, 25),), is_name=True),
    "director_name": Weight("ФИО руководителя", ((ANY, 15),), is_name=True),
    "name": Weight("похожее название", ((ANY, 15),), is_name=True),
}
"""Rule C6. The start values are judgement; the log of decisions tells how to tune them."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A value that two cards share: its kind, and how many cards carry it."""

    kind: str
    sharing: int = 2


@dataclass(frozen=True, slots=True)
class Relation:
    """How strongly two cards are related: the sum of the weights and the reasons, the heaviest first."""

    score: int
    reasons: tuple[str, ...]

    @property
    def is_strong(self) -> bool:
        return self.score >= STRONG

    @property
    def is_shown(self) -> bool:
        return self.score >= WEAK


def relation(shared: Iterable[Shared]) -> Relation:
    """The score of a pair. Names alone relate nobody: without another signal the score is 0.

    A kind counts once, by its rarest value; an address with an office makes its house say nothing more.
    """
    best: dict[str, int] = {}
    for value in shared:
        best[value.kind] = max(best.get(value.kind, 0), WEIGHTS[value.kind].of(value.sharing))
    if "director_region" in best or "director_inn" in best:
        best.pop("director_name", None)
    if best.get("director_inn"):
        best.pop("director_region", None)
    if best.get("address"):
        best.pop("house", None)
    if best.get("email"):
        best.pop("domain", None)
    heavy = {kind: score for kind, score in best.items() if score}
    if not any(not WEIGHTS[kind].is_name for kind in heavy):
        return Relation(0, ())
    order = sorted(heavy, key=lambda kind: -heavy[kind])
    return Relation(sum(heavy.values()), tuple(WEIGHTS[kind].reason for kind in order))


def merge_refusal(main: tuple[str, str, str, str], other: tuple[str, str, str, str]) -> str:
    """Why two cards, each (kind, ОГРН, ИНН, КПП), may not become one; "" when they may (rule C6).

    One of them has to be typed by hand: two records of the register stay two cards (decision 14).
    """
    if not main[2] or main[2] != other[2]:
        return "У карточек разный ИНН: объединить можно только карточки одной организации."
    if main[1] and other[1]:
        return "Обе карточки есть в реестре под своими ОГРН: это две записи, объединить их нельзя."
    if main[0] != other[0]:
        return "Карточки разного вида: предприниматель и физическое лицо ведутся отдельно."
    return ""


def is_same_record(a: tuple[str, str, str, str], b: tuple[str, str, str, str]) -> bool:
    """Level D1 of two cards, each (kind, ОГРН, ИНН, КПП): one record written twice. Else cards of one ИНН are D2."""
    kind_a, ogrn_a, inn_a, kpp_a = a
    kind_b, ogrn_b, inn_b, kpp_b = b
    if ogrn_a and ogrn_a == ogrn_b and (kpp_a == kpp_b or not kpp_a or not kpp_b):
        return True
    if ogrn_a and ogrn_b and ogrn_a != ogrn_b:
        return False  # two records of the register: twins, not one card (decision 14)
    if not inn_a or inn_a != inn_b:
        return False
    return kpp_a == kpp_b if len(inn_a) == 10 else kind_a == kind_b


def term_problem(day: date, *, on: date) -> str:
    """What is wrong with a term typed by hand for a task, "" for nothing."""
    if day < on:
        return "Срок уже прошел. Укажите сегодня или позже."
    return "До срока больше двух лет. Проверьте год." if day > add_months(on, FAR_MONTHS) else ""
