"""Letters to clients by day of the window: the texts the program comes with, and filling them in. No database, no clock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

NAMES = {
    "client": "название организации",
    "account": "номер аккаунта",
    "licences": "что заканчивается",
    "until": "последний день лицензии",
    "days": "сколько дней осталось или прошло",
    "manager": "ответственный",
    "phone": "телефон ответственного",
}
"""What a letter may name in braces, and what it is."""
_NAME = re.compile(r"\{(\w*)\}")
_END = "\n\nВаш менеджер: {manager}{phone}.\n"


@dataclass(frozen=True, slots=True)
class Letter:
    """`days_left` before the last day; below zero after it."""

    days_left: int
    subject: str
    body: str
    is_active: bool = True

    @property
    def slug(self) -> str:
        return str(self.days_left)


DEFAULTS = (
    Letter(
        60,
        "Лицензия «{licences}» действует по {until}",
        "Здравствуйте!\n\nЛицензия организации «{client}» ({licences}) действует по {until}.\n"
        "Чтобы работа не прерывалась, мы подготовим счет на следующий период заранее: ответьте на это письмо или дождитесь звонка."
        + _END,
    ),
    Letter(
        30,
        "До окончания лицензии {days}",
        "Здравствуйте!\n\nДо окончания лицензии организации «{client}» ({licences}) {days}: она действует по {until}.\n"
        "Если счет на продление еще не получен, ответьте на это письмо: пришлем его сегодня." + _END,
    ),
    Letter(
        7,
        "Лицензия заканчивается {until}",
        "Здравствуйте!\n\nЛицензия организации «{client}» ({licences}) заканчивается {until}, осталось {days}.\n"
        "После этого дня отправка документов и отчетов будет недоступна до продления." + _END,
    ),
    Letter(
        -3,
        "Лицензия закончилась {until}",
        "Здравствуйте!\n\nЛицензия организации «{client}» ({licences}) закончилась {until}.\n"
        "Чтобы снова отправлять документы и отчеты, продлите ее: ответьте на это письмо, и мы пришлем счет." + _END,
    ),
)
"""Sixty, thirty and seven days before, three days after. The operator's own text of a day stands instead."""


def unknown_names(text: str) -> list[str]:
    """Names in braces that no letter knows, in order: «{sum}»."""
    return [match[0] for match in _NAME.finditer(text) if match[1] not in NAMES]


def fill(text: str, facts: Mapping[str, str]) -> str:
    """Put facts into a text; a name without a fact becomes empty. Nothing else in the text is interpreted."""
    return _NAME.sub(lambda match: facts.get(match[1], ""), text)
