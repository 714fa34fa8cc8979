"""What every directory gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.errors import DomainError

LIMIT = 20
"""People shown for one query."""


class DirectoryDown(DomainError):
    """The accounting system does not answer: nothing was written."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            "Учетная система не отвечает. Повторите через несколько минут или обратитесь к оператору.",
            code="directory_down",
        )


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the accounting system. `external_id` never changes and is never given to another."""

    external_id: str
    login: str
    last_name: str
    first_name: str
    middle_name: str = ""
    position: str = ""
    email: str = ""
    phone: str = ""
    is_active: bool = True

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.last_name, self.first_name, self.middle_name) if part)


class Directory(Protocol):
    """All methods raise DirectoryDown when there is no answer."""

    keeps_passwords: bool
    """True: passwords are checked by the directory. False: by the program's own hashes."""

    def search(self, name: str) -> list[Person]:
        """People whose full name matches, active first, at most LIMIT."""

    def get(self, external_id: str) -> Person | None:
        """One person, or None."""

    def check_password(self, login: str, password: str) -> Person | None:
        """The person when login and password fit, else None. Takes as long for an unknown login as for a known one."""

    def inactive_among(self, external_ids: list[str]) -> set[str]:
        """Those of the ids whose owners no longer work, or are gone."""
