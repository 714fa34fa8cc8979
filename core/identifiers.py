"""Russian identifiers: ИНН, КПП, ОГРН, ОГРНИП, БИК, accounts (russia.md 2, decision 15).

Every check takes any value, answers True or False, never raises and strips nothing: « 7718159470» is wrong.
Register data that fails a check is kept and flagged, never dropped. A private module, because the well-known
library refuses 23 % of the valid ОГРНИП (it forgets the «mod 10») and accepts ИНН 0000000000.
"""

from __future__ import annotations

import re
from operator import mul

from core.phones import normalize_phone

__all__ = ["is_bank_account", "is_bik", "is_inn", "is_kpp", "is_ogrn", "is_ogrnip", "normalize_phone"]

_KPP = re.compile(r"(?!00)[0-9]{4}[0-9A-Z]{2}[0-9]{3}")
_BIK = re.compile(r"0[0124][0-9]{7}")
_INN_10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_11 = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_12 = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_ACCOUNT = (7, 1, 3)


def is_inn(text: str) -> bool:
    """ИНН of a legal entity (10 digits) or of a person (12), with its check digits; a leading "00" is refused (R2.74)."""
    if not (_digits(text, 10) or _digits(text, 12)) or text.startswith("00"):
        return False
    if len(text) == 10:
        return _check(text, _INN_10) == int(text[9])
    return _check(text, _INN_11) == int(text[10]) and _check(text, _INN_12) == int(text[11])


def is_kpp(text: str) -> bool:
    """КПП: tax office, two signs of the reason, three digits. It has no check digit."""
    return isinstance(text, str) and _KPP.fullmatch(text) is not None


def is_ogrn(text: str) -> bool:
    """ОГРН of a legal entity: 13 digits, the first 1 or 5 (others number other records), «mod 11 mod 10»."""
    return _digits(text, 13) and text[0] in "15" and int(text[:12]) % 11 % 10 == int(text[12])


def is_ogrnip(text: str) -> bool:
    """ОГРНИП of an entrepreneur: 15 digits, the first 3, «mod 13 mod 10»: remainders 10–12 give 0–2."""
    return _digits(text, 15) and text[0] == "3" and int(text[:14]) % 13 % 10 == int(text[14])


def is_bik(text: str) -> bool:
    """БИК: 9 digits; 04 a bank, 00, 01 and 02 branches and clients of the Bank of Russia, treasuries among them."""
    return isinstance(text, str) and _BIK.fullmatch(text) is not None and text != "0" * 9


def is_bank_account(account: str, bik: str) -> bool:
    """A settlement account of 20 digits with its key in the bank `bik`; of a treasury (БИК not 04…) by format only."""
    if not (_digits(account, 20) and is_bik(bik)):
        return False
    if not bik.startswith("04"):
        return True
    return sum(int(digit) * _ACCOUNT[place % 3] for place, digit in enumerate(bik[-3:] + account)) % 10 == 0


def _digits(text: object, length: int) -> bool:
    """ASCII digits only: str.isdigit() accepts «²» and Arabic digits, which break int() or the database later."""
    return isinstance(text, str) and len(text) == length and text.isascii() and text.isdigit()


def _check(text: str, weights: tuple[int, ...]) -> int:
    return sum(map(mul, weights, map(int, text))) % 11 % 10
