"""The built-in directory: a table that the operator or an import fills. Passwords are the program's own."""

from __future__ import annotations

import re

from django.db.models import Q

from partners.models import DirectoryPerson

from .base import LIMIT, Person


class BuiltinDirectory:
    keeps_passwords = False

    def search(self, name: str) -> list[Person]:
        found = Q()
        for word in name.split():
            starts = re.sub("[её]", "[её]", re.escape(word.lower()))
            found &= (
                Q(last_name__iregex=f"^{starts}")
                | Q(first_name__iregex=f"^{starts}")
                | Q(middle_name__iregex=f"^{starts}")
            )
        rows = DirectoryPerson.objects.filter(found).order_by("-is_active", "last_name", "first_name", "pk")
        return [_person(row) for row in rows[:LIMIT]]

    def get(self, external_id: str) -> Person | None:
        row = DirectoryPerson.objects.filter(external_id=external_id).first()
        return _person(row) if row else None

    def check_password(self, login: str, password: str) -> Person | None:
        return None

    def inactive_among(self, external_ids: list[str]) -> set[str]:
        """A person the table does not know is left alone: employees made by hand have no row here."""
        rows = DirectoryPerson.objects.filter(external_id__in=external_ids, is_active=False)
        return set(rows.values_list("external_id", flat=True))


def _person(row: DirectoryPerson) -> Person:
    return Person(
        external_id=row.external_id,
        login=row.login,
        last_name=row.last_name,
        first_name=row.first_name,
        middle_name=row.middle_name,
        position=row.position,
        email=row.email,
        phone=row.phone,
        is_active=row.is_active,
    )
