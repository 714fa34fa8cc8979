"""The demo network: company and partner, three sales points in three zones, a dozen employees, people not hired yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.hashers import make_password

from core import clock
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

from .names import Inventor, inn10, ogrn13

POINTS = [  # code, name, region, zone, kind, regions served, legal entity
    ("3901", "Центральный офис", "39", "Europe/Kaliningrad", "own", ["39", "78", "76"], 0),
    ("7701", "Москва", "77", "Europe/Moscow", "own", ["77", "50", "23"], 0),
    ("2501", "Приморье", "25", "Asia/Vladivostok", "partner", ["25", "27", "54", "66"], 1),
]
PEOPLE = [  # login, point, role, last, first, middle, position, department
    ("operator", 0, "operator", "Ольхова", "Нина", "Борисовна", "Оператор SBilling", None),
    ("head", 0, "head", "Каверкина", "Надежда", "Игоревна", "Руководитель точки продаж", "Отдел продаж"),
    ("manager", 0, "manager", "Травина", "Анна", "Евгеньевна", "Менеджер", "Отдел продаж"),
    ("colleague", 0, "manager", "Киржанова", "Алла", "Викторовна", "Менеджер", "Отдел продаж"),
    ("support", 0, "support", "Лунев", "Глеб", "Олегович", "Специалист поддержки", "Отдел поддержки"),
    ("engineer", 0, "engineer", "Ершов", "Кирилл", "Павлович", "Инженер", "Отдел поддержки"),
    ("renewals", 0, "renewals", "Рябинина", "Вера", "Сергеевна", "Специалист центра продлений", "Центр продлений"),
    ("stranger", 1, "manager", "Ветров", "Лев", "Романович", "Менеджер", "Отдел продаж"),
    ("head-moscow", 1, "head", "Заречная", "Ольга", "Львовна", "Руководитель точки продаж", "Отдел продаж"),
    ("manager-moscow", 1, "manager", "Светлова", "Юлия", "Денисовна", "Менеджер", "Отдел продаж"),
    ("head-east", 2, "head", "Грачев", "Максим", "Егорович", "Директор", "Отдел продаж"),
    ("manager-east", 2, "manager", "Озерова", "Инна", "Захаровна", "Менеджер", "Отдел продаж"),
    ("support-east", 2, "support", "Фомин", "Павел", "Кириллович", "Специалист поддержки", "Отдел поддержки"),
]
BANKS = [("044525000", "40702810100000000001"), ("044525000", "40702810400000000002")]


def account_key(bik: str, account: str) -> str:
    """The same account with a right check digit (ЦБ, weights 7-1-3 over the last 3 digits of БИК and the account)."""
    weights = (7, 1, 3)
    zeroed = account[:8] + "0" + account[9:]
    total = sum(int(d) * weights[i % 3] for i, d in enumerate(bik[-3:] + zeroed))
    return account[:8] + str(total * 3 % 10) + account[9:]


@dataclass
class Network:
    points: list[SalesPoint] = field(default_factory=list)
    people: dict[str, Employee] = field(default_factory=dict)

    def managers(self, point: SalesPoint) -> list[Employee]:
        return [
            e
            for e in self.people.values()
            if e.salespoint_id == point.pk and e.login.startswith(("manager", "colleague", "stranger"))
        ]


def legal_entities() -> list[LegalEntity]:
    rows = []
    for n, (region, name, director) in enumerate(
        [("39", "Балтийские решения", "Каверкина Н. И."), ("25", "Тихий океан Софт", "Грачев М. Е.")]
    ):
        bik, account = BANKS[n]
        rows.append(
            LegalEntity(
                name=f"{name}, ООО", full_name=f"Общество с ограниченной ответственностью «{name}»", inn=inn10(region, 90_000 + n),
                kpp=f"{region}9901001", ogrn=ogrn13(region, 2015, 90_000 + n), address=f"г. {'Калининград' if n == 0 else 'Владивосток'}, ул. Портовая, д. 1",
                phone="+7 (000) 000-00-0" + str(n + 1), email=f"office{n + 1}@sbilling.example",
                zone="Europe/Kaliningrad" if n == 0 else "Asia/Vladivostok", bank_name="Банк «Образец», АО", bik=bik,
                bank_account=account_key(bik, account), corr_account="30101810000000000000", director=director, accountant="Пшеницына З. Л.",
            )
        )  # fmt: skip
    return LegalEntity.objects.bulk_create(rows)


def load(invent: Inventor, on: date) -> Network:
    """Create it. Password of every demo login: «demo»."""
    entities = legal_entities()
    company = Partner.objects.create(name="Балтийские решения", kind="company")
    partner = Partner.objects.create(name="Тихий океан Софт", kind="partner", parent=company)
    network = Network()
    for code, name, region, zone, kind, regions, entity in POINTS:
        point = SalesPoint.objects.create(
            code=code, name=name, region_id=region, zone=zone, kind=kind, partner=company if kind == "own" else partner,
            legal_entity=entities[entity], phone="+7 (000) 000-10-10", email=f"point{code}@sbilling.example",
        )  # fmt: skip
        point.regions.set(Region.objects.filter(code__in=regions))
        network.points.append(point)
    departments: dict[tuple[int, str], Department] = {}
    password = make_password("demo")
    roles = {role.code: role for role in Role.objects.all()}
    for login, index, role, last, first, middle, position, department in PEOPLE:
        point = network.points[index]
        if department and (point.pk, department) not in departments:
            departments[point.pk, department] = Department.objects.create(salespoint=point, name=department)
        person = DirectoryPerson.objects.create(
            external_id=f"demo-{login}", login=login, last_name=last, first_name=first, middle_name=middle, position=position,
            email=f"{login}@sbilling.example",
        )  # fmt: skip
        employee = Employee.objects.create(
            login=login, external_id=person.external_id, last_name=last, first_name=first, middle_name=middle, position=position,
            email=person.email, salespoint=point, department=departments.get((point.pk, department)), password=password, is_demo=True,
        )  # fmt: skip
        RoleAssignment.objects.create(employee=employee, role=roles[role], granted_at=clock.now())
        network.people[login] = employee
    for login in ("head", "head-moscow", "head-east"):
        employee = network.people[login]
        employee.salespoint.head = employee
        employee.salespoint.save(update_fields=["head"])
    people = []
    for n in range(24):
        last, first, middle = invent.person()
        people.append(DirectoryPerson(external_id=f"free-{n}", login=f"person{n}", last_name=last, first_name=first, middle_name=middle,
                                      position="Менеджер" if n % 2 else "Специалист", email=f"person{n}@sbilling.example", is_active=n % 8 != 7))  # fmt: skip
    DirectoryPerson.objects.bulk_create(people)
    return network
