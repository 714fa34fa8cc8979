"""Two sales points with the same things in each, and one person of every role: what the matrix walks over.

`here` is everybody's sales point but the stranger's. A maker gives the URL's parameters for a place; rows name makers.
A new kind of object: one line in MAKERS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.test import Client as Browser

from accounts.models import Note
from clients.models import Client, ClientPerson, ClientPhone, Person
from core import clock
from core.models import JobRun
from licenses.models import License, OutboxMessage, Payment, PriceList, StatementUpload
from partners.models import Employee, PartnerApplication, SalesPoint, SessionLink
from partners.services.blocking import employee_block
from sbilling.demo import catalog
from sbilling.demo.clients import moment
from tests import factories as make
from tests.selling import ON, Shop

ROLES = ("anonymous", "blocked", "stranger", "engineer", "support", "renewals", "manager", "head", "operator")
MISSING = 99_999_999


@dataclass
class Place:
    """A sales point with one of everything in it."""

    point: SalesPoint
    owner: Employee
    colleague: Employee
    client: Client
    shop: Shop
    kept: dict[str, Any] = field(default_factory=dict)


@dataclass
class World:
    """The places, and the session cookie of every role (None: nobody is signed in)."""

    here: Place
    there: Place
    cookies: dict[str, str | None]

    def params(self, maker: str, place: str) -> dict[str, Any]:
        """Parameters of a URL; `place` is here, there or missing (numbers that nothing has)."""
        if not maker:
            return {}
        if place != "missing":
            return MAKERS[maker](getattr(self, place))
        return {name: MISSING if isinstance(v, int) else v for name, v in MAKERS[maker](self.here).items()}


def build() -> World:
    """Everything, through services where there are some."""
    point = make.SalesPointFactory(code="7699", name="Центральный офис", serves=("39",))
    other = make.SalesPointFactory(code="2500", name="Офис Владивосток", serves=("25",))
    department = make.DepartmentFactory(salespoint=point)
    staff = {
        role: make.employee(role, point=point, login=role, department=department)
        for role in ("engineer", "support", "renewals", "manager", "head", "operator")
    }
    staff["stranger"] = make.employee("manager", point=other, login="stranger")
    blocked = make.employee("manager", point=point, login="blocked")
    cookies = {role: _session(person) for role, person in staff.items()}
    cookies |= {"anonymous": None, "blocked": _session(blocked)}
    employee_block(employee_id=blocked.pk, by=staff["operator"])
    items = catalog.load_items()
    catalog.load_prices(items, [point, point, other], staff["operator"], ON, moment(ON.replace(month=1, day=1)))
    here = _place(point, staff["manager"], items, "39")
    there = _place(other, staff["stranger"], items, "25")
    return World(here, there, cookies)


def _session(person: Employee) -> str:
    browser = Browser()
    browser.force_login(person)
    return browser.cookies["session"].value


def _place(point: SalesPoint, owner: Employee, items: dict, region: str) -> Place:
    client = make.ClientFactory(
        region_code=region, phone=f"+7900{int(region):07}", inn=make.inn10(700 + int(region), region)
    )
    make.bound(client, owner)
    client.refresh_from_db()
    colleague = make.employee("manager", point=point, login=f"colleague-{region}")
    place = Place(point, owner, colleague, client, Shop(owner, items, client))
    place.kept["account"] = account = place.shop.account()
    place.shop.choose(account, "eo-basic")
    place.kept["invoice"] = place.shop.issue(account)
    return place


def _once(name: str, create: Callable[[Place], Any]) -> Callable[[Place], Any]:
    """Made at the first question, the same afterwards."""

    def of(place: Place) -> Any:
        if name not in place.kept:
            place.kept[name] = create(place)
        return place.kept[name]

    return of


def _application(place: Place) -> PartnerApplication:
    now = clock.now()
    return PartnerApplication.objects.create(
        inn=make.inn10(900, place.point.region_id), name="Заявитель, ООО", region=place.point.region,
        person="Заявителев З. З.", phone="+79001234567", email="a@example.org", consent_version="2025-09-01",
        consented_at=now, created_at=now,
    )  # fmt: skip


def _contact(place: Place) -> ClientPerson:
    return ClientPerson.objects.filter(client=place.client).first() or ClientPerson.objects.create(
        client=place.client,
        person=Person.objects.create(full_name="Морозова Ольга", name_norm="морозова ольга", created_at=clock.now()),
    )


def _note(place: Place) -> Note:
    return Note.objects.create(client=place.client, text="решает главбух", at=clock.now(), by=place.owner)


def _license(place: Place) -> int:
    return License.objects.filter(account=place.kept["account"]).first().pk


def _member(place: Place) -> int:
    return place.kept["account"].members.first().pk


def _run(place: Place) -> JobRun:
    asked = {"page": "clients.views.lists.AllClients", "query": ""}
    return JobRun.objects.create(job="core.export", owner=place.owner, params=asked, created_at=clock.now())


def _payment(place: Place) -> Payment:
    """Money that may be for the invoice of the place; nothing is allocated."""
    invoice = place.kept["invoice"]
    return Payment.objects.create(
        legal_entity=invoice.legal_entity, source="statement", number=f"p{place.point.pk}", date=ON, received_on=ON,
        amount=invoice.total, match_state="suggested", suggested=invoice, created_at=clock.now(),
    )  # fmt: skip


def _upload(place: Place) -> StatementUpload:
    return StatementUpload.objects.create(
        name="kl_to_1c.txt", size=1, sha256=str(place.point.pk), state="refused", at=clock.now(), by=place.owner
    )


def _message(place: Place) -> OutboxMessage:
    now = clock.system_now()
    return OutboxMessage.objects.create(
        key=f"message:{place.point.pk}", kind="invoice.create", invoice=place.kept["invoice"], payload={}, next_try_at=now,
        created_at=now,
    )  # fmt: skip


application = _once("application", _application)
payment = _once("payment", _payment)
upload = _once("upload", _upload)
message = _once("message", _message)
contact = _once("contact", _contact)
note = _once("note", _note)
run = _once("run", _run)
session = _once("session", lambda p: SessionLink.objects.filter(employee=p.owner).first())

MAKERS: dict[str, Callable[[Place], dict[str, Any]]] = {
    "point": lambda p: {"pk": p.point.pk},
    "point_section": lambda p: {"pk": p.point.pk, "section": "history"},
    "employee": lambda p: {"pk": p.colleague.pk},
    "employee_section": lambda p: {"pk": p.colleague.pk, "section": "history"},
    "letter": lambda p: {"day": "30"},
    "session": lambda p: {"pk": session(p).pk},
    "application": lambda p: {"pk": application(p).pk},
    "role": lambda p: {"code": "manager"},
    "run": lambda p: {"pk": run(p).pk},
    "client": lambda p: {"pk": p.client.pk},
    "client_section": lambda p: {"pk": p.client.pk, "section": "contacts"},
    "phone": lambda p: {"pk": p.client.pk, "phone": ClientPhone.objects.filter(client=p.client).first().pk},
    "note": lambda p: {"pk": p.client.pk, "note": note(p).pk},
    "contact": lambda p: {"pk": p.client.pk, "link": contact(p).pk},
    "account": lambda p: {"number": p.kept["account"].number},
    "account_section": lambda p: {"number": p.kept["account"].number, "section": "members"},
    "member": lambda p: {"number": p.kept["account"].number, "member": _member(p)},
    "license": lambda p: {"number": p.kept["account"].number, "license": _license(p)},
    "invoice": lambda p: {"pk": p.kept["invoice"].pk},
    "payment": lambda p: {"pk": payment(p).pk},
    "upload": lambda p: {"pk": upload(p).pk},
    "message": lambda p: {"pk": message(p).pk},
    "price_list": lambda p: {"pk": PriceList.objects.first().pk},
    "version": lambda p: {"version": "2025-09-01"},
    "nothing": lambda p: {},
}
"""{name: place → parameters of the URL}. «nothing»: the URL's object is made by nobody yet, its id is one that nothing has."""
