"""Contact persons of an account (R2.71)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from accounts.models import Account, AccountContact
from clients.choices import PersonRole
from clients.models import ClientPerson, Person
from core import clock
from core.errors import DomainError
from core.names import normalize_name
from core.phones import normalize_phone
from core.text import clean
from partners.models import Employee

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


@dataclass(frozen=True, slots=True)
class Contact:
    """A person as typed: full name, and at least one way to reach him."""

    full_name: str
    phone: str = ""
    email: str = ""
    role: str = PersonRole.REGISTERS


def contact_attach(*, account: Account, client_id: int, contact: Contact, by: Employee) -> Person:
    """Find or make the person and tie it to the account and the card. `DomainError` for a name, phone or e-mail that is none."""
    name, email = clean(contact.full_name), clean(contact.email).lower()
    if len(name) < 2:
        raise DomainError("Укажите ФИО контактного лица.", field="full_name")
    if email and not _EMAIL.fullmatch(email):
        raise DomainError("Проверьте email: он должен быть в виде name@example.ru.", field="email")
    phone = extension = ""
    if clean(contact.phone):
        normal = normalize_phone(contact.phone)
        if normal is None:
            raise DomainError("Проверьте телефон: нужен номер с кодом города, например +7 (4012) 55-55-55.", field="phone")
        phone, extension = normal[0], normal[1] or ""
    if not phone and not email:
        raise DomainError("Укажите телефон или email контактного лица.", field="phone")
    person = _person(name, phone, extension, email, by)
    AccountContact.objects.get_or_create(
        account=account, person=person, defaults={"role": contact.role, "registers": True, "is_preferred": True}
    )
    ClientPerson.objects.get_or_create(client_id=client_id, person=person, defaults={"role": contact.role, "registers": True})
    return person


def _person(name: str, phone: str, extension: str, email: str, by: Employee) -> Person:
    facts = {"full_name": name, "extension": extension, "email": email, "created_at": clock.now(), "created_by": by}
    if phone:
        return Person.objects.get_or_create(phone=phone, name_norm=normalize_name(name), erased_at=None, defaults=facts)[0]
    known = Person.objects.filter(email=email, name_norm=normalize_name(name), erased_at__isnull=True).first()
    return known or Person.objects.create(phone="", name_norm=normalize_name(name), **facts)
