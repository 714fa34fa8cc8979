"""Identifiers with right check digits, made by adding table entries: a million a second, and nobody's.

Tax offices 80–99 of a region do not exist.
"""

from __future__ import annotations

from itertools import product

OFFICES, LEGAL_PER_OFFICE, PERSONS_PER_OFFICE = 20, 100_000, 1_000_000


def _sums(weights: tuple[int, ...]) -> list[int]:
    """Weighted sums of the digits of 0…10^n - 1."""
    return [
        sum(w * d for w, d in zip(weights, digits, strict=True)) for digits in product(range(10), repeat=len(weights))
    ]


# Weights of Приказ ФНС for 10 digits; for 12 digits the first and the second check digit.
_TEN = (_sums((2, 4, 10, 3)), _sums((5, 9)), _sums((4, 6, 8)))
_TWELVE = (_sums((7, 2, 4, 10)), _sums((3, 5, 9)), _sums((4, 6, 8)))
_LAST = (_sums((3, 7, 2, 4)), _sums((10, 3, 5)), _sums((9, 4, 6)))


def inn_legal(region: str, serial: int) -> str:
    """ИНН of a legal entity; serials of a region below 2 million are unique."""
    office, rest = divmod(serial, LEGAL_PER_OFFICE)
    if office >= OFFICES:
        raise ValueError(f"too many legal entities in region {region}: the scale needs more offices")
    head = int(region) * 100 + 99 - office
    total = _TEN[0][head] + _TEN[1][rest // 1000] + _TEN[2][rest % 1000]
    return f"{head:04d}{rest:05d}{total % 11 % 10}"


def inn_person(region: str, serial: int) -> str:
    """ИНН of an entrepreneur or a person; serials of a region below 20 million are unique."""
    office, rest = divmod(serial, PERSONS_PER_OFFICE)
    head, middle, low = int(region) * 100 + 99 - office, rest // 1000, rest % 1000
    first = (_TWELVE[0][head] + _TWELVE[1][middle] + _TWELVE[2][low]) % 11 % 10
    last = (_LAST[0][head] + _LAST[1][middle] + _LAST[2][low] + 8 * first) % 11 % 10
    return f"{head:04d}{rest:06d}{first}{last}"


def ogrn(region: str, year: int, serial: int) -> str:
    body = f"1{year % 100:02d}{region}{serial:07d}"
    return f"{body}{int(body) % 11 % 10}"


def ogrnip(region: str, year: int, serial: int) -> str:
    body = f"3{year % 100:02d}{region}{serial:09d}"
    return f"{body}{int(body) % 13 % 10}"
