"""The network that sells to the invented clients: as many sales points as keep an owner's lists equally long at any scale."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from random import Random

from django.contrib.auth.hashers import make_password

from clients.models import BindingTopic
from partners.models import Employee, LegalEntity, Partner, Region, Role, RoleAssignment, SalesPoint
from sbilling.demo import catalog
from sbilling.demo.clients import moment
from sbilling.demo.names import Inventor
from sbilling.demo.network import legal_entities

from .words import skewed

CLIENTS_PER_POINT = 23_500
"""12 million clients and 510 points. About a third of the cards are bound: 8 000 a point, 800 a manager."""
MANAGERS = 10
BIG = [
    "77",
    "50",
    "78",
    "23",
    "66",
    "61",
    "16",
    "63",
    "02",
    "74",
    "54",
    "52",
    "59",
    "24",
    "36",
    "34",
    "38",
    "42",
    "39",
    "25",
]
PASSWORD = "demo"
LOGINS = {"operator": "operator", "head": "head", "manager": "manager", "renewals": "renewals"}
"""Login → role of those who open the pages; all of them stand at the point in the middle."""


@dataclass
class Network:
    """`regions`: a skewed table of codes; `points`: ids by region; `managers`: ids by point."""

    regions: list[str] = field(default_factory=list)
    points: dict[str, list[int]] = field(default_factory=dict)
    managers: dict[int, list[int]] = field(default_factory=dict)
    cities: dict[str, str] = field(default_factory=dict)
    main_topic: int = 0
    home: int = 0


def load(rng: Random, *, clients: int, on: date) -> Network:
    """Regions, points, people with their roles, the price list."""
    network, invent = Network(), Inventor(rng)
    codes = list(Region.objects.order_by("code").values_list("code", flat=True))
    codes = [code for code in BIG if code in codes] + [code for code in codes if code not in BIG and code.isdigit()]
    network.regions = skewed(rng, codes, 0.85)
    network.cities = {region.code: region.name[:100] for region in Region.objects.all()}
    entities = legal_entities()
    company = Partner.objects.create(name="Балтийские решения", kind="company")
    points = _points(network, codes, max(4, clients // CLIENTS_PER_POINT), company, entities)
    _people(network, invent, points)
    network.main_topic = BindingTopic.objects.get(code=BindingTopic.MAIN).pk
    items = catalog.load_items()
    operator = Employee.objects.get(login="operator")
    # The catalogue gives one item a price of its own at the third point.
    catalog.load_prices(items, points, operator, on, moment(date(on.year, 1, 1)))
    return network


def _points(network: Network, codes: list[str], count: int, company: Partner, entities: list[LegalEntity]) -> list:
    """Each region is served by a number of points that follows its number of clients, at least by one."""
    zones = dict(Region.objects.values_list("code", "zone"))
    share = {code: max(1, round(network.regions.count(code) * count / len(network.regions))) for code in codes}
    homes = [code for code in codes for _ in range(share[code])][:count]
    serial: dict[str, int] = {}
    rows = []
    for n, code in enumerate(homes):
        serial[code] = serial.get(code, 0) + 1
        kind = "own" if n % 3 == 0 else "partner"
        rows.append(
            SalesPoint(
                code=f"{code}{serial[code] % 100:02d}", name=f"Офис {n + 1}", kind=kind, partner=company,
                legal_entity=entities[n % len(entities)], region_id=code, zone=zones[code],
            )
        )  # fmt: skip
    points = SalesPoint.objects.bulk_create(rows, batch_size=1000)
    for n, code in enumerate(codes):
        own = [point.pk for point in points if point.region_id == code]
        network.points[code] = own or [points[n % len(points)].pk]
    through = SalesPoint.regions.through
    through.objects.bulk_create(
        [through(salespoint_id=pk, region_id=code) for code, pks in network.points.items() for pk in pks]
    )
    network.home = points[len(points) // 2].pk
    return points


def _people(network: Network, invent: Inventor, points: list[SalesPoint]) -> None:
    password, rows = make_password(PASSWORD), []

    def add(login: str, point: int) -> None:
        last, first, middle = invent.person()
        rows.append(
            Employee(
                login=login, last_name=last, first_name=first, middle_name=middle, salespoint_id=point,
                password=password, is_demo=True,
            )
        )  # fmt: skip

    for login in LOGINS:
        add(login, network.home)
    for point in points:
        for n in range(MANAGERS - (point.pk == network.home)):
            add(f"m{point.pk}-{n}", point.pk)
    roles = {role.code: role for role in Role.objects.all()}
    for employee in Employee.objects.bulk_create(rows, batch_size=1000):
        role = LOGINS.get(employee.login, "manager")
        if role == "manager":
            network.managers.setdefault(employee.salespoint_id, []).append(employee.pk)
    granted = moment(date(2026, 1, 1))
    RoleAssignment.objects.bulk_create(
        [RoleAssignment(employee=e, role=roles[LOGINS.get(e.login, "manager")], granted_at=granted) for e in rows],
        batch_size=1000,
    )
