"""Employees for tests of the kernel: a sales point and a person, with or without a built-in role."""

from core import clock
from partners.models import Employee, LegalEntity, Partner, Region, Role, RoleAssignment, SalesPoint


def sales_point(code: str = "7699") -> SalesPoint:
    found = SalesPoint.objects.filter(code=code).first()
    if found:
        return found
    region, _ = Region.objects.get_or_create(
        code="39", defaults={"name": "Калининградская область", "zone": "Europe/Kaliningrad"}
    )
    entity, _ = LegalEntity.objects.get_or_create(inn="3906900574", defaults={"name": "ООО «Пример»"})
    partner, _ = Partner.objects.get_or_create(name="Пример", kind=Partner.Kind.COMPANY)
    return SalesPoint.objects.create(
        code=code,
        name="Центральный офис",
        partner=partner,
        legal_entity=entity,
        region=region,
        zone="Europe/Kaliningrad",
    )


def employee(login: str, role: str | None = None) -> Employee:
    person = Employee.objects.create(login=login, last_name=login.title(), first_name="Анна", salespoint=sales_point())
    if role:
        RoleAssignment.objects.create(employee=person, role=Role.objects.get(code=role), granted_at=clock.now())
    return person
