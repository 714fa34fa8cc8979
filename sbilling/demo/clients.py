"""Demo organisations of several regions: connected ones come first, the rest is the prospects' work list."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from clients.choices import InvitationState, InvitationTopic, PersonRole, ProspectState
from clients.models import (
    Binding,
    BindingTopic,
    Client,
    ClientDetails,
    ClientPerson,
    ClientPhone,
    EdoDocument,
    Invitation,
    Person,
)
from clients.services import copies_rewrite, frequencies_rewrite, queue_take
from core.names import normalize_name
from partners.models import SalesPoint

from .names import CITIES, Inventor, inn10, inn12, ogrn13, ogrnip15
from .network import Network

FORMS = [
    ("ООО", "Общество с ограниченной ответственностью", 70),
    ("АО", "Акционерное общество", 8),
    ("ТСЖ", "Товарищество собственников жилья", 6),
    ("", "", 16),
]
OKVEDS = [("47.11", "Торговля розничная"), ("62.01", "Разработка программного обеспечения"), ("49.41", "Перевозка грузов"), ("43.39", "Отделочные работы"),
          ("69.20", "Деятельность по оказанию услуг в области бухгалтерского учета"), ("56.10", "Рестораны"), ("01.11", "Выращивание зерна")]  # fmt: skip
ZONE = ZoneInfo("Europe/Moscow")


def moment(day: date, hour: int = 11, minute: int = 0) -> datetime:
    """A working moment of a day."""
    return datetime.combine(day, time(hour, minute), ZONE)


def make_clients(rng: Random, invent: Inventor, on: date, count: int) -> list[Client]:
    """`count` cards with details; the first third is old, the last quarter is new (under six months)."""
    regions = [code for code in CITIES for _ in range(6 if code in ("39", "77", "25") else 2)]
    clients, details = [], []
    for n in range(count):
        region = rng.choice(regions)
        form, full_form, _weight = rng.choices(FORMS, [f[2] for f in FORMS])[0]
        is_new = n >= count * 3 // 4
        registered = on - timedelta(days=rng.randint(1, 178) if is_new else rng.randint(200, 7000))
        last, first, middle = invent.person()
        if form:
            title = invent.organisation()
            client = Client(
                kind="legal",
                inn=inn10(region, n),
                kpp=f"{region}9901001",
                ogrn=ogrn13(region, registered.year, n),
                name=f"{title}, {form}",
            )
            full = f"{full_form} «{title}»"
        else:
            client = Client(
                kind="entrepreneur",
                inn=inn12(region, n),
                ogrn=ogrnip15(region, registered.year, n),
                name=f"{last} {first} {middle}, ИП",
            )
            full = f"Индивидуальный предприниматель {last} {first} {middle}"
        client.name_norm = normalize_name(client.name)
        client.region_code, client.city, client.registered_on = region, CITIES[region], registered
        client.as_of = client.record_as_of = max(on - timedelta(days=rng.randint(1, 40)), client.registered_on)
        okved, okved_name = rng.choice(OKVEDS)
        client.okved = okved
        if n > count // 2 and rng.random() < 0.04:
            client.ceased_on, client.state_code = (
                on - timedelta(days=rng.randint(1, min(180, (on - registered).days))),
                "201",
            )
        clients.append(client)
        details.append(
            (client, full, okved_name, f"{last} {first} {middle}", invent.address(region), f"info@org{n}.example")
        )
    Client.objects.bulk_create(clients, batch_size=2000)
    ClientDetails.objects.bulk_create(
        (
            ClientDetails(client=c, full_name=full, short_name=c.name, okved_name=okved, director=director, director_position="Генеральный директор" if c.kind == "legal" else "",
                          address=address, email=email, state_text="Действует" if not c.ceased_on else "Деятельность прекращена")
            for c, full, okved, director, address, email in details
        ),
        batch_size=2000,
    )  # fmt: skip
    return clients


def add_phones(rng: Random, invent: Inventor, clients: list[Client], on: date) -> None:
    """Phones for two thirds, a contact person for every second of those."""
    phones, persons, links = [], [], []
    roles = [PersonRole.ACCOUNTANT, PersonRole.DIRECTOR, PersonRole.DEPUTY, PersonRole.OTHER]
    for client in clients:
        if rng.random() > 0.66:
            continue
        number = invent.phone()
        phones.append(
            ClientPhone(client=client, number=number, source="import", basis="открытый источник", created_at=moment(on))
        )
        client.has_phone, client.phone_tail = True, number
        if rng.random() < 0.5:
            name = " ".join(invent.person())
            person = Person(
                full_name=name,
                name_norm=normalize_name(name),
                phone=invent.phone(),
                email=f"buh{client.pk}@org.example",
                created_at=moment(on),
                source="client",
                basis="договор",
            )
            persons.append(person)
            links.append(ClientPerson(client=client, person=person, role=rng.choice(roles), is_preferred=True))
    ClientPhone.objects.bulk_create(phones)
    Person.objects.bulk_create(persons)
    ClientPerson.objects.bulk_create(links)
    Client.objects.bulk_update([p.client for p in phones], ["has_phone", "phone_tail"], batch_size=1000)


def bind(rng: Random, network: Network, clients: list[Client], on: date) -> None:
    """Open main bindings: connected cards to managers, a part of the rest to points and managers."""
    topic = BindingTopic.objects.get(code=BindingTopic.MAIN)
    by_region: dict[str, SalesPoint] = {}
    for point in network.points:
        for code in point.regions.values_list("code", flat=True):
            by_region[code] = point
    rows = []
    for client in clients:
        connected = client.accounts_count > 0
        if not connected and rng.random() < 0.45:
            continue
        point = by_region[client.region_code]
        managers = network.managers(point)
        manager = rng.choice(managers) if connected or rng.random() < 0.4 else None
        since = moment(max(client.registered_on, on - timedelta(days=rng.randint(1, 700))))
        rows.append(
            Binding(
                client=client,
                topic=topic,
                salespoint=point,
                manager=manager,
                since=since,
                manager_since=since if manager else None,
                by=manager,
            )
        )
        client.salespoint, client.manager = point, manager
    Binding.objects.bulk_create(rows, batch_size=1000)


def invite(rng: Random, prospects: list[Client], senders: list[Client], on: date) -> None:
    """Invitations with their documents; a part refused, a part lost."""
    invitations, documents, changed = [], [], []
    for client in prospects:
        dice = rng.random()
        if client.ceased_on or dice > 0.4:
            continue
        sender = rng.choice(senders)
        sent = max(on - timedelta(days=rng.randint(1, 120)), client.registered_on)
        declined = dice < 0.06
        topic = rng.choice([InvitationTopic.EDO, InvitationTopic.EDO, InvitationTopic.VAT])
        amount = rng.randint(10, 900) * 100
        invitations.append(
            Invitation(
                client=client, sender=sender, sender_name=sender.name, topic=topic, sent_at=moment(sent), expires_on=on + timedelta(days=90),
                state=InvitationState.DECLINED if declined else rng.choice([InvitationState.NOT_WORKED, InvitationState.INVITED, InvitationState.STARTED]),
                closed_at=moment(on) if declined else None, refusal_reason="Работают с другим оператором" if declined else "",
                documents=rng.randint(1, 9), amount=amount, source_key=f"demo-{client.pk}",
            )
        )  # fmt: skip
        if topic == InvitationTopic.EDO:
            documents.append(EdoDocument(client=client, direction="in", counterparty=sender, counterparty_name=sender.name, kind="УПД", number=str(rng.randint(1, 999)),
                                         sent_on=sent, amount=amount, external_id=f"demo-{client.pk}"))  # fmt: skip
        client.prospect_state = ProspectState.DECLINED if declined else ProspectState.INVITED
        client.prospect_on = sent
        changed.append(client)
    lost = [c for c in prospects if c.prospect_state == ProspectState.NONE and not c.ceased_on][: len(prospects) // 25]
    for client in lost:
        client.prospect_state, client.lost_reason, client.prospect_on = (
            ProspectState.LOST,
            "inactive",
            on - timedelta(days=rng.randint(95, 300)),
        )
    Invitation.objects.bulk_create(invitations, batch_size=1000)
    EdoDocument.objects.bulk_create(documents, batch_size=1000)
    Client.objects.bulk_update(changed + lost, ["prospect_state", "prospect_on", "lost_reason"], batch_size=1000)


def settle(rng: Random, connected: list[Client], on: date) -> None:
    """A part of the connected came by an invitation; then what cards copy and share is told from the rows made above."""
    came = rng.sample(connected, len(connected) // 12)
    Invitation.objects.bulk_create(
        Invitation(
            client=client, topic=InvitationTopic.EDO, state=InvitationState.CONNECTED, sender_name="Купец, ООО",
            sent_at=moment(on - timedelta(days=200)), closed_at=moment(on - timedelta(days=190)), expires_on=on - timedelta(days=110),
        )
        for client in came
    )  # fmt: skip
    _relate(rng, on)
    copies_rewrite()
    for trial in Client.objects.filter(prospect_state="trial").order_by("pk"):
        Client.objects.filter(pk=trial.pk).update(
            last_active_on=max(trial.last_active_on, on - timedelta(days=rng.randint(0, 45)))
        )
    while queue_take():
        pass
    frequencies_rewrite()


def _relate(rng: Random, on: date) -> None:
    """Some organisations share a director, some cards are one legal person with another KPP (rule C6)."""
    legal = list(Client.objects.filter(kind="legal", ceased_on=None).order_by("pk"))
    picked = rng.sample(legal, min(len(legal) // 20 * 2, 80))
    for n, (first, second) in enumerate(zip(picked[::2], picked[1::2], strict=True)):
        if n % 6 == 0:
            Client.objects.filter(pk=second.pk).update(inn=first.inn, kpp=f"{second.region_code}4301001")
        director, inn = f"{first.name.partition(',')[0]}ов Петр Ильич", inn12(first.region_code, 700_000 + n)
        ClientDetails.objects.filter(pk__in=[first.pk, second.pk]).update(director=director, director_inn=inn)
    for known in [client for client in legal if client.salespoint_id and not client.accounts_count][:3]:
        # Typed by hand before the register came: a historic duplicate to merge.
        Client.objects.create(
            kind=known.kind, inn=known.inn, name=known.name.partition(",")[0], name_norm=known.name_norm, region_code=known.region_code, city=known.city
        )  # fmt: skip
