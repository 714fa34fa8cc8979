"""Objects for tests, with defaults that satisfy every constraint; name only what the test is about."""

from datetime import date

import factory
from factory.django import DjangoModelFactory

from clients.models import Binding, BindingTopic, Client, ClientDetails, ClientPhone
from core import clock
from core.names import normalize_name
from partners.models import (
    Department,
    DirectoryPerson,
    Employee,
    LegalEntity,
    Partner,
    Region,
    Role,
    RoleAssignment,
    SalesPoint,
)

# ---- «Мы и партнеры» -------------------------------------------------------------------------------------------------


def region(code: str = "39") -> Region:
    """A seeded region by its tax code."""
    return Region.objects.get(code=code)


class LegalEntityFactory(DjangoModelFactory):
    class Meta:
        model = LegalEntity
        django_get_or_create = ("inn",)

    name = "ООО «Пример Биллинг»"
    inn = "3906900574"
    kpp = "390601001"


class PartnerFactory(DjangoModelFactory):
    class Meta:
        model = Partner
        django_get_or_create = ("name",)

    name = "Наша компания"
    kind = Partner.Kind.COMPANY


class SalesPointFactory(DjangoModelFactory):
    """`serves=("39", "78")`: regions of the point; the first one is its own."""

    class Meta:
        model = SalesPoint
        django_get_or_create = ("code",)
        skip_postgeneration_save = True

    class Params:
        serves = ("39",)

    code = factory.Sequence(lambda n: f"{1000 + n % 9000:04}")
    name = factory.LazyAttribute(lambda o: f"Офис {o.code}")
    partner = factory.SubFactory(PartnerFactory)
    legal_entity = factory.SubFactory(LegalEntityFactory)
    region = factory.LazyAttribute(lambda o: region(o.serves[0]))
    zone = factory.LazyAttribute(lambda o: o.region.zone)

    @factory.post_generation
    def regions(self, create, extracted, **kwargs):
        self.regions.add(*(extracted or [self.region]))


class DepartmentFactory(DjangoModelFactory):
    class Meta:
        model = Department

    salespoint = factory.SubFactory(SalesPointFactory)
    name = factory.Sequence(lambda n: f"Отдел {n}")


class DirectoryPersonFactory(DjangoModelFactory):
    class Meta:
        model = DirectoryPerson

    external_id = factory.Sequence(lambda n: f"dir-{n}")
    login = factory.Sequence(lambda n: f"person{n}")
    last_name = "Каверкина"
    first_name = "Нина"
    middle_name = "Игоревна"
    position = "менеджер"
    email = factory.LazyAttribute(lambda o: f"{o.login}@example.org")


class EmployeeFactory(DjangoModelFactory):
    """An employee without rights; a demo login, so no second factor is asked for."""

    class Meta:
        model = Employee

    login = factory.Sequence(lambda n: f"employee{n}")
    last_name = factory.Sequence(lambda n: f"Сотрудников{'абвгдежзиклмн'[n % 13]}")
    first_name = "Анна"
    middle_name = "Евгеньевна"
    salespoint = factory.SubFactory(SalesPointFactory, code="7699", name="Центральный офис")
    is_demo = True
    password = "!"


def employee(role: str | None = "manager", *, point: SalesPoint | None = None, **fields) -> Employee:
    """An employee with a built-in role (None: no rights at all) at a sales point (default: 7699)."""
    person = EmployeeFactory(**({"salespoint": point} if point else {}), **fields)
    if role:
        RoleAssignment.objects.create(employee=person, role=Role.objects.get(code=role), granted_at=clock.now())
    return person


# ---- «Все клиенты» ---------------------------------------------------------------------------------------------------


def inn10(n: int, region_code: str = "39") -> str:
    """A valid ИНН of a legal entity."""
    text = f"{region_code}{n % 10_000_000:07}"
    return text + str(sum(w * int(d) for w, d in zip((2, 4, 10, 3, 5, 9, 4, 6, 8), text, strict=True)) % 11 % 10)


def ogrn13(n: int) -> str:
    """A valid ОГРН."""
    text = f"1{n % 10**11:011}"
    return text + str(int(text) % 11 % 10)


class ClientFactory(DjangoModelFactory):
    """A legal entity of region 39, nobody's, registered long ago. `phone="+7…"` gives it a phone."""

    class Meta:
        model = Client
        skip_postgeneration_save = True

    kind = "legal"
    inn = factory.Sequence(inn10)
    kpp = "390601001"
    ogrn = factory.Sequence(ogrn13)
    name = factory.Sequence(lambda n: f"Ромашка {n}, ООО")
    name_norm = factory.LazyAttribute(lambda o: normalize_name(o.name))
    region_code = "39"
    city = "Калининград"
    registered_on = date(2015, 3, 2)

    @factory.post_generation
    def phone(self, create, extracted, **kwargs):
        if extracted:
            ClientPhone.objects.create(client=self, number=extracted, created_at=clock.now())
            self.has_phone, self.phone_tail = True, extracted
            self.save(update_fields=["has_phone", "phone_tail"])


def details(client: Client, **fields) -> ClientDetails:
    """The wide row of a card."""
    return ClientDetails.objects.create(client=client, **fields)


def bound(
    client: Client, manager: Employee | None = None, *, point: SalesPoint | None = None, topic: str = "main"
) -> Binding:
    """An open binding, to a manager or to the pool of a sales point."""
    now = clock.now()
    made = Binding.objects.create(
        client=client, topic=BindingTopic.objects.get(code=topic), salespoint=point or manager.salespoint, manager=manager,
        since=now, manager_since=now if manager else None, by=manager,
    )  # fmt: skip
    client.refresh_from_db(fields=["salespoint", "manager"])
    return made
