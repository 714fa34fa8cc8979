"""Phones and people of a client: source and basis with every one (152-ФЗ), one record per person (R2.10, R2.44, R2.51)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from clients.choices import PersonRole
from clients.models import Client, ClientPerson, ClientPhone, Person
from clients.models.contacts import Source
from core import clock, journal
from core.db import in_transaction
from core.errors import Conflict, DomainError
from core.names import normalize_name
from core.phones import normalize_phone
from core.text import clean
from partners.models import Employee

from .cards import check_version, locked_client, save_changed
from .signals import signals_refresh

LONGEST_NAME, LONGEST_EMAIL = 200, 254
# One address: what parts several, or a name from its address, is no sign of it.
_SIGN = r"[^@\s.,;:<>()\[\]\"\\]"
_EMAIL = re.compile(rf"{_SIGN}+(\.{_SIGN}+)*@{_SIGN}+(\.{_SIGN}+)+")


@dataclass(frozen=True, slots=True)
class Contact:
    """A person as typed; `email` or `phone` may be empty, not both (`checked`)."""

    full_name: str
    phone: str = ""
    email: str = ""
    role: str = PersonRole.OTHER
    registers: bool = False
    is_preferred: bool = False
    note: str = ""
    do_not_call: bool = False
    email_is_wrong: bool = False
    source: str = Source.MANAGER
    basis: str = ""


def is_email(text: str) -> bool:
    """One address a letter can go to."""
    return len(text) <= LONGEST_EMAIL and bool(_EMAIL.fullmatch(text))


def checked_phone(text: str, *, field: str = "phone") -> tuple[str, str]:
    """`(number, extension)` of what was typed; DomainError for what is no phone."""
    found = normalize_phone(clean(text))
    if found is None:
        raise DomainError("Проверьте телефон: нужен номер с кодом города, например +7 (4012) 55-55-55.", field=field)
    return found[0], found[1] or ""


def _name_of(contact: Contact) -> tuple[str, str]:
    """(as typed, as searched). Small letters of some alphabets are longer than their capitals."""
    name = clean(contact.full_name)
    norm = normalize_name(name)
    if len(name) < 2 or not norm:
        raise DomainError("Укажите ФИО контактного лица.", field="full_name")
    if max(len(name), len(norm)) > LONGEST_NAME:
        raise DomainError("ФИО слишком длинное: сократите его.", field="full_name")
    return name, norm


def _email_of(contact: Contact) -> str:
    """In small letters, "" for none."""
    email = clean(contact.email).lower()
    if email and not is_email(email):
        raise DomainError("Проверьте email: он должен быть в виде name@example.ru.", field="email")
    return email


def person_record(contact: Contact, *, by: Employee | None, client_id: int | None = None) -> Person:
    """Find or make the person: one record per phone and name, or per e-mail and name where there is no phone (R2.51).

    Without either, the same name at the same client is the same person. Used by account contacts too.
    """
    name, norm = _name_of(contact)
    email = _email_of(contact)
    phone, extension = checked_phone(contact.phone) if clean(contact.phone) else ("", "")
    if not phone and not email:
        raise DomainError("Укажите телефон или email контактного лица.", field="phone")
    facts = {
        "full_name": name, "extension": extension, "email": email, "note": clean(contact.note)[:300], "do_not_call": contact.do_not_call,
        "source": contact.source, "basis": clean(contact.basis)[:200], "created_at": clock.now(), "created_by": by,
    }  # fmt: skip
    if phone:
        person, _ = Person.objects.get_or_create(phone=phone, name_norm=norm, erased_at=None, defaults=facts)
        if email and not person.email:
            person.email = email
            person.save(update_fields=["email"])
        return person
    known = Person.objects.filter(email=email, name_norm=norm, erased_at__isnull=True).first()
    return known or Person.objects.create(phone="", name_norm=norm, **facts)


def contact_link(*, client: Client, person: Person, contact: Contact) -> ClientPerson:
    """Tie a person to a card (locked by the caller); the preferred one is alone."""
    if contact.is_preferred:
        ClientPerson.objects.filter(client=client, is_preferred=True).exclude(person=person).update(is_preferred=False)
    link, _ = ClientPerson.objects.update_or_create(
        client=client, person=person,
        defaults={"role": contact.role, "registers": contact.registers, "is_preferred": contact.is_preferred},
    )  # fmt: skip
    return link


@in_transaction
def contact_add(*, client_id: int, contact: Contact, by: Employee) -> ClientPerson:
    """Add a contact person to a card. Accounts offer to add him there too (R2.51)."""
    client = locked_client(client_id, by=by)
    link = contact_link(client=client, person=person_record(contact, by=by), contact=contact)
    _refresh(client)
    journal.record(
        client, "contact.added", by=by, data={"client": client.pk, "person": link.person_id, "role": link.role}
    )
    return link


@in_transaction
def contact_change(*, link_id: int, contact: Contact, by: Employee, version: int | None = None) -> ClientPerson:
    """Change a person and his part at the client. What is changed on the person shows wherever he is linked."""
    client = locked_client(ClientPerson.objects.values_list("client_id", flat=True).get(pk=link_id), by=by)
    link = ClientPerson.objects.select_related("person").get(pk=link_id)
    person = Person.objects.select_for_update().get(pk=link.person_id)
    check_version(person, version)
    phone, extension = checked_phone(contact.phone) if clean(contact.phone) else ("", "")
    email = _email_of(contact)
    name, norm = _name_of(contact)
    if not phone and not email:
        raise DomainError("Укажите телефон или email контактного лица.", field="phone")
    if phone and Person.objects.filter(phone=phone, name_norm=norm, erased_at=None).exclude(pk=person.pk).exists():
        raise Conflict("Такой человек уже записан: добавьте его выбором из найденных.", code="person_once")
    changed = journal.changes(
        person,
        {
            "full_name": name,
            "name_norm": norm,
            "phone": phone,
            "extension": extension,
            "email": email,
            # Another address is right until somebody says otherwise.
            "email_is_wrong": contact.email_is_wrong and bool(email) and email == person.email,
            "note": clean(contact.note)[:300],
            "do_not_call": contact.do_not_call,
            "source": contact.source,
            "basis": clean(contact.basis)[:200],
        },
    )
    if changed:
        person.version += 1
        person.save(update_fields=[*changed, "version"])
    contact_link(client=client, person=person, contact=contact)
    _refresh(client)
    # Which fields, not their contents: the journal is no second store of personal data.
    journal.record(
        client, "contact.changed", by=by, data={"client": client.pk, "person": person.pk, "fields": sorted(changed)}
    )
    return link


@in_transaction
def email_mark(*, client_id: int, person_id: int, is_wrong: bool, by: Employee) -> None:
    """«Email неверный» of a person of this client: the address stays, letters do not go there (R3.26).

    Person.DoesNotExist for somebody else's.
    """
    client = locked_client(client_id, by=by)
    person = Person.objects.select_for_update(of=("self",)).get(pk=person_id, client_links__client=client)
    if person.email and person.email_is_wrong != is_wrong:
        person.email_is_wrong = is_wrong
        person.version += 1
        person.save(update_fields=["email_is_wrong", "version"])
        journal.record(
            client,
            "contact.changed",
            by=by,
            data={"client": client.pk, "person": person.pk, "fields": ["email_is_wrong"]},
        )


@in_transaction
def contact_remove(*, link_id: int, by: Employee) -> None:
    """Take a person off a card; the record stays where he is linked otherwise."""
    client = locked_client(ClientPerson.objects.values_list("client_id", flat=True).get(pk=link_id), by=by)
    person_id = ClientPerson.objects.values_list("person_id", flat=True).get(pk=link_id)
    ClientPerson.objects.filter(pk=link_id).delete()
    _refresh(client)
    journal.record(client, "contact.removed", by=by, data={"client": client.pk, "person": person_id})


@in_transaction
def phone_add(
    *, client_id: int, phone: str, by: Employee, comment: str = "", source: str = Source.MANAGER, basis: str = ""
) -> ClientPhone:
    """Add a phone to the card. The number that was marked wrong and comes again is right again."""
    client = locked_client(client_id, by=by)
    number, extension = checked_phone(phone)
    found, created = ClientPhone.objects.get_or_create(
        client=client, number=number, extension=extension,
        defaults={"raw": clean(phone)[:60], "comment": clean(comment)[:120], "source": source, "basis": clean(basis)[:200], "created_at": clock.now()},
    )  # fmt: skip
    if not created and not found.is_wrong:
        raise Conflict("Такой номер у клиента уже есть.", code="client_phone_once", field="phone")
    if not created:
        found.is_wrong = False
        found.save(update_fields=["is_wrong"])
    _refresh(client)
    journal.record(client, "phone.added", by=by, data={"client": client.pk, "phone": found.pk})
    return found


@in_transaction
def phone_mark(*, phone_id: int, is_wrong: bool, by: Employee) -> ClientPhone:
    """«Номер неверный» and back; a wrong number stays and does not count as «с телефоном» (R2.10, R2.44)."""
    client = locked_client(ClientPhone.objects.values_list("client_id", flat=True).get(pk=phone_id), by=by)
    phone = ClientPhone.objects.select_for_update().get(pk=phone_id)
    if phone.is_wrong != is_wrong:
        phone.is_wrong = is_wrong
        phone.save(update_fields=["is_wrong"])
        _refresh(client)
        journal.record(
            client,
            "phone.marked_wrong" if is_wrong else "phone.restored",
            by=by,
            data={"client": client.pk, "phone": phone.pk},
        )
    return phone


@in_transaction
def phone_remove(*, phone_id: int, by: Employee) -> None:
    """Delete a phone."""
    client = locked_client(ClientPhone.objects.values_list("client_id", flat=True).get(pk=phone_id), by=by)
    ClientPhone.objects.filter(pk=phone_id).delete()
    _refresh(client)
    journal.record(client, "phone.removed", by=by, data={"client": client.pk, "phone": phone_id})


def client_contacts_refresh(client: Client) -> None:
    """Rewrite what the card (locked by the caller) shows of its phones, and what it shares with others."""
    _refresh(client)


def _refresh(client: Client) -> None:
    """`has_phone` counts the organisation's own numbers and its people's; the first right one is searched by."""
    own = (
        ClientPhone.objects.filter(client=client, is_wrong=False)
        .order_by("pk")
        .values_list("number", flat=True)
        .first()
    )
    people = ClientPerson.objects.filter(client=client, person__erased_at=None).exclude(person__phone="")
    tail = own or people.order_by("-is_preferred", "pk").values_list("person__phone", flat=True).first() or ""
    save_changed(client, has_phone=bool(tail), phone_tail=tail[:12])
    signals_refresh([client.pk])
