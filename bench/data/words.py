"""Names as a register has them: a few words in hundreds of thousands of names, many words in a handful (Zipf)."""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate
from random import Random

from sbilling.demo.names import FATHERS, FIRST, MEN, SECOND, SURNAMES, WOMEN

DRAWN = 4096
"""Skewed choices are drawn from tables of this length: one index per draw."""

ROOTS = (
    "Абрам Агап Алекс Андре Антип Архип Баран Белов Богдан Бурл Васил Виногр Воробь Гавр Герас Голуб Горш Гусь Давыд Данил Дем "
    "Дмитр Евдок Елис Ермол Ефим Жук Завьял Зайц Захар Зим Иван Игнат Ильин Казак Карп Кирил Кондрат Копыл Корол Костин Крыл "
    "Кузнец Лебед Леонт Лог Лук Макар Мальц Мартын Матве Медвед Мельник Мирон Митроф Наум Нест Ник Носк Орех Осип Панкрат Пахом "
    "Петр Пономар Прохор Рогож Руд Савел Селив Семен Сидор Смирн Сокол Степан Сухар Тарас Терент Тимоф Трофим Ульян Федот Филат "
    "Фролк Харит Цыган Чистяк Шапош Шевел Щербак Юдак Якуш"
).split()
ENDS = ("ов", "ин", "евский", "енко", "юк", "цев")
SYLLABLES = "ба ве га до жу зо ка ле ма но пи ра си та фе хо ци ша эл юр ям бри гло дра кро пло стро тре кси мур лен рон вит дан".split()
KINDS = (
    "Торговый дом", "Строительная компания", "Управляющая компания", "Группа компаний", "Научно-производственное объединение",
    "Магазин", "Детский сад", "Средняя общеобразовательная школа", "Крестьянское хозяйство", "Частное охранное предприятие",
)  # fmt: skip


def skewed(rng: Random, values: list, power: float) -> list:
    """DRAWN draws in which the n-th value is 1 / n^power as frequent as the first."""
    bounds = list(accumulate(1 / (n + 1) ** power for n in range(len(values))))
    return [values[min(bisect(bounds, rng.random() * bounds[-1]), len(values) - 1)] for _ in range(DRAWN)]


class Vocabulary:
    """Tables of (as shown, as searched) to draw from."""

    def __init__(self, rng: Random) -> None:
        glued = [f"{first}{second.lower()}" for first in FIRST for second in SECOND]
        rng.shuffle(glued)
        common = [*FIRST, "Ромашка", "Купец", "Восток", "Запад", "Гарант", "Прогресс", *SECOND]
        self.common = skewed(rng, _both(common), 0.9)
        self.glued = _both(glued)
        self.rare = _both(sorted({_word(rng) for _ in range(30_000)}))
        self.second = skewed(rng, _both(SECOND), 0.7)
        self.kinds = skewed(rng, _both(list(KINDS)), 0.8)
        surnames = ["Иванов", "Петров", "Смирнов", *SURNAMES, *(root + end for end in ENDS for root in ROOTS)]
        self.men = self._people(rng, surnames, MEN, "ич", _same)
        self.women = self._people(rng, surnames, WOMEN, "на", _feminine)

    def _people(self, rng: Random, surnames: list[str], names: list[str], end: str, shape) -> tuple[list, list, list]:
        fathers = [father + end for father in FATHERS]
        lasts = skewed(rng, _both([shape(name) for name in surnames]), 0.6)
        return lasts, skewed(rng, _both(names), 0.4), skewed(rng, _both(fathers), 0.4)


def _both(words: list[str]) -> list[tuple[str, str]]:
    from core.names import normalize_name

    return [(word, normalize_name(word)) for word in words]


def _word(rng: Random) -> str:
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(3, 5))).capitalize()


def _same(surname: str) -> str:
    return surname


def _feminine(surname: str) -> str:
    if surname.endswith(("ый", "ий")):
        return surname[:-2] + "ая"
    return surname + "а" if surname.endswith(("в", "н")) else surname


__all__ = ["DRAWN", "Vocabulary", "skewed"]
