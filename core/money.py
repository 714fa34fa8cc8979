"""Roubles: `Decimal` with kopecks, rounded half up once per line (decision 4; billing 3.1).

Money is given as `Decimal` or as a whole `int` of roubles. A `float` (or `bool`) is refused with `TypeError`
wherever it comes near: 0.1 + 0.2 is not 0.3, and such an error shows up years later as a lost kopeck.
"""

from __future__ import annotations

import re
from decimal import Decimal

NB = "\u00a0"
MINUS = "\u2212"
LIMIT = Decimal("999999999999.99")  # numeric(14,2)

# Sums as people and banks write them: 15150 · 15 150,00 · 15150.00 · 175000-00 · 18026=52 · 150 руб. 50 коп.
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f']+")
_WORDS = re.compile(
    r"^([+-]?)([\d.,=-]+?)(?:₽|рублей|рубля|рубль|руб\.?|р\.?|rub)(?:(\d{1,2})(?:копеек|копейки|копейка|коп\.?|к\.?))?$"
)
_PLAIN = re.compile(r"^([+-]?)(\d+)(?:[.,=-](\d{1,2}))?$")
_GROUPED = re.compile(r"^[+-]?\d{1,3}(?:([.,])\d{3})+(?!\1)[.,]\d{1,2}$")


def exact(amount: Decimal | int) -> Decimal:
    """The amount as a finite `Decimal`, unrounded. `TypeError` for float, bool, str; `ValueError` for NaN and infinity."""
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int):
        raise TypeError(f"Money is Decimal or int, not {type(amount).__name__}.")
    amount = Decimal(amount)
    if not amount.is_finite():
        raise ValueError("Money must be a finite number.")
    return amount


def ratio(amount: Decimal | int, numerator: int, denominator: int) -> Decimal:
    """amount × numerator / denominator, rounded half up (away from zero) to the kopeck, in whole numbers only.

    No factor is rounded on the way and no decimal context takes part: a factor cut to 9 digits is wrong by a
    kopeck in 0.7 % of changes (billing 3.13). `denominator` must be positive.
    """
    if denominator < 1:
        raise ValueError("The denominator must be positive.")
    top, bottom = exact(amount).as_integer_ratio()
    top, bottom = top * numerator * 100, bottom * denominator
    units = (2 * abs(top) + bottom) // (2 * bottom)
    return from_kopecks(-units if top < 0 else units)


def half_up(amount: Decimal | int) -> Decimal:
    """Rounded to the kopeck, halves away from zero, always with two places: 500.005 → 500.01, as PostgreSQL does."""
    return ratio(amount, 1, 1)


def kopecks(amount: Decimal | int) -> int:
    """Whole kopecks of an already rounded amount (payment QR). `ValueError` when a part of a kopeck is left."""
    units = exact(amount).as_integer_ratio()
    if (units[0] * 100) % units[1]:
        raise ValueError("The amount has a part of a kopeck: round it first.")
    return units[0] * 100 // units[1]


def from_kopecks(units: int) -> Decimal:
    """Roubles of whole kopecks: 1050 → 10.50, exact for any size."""
    sign, digits = (1 if units < 0 else 0), tuple(int(digit) for digit in str(abs(units)))
    return Decimal((sign, digits, -2))


def parse_money(text: str) -> Decimal:
    """Roubles out of what a person typed or a bank wrote: «15 150,00 ₽», «175000-00», «1.234,50», «150 руб. 50 коп.».

    Two places in the result. `ValueError` with a Russian sentence for an empty text, for no sum, for parts of
    a kopeck and for more than numeric(14,2) holds. «1,234» is refused: it may mean either 1,23 or 1234.
    """
    if not isinstance(text, str):
        raise TypeError(f"Text expected, not {type(text).__name__}.")
    value = _SPACES.sub("", text).lower().replace(MINUS, "-").replace("–", "-")
    if not value:
        raise ValueError("Введите сумму, например 15 150,00.")
    coins = None
    if words := _WORDS.match(value):
        value, coins = words[1] + words[2], words[3]
    if _GROUPED.match(value):
        value = re.sub(r"[.,](?=.*[.,])", "", value)
    plain = _PLAIN.match(value) if value.isascii() else None
    if plain is None or (coins and plain[3]):
        raise ValueError("Сумма не распознана: напишите ее цифрами, например 15 150,00.")
    fraction = (coins.zfill(2) if coins else (plain[3] or "")).ljust(2, "0")
    amount = Decimal(f"{plain[1]}{plain[2]}.{fraction}")
    if abs(amount) > LIMIT:
        raise ValueError("Сумма слишком велика: проверьте, нет ли лишних цифр.")
    return amount


def format_money(amount: Decimal | int, sign: str = "") -> str:
    """«15 150,00» with U+00A0 between groups; `sign="₽"` adds « ₽». Rounds half up for the eye only."""
    text = f"{half_up(amount):,.2f}".replace(",", NB).replace(".", ",").replace("-", MINUS)
    return f"{text}{NB}{sign}" if sign else text
