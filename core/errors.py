"""Typed refusals. Their text is Russian, one sentence, and says what to do; pages show it as it is."""

from __future__ import annotations

from datetime import datetime


class DomainError(Exception):
    """A rule refused the step: nothing was written. Pages answer 422 and keep what was typed.

    `field` names the form field the sentence belongs to; `code` lets tests and callers tell refusals apart.
    """

    status = 422

    def __init__(self, message: str, *, field: str | None = None, code: str = "refused") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code


class Forbidden(DomainError):
    """The object is visible, the right is missing: 403."""

    status = 403

    def __init__(self, message: str = "Недостаточно прав. Обратитесь к руководителю.", **kwargs) -> None:
        super().__init__(message, **{"code": "forbidden", **kwargs})


class Conflict(DomainError):
    """Somebody was first: 409. `who` and `when` tell the loser whom to ask."""

    status = 409

    def __init__(self, message: str, *, who: str = "", when: datetime | None = None, **kwargs) -> None:
        super().__init__(message, **{"code": "conflict", **kwargs})
        self.who = who
        self.when = when
