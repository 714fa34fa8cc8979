"""The operator's texts of letters to clients (issue 6)."""

from __future__ import annotations

from core import clock, journal
from core.db import in_transaction
from core.errors import DomainError
from core.rights import require
from partners.models import Employee
from partners.rights import Right
from renewals import letters
from renewals.models import LetterTemplate

FIRST, LAST = -90, 60


@in_transaction
def letter_set(*, days_left: int, subject: str, body: str, is_active: bool, by: Employee) -> LetterTemplate:
    """Write the letter of a day anew; what was sent stays as it was. DomainError names a word in braces nobody knows."""
    require(by, Right.DICTIONARY_CHANGE)
    if not FIRST <= days_left <= LAST:
        raise DomainError("Дней до окончания — от 60 до −90 (после окончания).", field="days_left")
    subject, body = " ".join((subject or "").split())[:150], (body or "").replace("\x00", "").strip()[:4000]
    for field, text in (("subject", subject), ("body", body)):
        if not text:
            raise DomainError("Напишите тему и текст письма.", field=field)
        if unknown := letters.unknown_names(text):
            raise DomainError(
                f"Программа не знает «{unknown[0]}». Можно: {', '.join('{' + name + '}' for name in letters.NAMES)}.", field=field
            )  # fmt: skip
    letter, _ = LetterTemplate.objects.update_or_create(
        days_left=days_left,
        defaults={
            "subject": subject,
            "body": body,
            "is_active": is_active,
            "changed_at": clock.now(),
            "changed_by": by,
        },
    )
    journal.record(
        letter, "letter.changed", by=by, data={"days_left": days_left, "subject": subject, "is_active": is_active}
    )
    return letter
