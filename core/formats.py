"""How values look in Russian: one function per kind, used by template filters, list cells and messages.

U+00A0 inside numbers and before ₽, U+2212 for minus, dates dd.mm.yyyy (decision 37).
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import timezone

NB = "\u00a0"
MINUS = "\u2212"
_MONTHS = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()


def money(value: Decimal | int | None) -> str:
    """«3 412 600,50», roubles and kopecks, no sign of the currency; "" for None."""
    if value is None:
        return ""
    return f"{Decimal(value):,.2f}".replace(",", NB).replace(".", ",").replace("-", MINUS)


def roubles(value: Decimal | int | None) -> str:
    """«3 412 601 ₽»: whole roubles, half up, for summaries."""
    if value is None:
        return ""
    whole = Decimal(value).quantize(Decimal(1), rounding="ROUND_HALF_UP")
    return f"{whole:,}".replace(",", NB).replace("-", MINUS) + NB + "₽"


def group(value: int | str | None) -> str:
    """«1 204 518»: digits in groups of three, for counts and account numbers."""
    if value is None or value == "":
        return ""
    return f"{int(value):,}".replace(",", NB).replace("-", MINUS)


def day(value: date | datetime | None) -> str:
    """«03.11.2026»; a moment is taken in the current zone: the viewer's within a request, else the installation's."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(timezone.get_current_timezone())
    return f"{value.day:02}.{value.month:02}.{value.year}"


def moment(value: datetime | None, zone: str | None = None) -> str:
    """«03.11.2026 16:42» in `zone` (IANA; None: the current one, see `day`)."""
    if value is None:
        return ""
    local = value.astimezone(_zone(zone) if zone else timezone.get_current_timezone())
    return f"{local.day:02}.{local.month:02}.{local.year} {local.hour:02}:{local.minute:02}"


def long_day(value: date | None) -> str:
    """«3 ноября 2026 г.» for running text."""
    return f"{value.day}{NB}{_MONTHS[value.month - 1]} {value.year}{NB}г." if value else ""


def percent(value: Decimal | None) -> str:
    """«12,5 %»."""
    if value is None:
        return ""
    return f"{Decimal(value).normalize():f}".replace(".", ",").replace("-", MINUS) + NB + "%"


def phone(value: str | None) -> str:
    """«+7 (495) 000-14-52» from +7 and ten digits; anything else as it is. Local codes of 4 digits stay as 3 + 7."""
    found = re.fullmatch(r"\+7(\d{3})(\d{3})(\d{2})(\d{2})", value or "")
    return "+7{0}({1}){0}{2}-{3}-{4}".format(NB, *found.groups()) if found else value or ""


def initials(last_name: str, first_name: str = "", middle_name: str = "") -> str:
    """«Травина А. Е.» with no-break spaces."""
    return NB.join([last_name, *(f"{part[0]}." for part in (first_name, middle_name) if part)])


@lru_cache(maxsize=32)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
