"""Erasure of a person's data on his request (152-ФЗ art. 21): accounting facts stay, the person does not."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q

from core import clock, journal
from core.errors import DomainError
from core.rights import require
from partners import erasure
from partners.models import DirectoryPerson, Employee, Erasure, PartnerApplication
from partners.rights import Right


@transaction.atomic
def person_erase(*, number: str, reason: str, chosen: dict[str, Collection[int]], by: Employee) -> Erasure:
    """Make the chosen rows nameless and write the act. `chosen` = {source: ids}, as the preview offered them.

    The act and its journal entry hold counts, never the data that went.
    """
    require(by, Right.ADMIN)
    counts = erasure.erase(chosen, by=by)
    if not sum(counts.values()):
        raise DomainError("Отметьте записи, которые нужно обезличить.", code="nothing_chosen")
    act = Erasure.objects.create(number=number, reason=reason, by=by, at=clock.now(), counts=counts)
    journal.record(act, "person.erased", by=by, data={"counts": counts})
    return act


def _found_applications(wanted: erasure.Wanted) -> list[erasure.FoundPerson]:
    where = _contact_q(wanted) | (Q(person__iexact=wanted.name) if wanted.name else Q(pk__in=[]))
    rows = PartnerApplication.objects.filter(where).exclude(person=erasure.GONE)
    return [erasure.FoundPerson(a.pk, a.person, f"Заявка № {a.pk}: {a.name}") for a in rows[:100]]


def _erase_applications(ids: list[int], *, by: Employee) -> int:
    rows = PartnerApplication.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    return PartnerApplication.objects.filter(pk__in=[a.pk for a in rows]).update(
        person=erasure.GONE, phone="", email="erased@invalid.example", comment=""
    )


def _found_employees(wanted: erasure.Wanted) -> list[erasure.FoundPerson]:
    where = _contact_q(wanted)
    if wanted.name:
        last, *rest = wanted.name.split()
        named = Q(last_name__iexact=last)
        for field, value in zip(("first_name", "middle_name"), rest, strict=False):
            named &= Q(**{f"{field}__iexact": value})
        where |= named
    rows = Employee.objects.filter(where, erased_at=None).select_related("salespoint")
    return [
        erasure.FoundPerson(e.pk, e.full_name, f"Сотрудник, {e.salespoint}{'' if e.is_active else ', заблокирован'}")
        for e in rows[:100]
    ]


def _erase_employees(ids: list[int], *, by: Employee) -> int:
    """Only those who are blocked: whoever still works here works under his name."""
    rows = list(Employee.objects.select_for_update(of=("self",)).filter(pk__in=ids, erased_at=None).order_by("pk"))
    if working := next((e for e in rows if e.is_active), None):
        raise DomainError(f"{working.short_name} еще работает. Сначала заблокируйте доступ.", code="working")
    for employee in rows:
        DirectoryPerson.objects.filter(external_id=employee.external_id or "").delete()
        employee.last_name, employee.first_name, employee.middle_name = "Сотрудник", f"№ {employee.pk}", ""
        employee.login, employee.external_id = f"erased-{employee.pk}", None
        employee.position = employee.phone = employee.email = ""
        employee.set_unusable_password()
        employee.erased_at = clock.now()
        employee.version += 1
        employee.save(
            update_fields=["last_name", "first_name", "middle_name", "login", "external_id", "position", "phone", "email",
                           "password", "erased_at", "version"]
        )  # fmt: skip
        journal.record(employee, "employee.erased", by=by)
    return len(rows)


def _contact_q(wanted: erasure.Wanted) -> Q:
    found = Q(pk__in=[])
    if wanted.phone:
        found |= Q(phone=wanted.phone)
    if wanted.email:
        found |= Q(email__iexact=wanted.email)
    return found


erasure.register(
    erasure.ErasureSource("applications", "Заявки партнеров", find=_found_applications, erase=_erase_applications)
)
erasure.register(erasure.ErasureSource("employees", "Сотрудники", find=_found_employees, erase=_erase_employees))
