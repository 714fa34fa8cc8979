"""Sums in words for printed forms: «Пятнадцать тысяч сто пятьдесят рублей 00 копеек» (russia.md 3.1, 3.3)."""

from __future__ import annotations

from decimal import Decimal

from core.money import half_up, kopecks
from core.text import plural

_UNITS = "ноль один два три четыре пять шесть семь восемь девять".split()
_FEMININE = {1: "одна", 2: "две"}
_TEENS = "десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать".split()
_TENS = "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто".split()
_HUNDREDS = "сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот".split()
_SCALES = [
    None,
    ("тысяча", "тысячи", "тысяч"),
    ("миллион", "миллиона", "миллионов"),
    ("миллиард", "миллиарда", "миллиардов"),
    ("триллион", "триллиона", "триллионов"),
]


def number_in_words(n: int, feminine: bool = False) -> str:
    """«двадцать одна тысяча два»; `feminine` for feminine nouns («две»). `ValueError` from a quadrillion on."""
    if isinstance(n, bool) or not isinstance(n, int):
        raise TypeError(f"A whole number expected, not {type(n).__name__}.")
    if abs(n) >= 10**15:
        raise ValueError("The number is too large to be written in words.")
    if n == 0:
        return _UNITS[0]
    words = ["минус"] if n < 0 else []
    for power in range(len(_SCALES) - 1, -1, -1):
        group = abs(n) // 1000**power % 1000
        if not group:
            continue
        words += _below_thousand(group, feminine=power == 1 or (power == 0 and feminine))
        if scale := _SCALES[power]:
            words.append(plural(group, *scale))
    return " ".join(words)


def amount_in_words(amount: Decimal | int) -> str:
    """Roubles in words, kopecks in two digits, with a capital letter; rounded half up. An int is roubles.

    «Сто пятьдесят рублей 50 копеек». `TypeError` for float, `ValueError` from a quadrillion roubles on.
    """
    units = kopecks(half_up(amount))
    roubles, coins = divmod(abs(units), 100)
    words = f"{number_in_words(roubles)} {plural(roubles, 'рубль', 'рубля', 'рублей')} {coins:02} {plural(coins, 'копейка', 'копейки', 'копеек')}"
    if units < 0:
        words = f"минус {words}"
    return words[0].upper() + words[1:]


def _below_thousand(n: int, *, feminine: bool) -> list[str]:
    hundreds, rest = divmod(n, 100)
    words = [_HUNDREDS[hundreds - 1]] if hundreds else []
    if 10 <= rest < 20:
        return [*words, _TEENS[rest - 10]]
    tens, units = divmod(rest, 10)
    if tens:
        words.append(_TENS[tens - 2])
    if units:
        words.append(_FEMININE.get(units, _UNITS[units]) if feminine else _UNITS[units])
    return words
