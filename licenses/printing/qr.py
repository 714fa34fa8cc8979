"""The payment QR by ГОСТ Р 56042-2014: what it says, and its modules to draw (russia.md 3.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

import segno

from core.money import kopecks
from core.text import clean
from licenses.seller import Seller

PREFIX = "ST00012"  # version 0001, UTF-8
QUIET = 4  # modules of white round the code
LIMITS = {"Name": 160, "BankName": 45, "Purpose": 210}


@dataclass(frozen=True, slots=True)
class PaymentQr:
    """`text` as a scanner reads it; `size` of the side and `runs` (x, y, width) of the dark modules, quiet zone included."""

    text: str
    size: int
    runs: tuple[tuple[int, int, int], ...]

    @property
    def path(self) -> str:
        """The dark modules as one SVG path."""
        return "".join(f"M{x} {y}h{width}v1h-{width}z" for x, y, width in self.runs)


def payment_text(entity: Seller, amount: Decimal, purpose: str) -> str:
    """The text of the code; "" when the requisites do not suffice for a transfer or there is nothing to pay."""
    facts = {
        "Name": entity.title,
        "PersonalAcc": entity.bank_account,
        "BankName": entity.bank_name,
        "BIC": entity.bik,
        "CorrespAcc": entity.corr_account or "0",
    }
    if amount <= 0 or not all(facts.values()):
        return ""
    facts |= {"PayeeINN": entity.inn, "KPP": entity.kpp, "Sum": str(kopecks(amount)), "Purpose": purpose}
    values = {name: _value(name, text) for name, text in facts.items() if text}
    return "|".join([PREFIX, *(f"{name}={text}" for name, text in values.items())])


def payment_qr(text: str) -> PaymentQr:
    """Error correction M, as the standard asks; UTF-8 without an ECI mark, which banking programs trip over."""
    code = segno.make(text, encoding="utf-8", eci=False, micro=False, error="m", boost_error=False)
    rows = list(code.matrix_iter(scale=1, border=QUIET))
    return PaymentQr(text, len(rows), tuple(_runs(rows)))


def _runs(rows: list) -> Iterator[tuple[int, int, int]]:
    for y, row in enumerate(rows):
        x = 0
        for is_dark, modules in groupby(row, bool):
            width = len(list(modules))
            if is_dark:
                yield x, y, width
            x += width


def _value(name: str, text: str) -> str:
    """Without the separator, cut to the limit of the standard."""
    return clean(text.replace("|", " "))[: LIMITS.get(name)]
