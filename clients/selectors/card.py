"""Contexts of the client card (R2.20–R2.21, R2.44–R2.57)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q, Sum
from django.http import HttpRequest

from clients.choices import OPEN_INVITATIONS, Check, InvitationTopic, PersonRole, ProspectState, SmallBusiness
from clients.models import (
    Binding,
    BindingTopic,
    Client,
    ClientDetails,
    ClientPerson,
    ConnectionCheck,
    EdoDocument,
    Invitation,
    NotRelated,
)
from clients.rules import UNDO_DAYS
from core import clock
from core.cards import Alert
from core.models import JournalEntry
from core.names import display_name, person_name
from core.timeline import describe
from partners.rights import Right

from . import merging
from .dictionaries import region_label, region_zone
from .related import RelatedCard, related_cards

TALKS = {
    InvitationTopic.EDO: "Поставщик отправил документы в электронном виде{documents}. Предложите зарегистрироваться, чтобы открыть их и ответить.",
    InvitationTopic.VAT: "Контрагент запустил сверку НДС и указал эту организацию. Сервис бесплатный: предложите подключиться и сверить данные.",
}
"""What to say by topic (R2.48, R2.50)."""
OUR_TALKS = {
    InvitationTopic.EDO: "Приглашение отправили мы. Расскажите об обмене документами в электронном виде и помогите зарегистрироваться.",
    InvitationTopic.VAT: "Приглашение отправили мы. Расскажите о бесплатной сверке НДС и помогите зарегистрироваться.",
}
"""The same where no counterparty stands behind the invitation."""
CALL_ORDER = [PersonRole.ACCOUNTANT, PersonRole.DEPUTY, PersonRole.REGISTERS, PersonRole.DIRECTOR, PersonRole.OTHER]
EDO_ROWS = 200
LIFE_ROWS, PEOPLE = 10, 20
FORM = re.compile(
    r"[\"«]|\b(ОБЩЕСТВО|ТОВАРИЩЕСТВО|КОМПАНИЯ|УЧРЕЖДЕНИЕ|ПРЕДПРИЯТИЕ|ФЕДЕРАЦИЯ|ОБЛАСТЬ|КРАЙ|РЕСПУБЛИКА|ОКРУГ|ГОРОД|ФОНД|ДОГОВОР)\b",
    re.IGNORECASE,
)
"""What names of organisations and regions have, and names of people do not."""


def in_scope(client: Client, request: HttpRequest) -> bool:
    """Contacts, notes and money of the card are the viewer's business; register fields are everybody's (decision 21)."""
    return request.user.may(Right.CLIENT_VIEW, client)


def _once(request: HttpRequest, name: str, client: Client, read: Callable[[], Any]) -> Any:
    """What several panels of one page need is read once."""
    kept = request.__dict__.setdefault("_client_card", {})
    if (name, client.pk) not in kept:
        kept[name, client.pk] = read()
    return kept[name, client.pk]


def details_of(client: Client) -> ClientDetails:
    """The wide row, an empty one where the register gave none."""
    return getattr(client, "details", None) or ClientDetails(client=client)


def invitations_of(client: Client, request: HttpRequest) -> list[Invitation]:
    rows = Invitation.objects.filter(client=client).select_related("sender", "created_by")
    return _once(request, "invitations", client, lambda: list(rows[:100]))


def local_time(client: Client) -> tuple[str, bool] | None:
    """(«16:42», is it a time to call: weekdays 9–18) in the client's region; None when the region is not known (R2.44)."""
    zone = region_zone(client.region_code)
    if not zone:
        return None
    now: datetime = clock.now().astimezone(ZoneInfo(zone))
    return f"{now:%H:%M}", now.weekday() < 5 and 9 <= now.hour < 18


def requisites(client: Client, request: HttpRequest) -> dict[str, Any]:
    """The panel «Реквизиты»."""
    details = details_of(client)
    return {
        "details": details,
        "small_business": dict(SmallBusiness.choices).get(details.msp_category, ""),
        "region": region_label(client.region_code),
        "branches": list(client.branches.all()[:100]),
        "life": life_of(details),
        "others": others_in_charge(details),
        "banned_until": banned_until(details),
        "founders": [
            row | {"name": _calm(row.get("name") or ""), "percent": (row.get("percent") or "").replace(".", ",")}
            for row in details.founders[:PEOPLE]
        ],
        "address": address_of(details),
        "kin": kin_of(details),
        "kind": client.get_kind_display(),
    }


def address_of(details: ClientDetails) -> str:
    """With the postal code once: the register's own text begins with it, an address typed by hand does not."""
    index, address = details.postal_code, details.address
    return address if not index or address.startswith(index) else f"{index}, {address}"


def others_in_charge(details: ClientDetails) -> list[dict[str, str]]:
    """Who acts for the entity besides the first head (a managing company, several directors)."""
    return [
        entry | {"name": _calm(entry.get("name") or ""), "banned_until": _ban(entry)}
        for entry in details.directors[1:PEOPLE]
    ]


def banned_until(details: ClientDetails) -> date | None:
    """The last day of the head's disqualification, as long as it lasts."""
    return _ban(details.directors[0]) if details.directors else None


def _ban(entry: dict[str, str]) -> date | None:
    try:
        until = date.fromisoformat(entry.get("banned_until") or "")
    except ValueError:
        return None
    return until if until >= clock.today() else None


def _calm(name: str) -> str:
    """Of a person or of an organisation, as the register has it."""
    return display_name(name) if FORM.search(name) else person_name(name)


def kin_of(details: ClientDetails) -> list[tuple[str, list[dict[str, Any]]]]:
    """(«Правопреемник», organisations with their cards, where the register brought them) of a reorganisation."""
    sides = (("Правопредшественник", details.predecessors), ("Правопреемник", details.successors))
    if not any(rows for _, rows in sides):
        return []
    numbers = [row.get("ogrn") for _, rows in sides for row in rows[:PEOPLE] if row.get("ogrn")]
    cards = {card.ogrn: card for card in Client.objects.filter(ogrn__in=numbers)}
    return [
        (
            title,
            [
                row | {"card": cards.get(row.get("ogrn")), "name": display_name(row.get("name") or "")}
                for row in rows[:PEOPLE]
            ],
        )
        for title, rows in sides
        if rows
    ]


def life_of(details: ClientDetails) -> list[tuple[str, date]]:
    """(what the register changed, its day) of the newest changes."""
    return [(_told(entry), date.fromisoformat(entry["on"])) for entry in (details.life or [])[:LIFE_ROWS]]


def _told(entry: dict[str, str]) -> str:
    values = [entry["was"], entry["now"]]
    return describe(JournalEntry(code=entry["code"], data={"value": values, "ceased_on": values}))


def phones(client: Client, request: HttpRequest) -> dict[str, Any]:
    """Whom to call: accountants first (R2.45), then the organisation's own numbers; with the client's local time."""
    if not in_scope(client, request):
        return {"local": local_time(client)}
    return {
        "people": people_of(client),
        "phones": list(client.phones.all()[:50]),
        "local": local_time(client),
        "may_change": request.user.may(Right.CLIENT_CHANGE, client),
    }


def people_of(client: Client) -> list[ClientPerson]:
    links = ClientPerson.objects.filter(client=client, person__erased_at=None).select_related(
        "person", "person__created_by"
    )[:100]
    return sorted(links, key=lambda link: (not link.is_preferred, CALL_ORDER.index(link.role), link.pk))


def contacts(client: Client, request: HttpRequest) -> dict[str, Any]:
    """The section «Контакты» with source and basis (152-ФЗ)."""
    return phones(client, request)


def invitations(client: Client, request: HttpRequest) -> dict[str, Any]:
    """The section «Приглашения»: topic, sender, date, channel, status, what to say (R2.21, R2.47)."""
    rows = invitations_of(client, request)
    return {
        "invitations": rows,
        "talks": talks_of(rows),
        "may_change": request.user.may(Right.CLIENT_CHANGE, client),
        "client": client,
    }


def talks_of(rows: list[Invitation]) -> list[dict[str, Any]]:
    """The script for every open topic, with the supplier and what waits (R2.48)."""
    found = []
    for row in rows:
        if row.state not in OPEN_INVITATIONS:
            continue
        sender = row.sender.name if row.sender else row.sender_name
        found.append(
            {
                "invitation": row,
                "sender": sender,
                "topic": row.get_topic_display(),
                "text": OUR_TALKS[row.topic]
                if row.is_ours
                else TALKS[row.topic].format(documents=f": {row.documents}" if row.documents else ""),
            }
        )
    return found


def open_invitations(client: Client, request: HttpRequest) -> int:
    return sum(row.closed_at is None for row in invitations_of(client, request))


def edo(client: Client, request: HttpRequest) -> dict[str, Any]:
    """The section «ЭДО»: what waits by counterparty; `?view=list`: the documents themselves (R2.49)."""
    rows = EdoDocument.objects.filter(client=client, finished_on__isnull=True)
    if request.GET.get("view") == "list":
        return {"documents": list(rows.select_related("counterparty")[:EDO_ROWS]), "is_list": True}
    sides = rows.aggregate(
        incoming=Count("pk", filter=Q(direction="in")),
        outgoing=Count("pk", filter=Q(direction="out")),
        oldest=Min("sent_on"),
        amount=Sum("amount"),
    )
    by = (
        rows.values("counterparty_name", "counterparty_id")
        .annotate(n=Count("pk"), amount=Sum("amount"), oldest=Min("sent_on"))
        .order_by("-n", "counterparty_name")
    )
    return {"sides": sides, "counterparties": list(by[:50]), "is_list": False}


def waiting_documents(client: Client, request: HttpRequest) -> int:
    return EdoDocument.objects.filter(client=client, finished_on__isnull=True).count()


def related(client: Client, request: HttpRequest) -> dict[str, Any]:
    """The section «Дубли и связанные»."""
    may_merge = request.user.has_right(Right.CLIENT_MERGE) and request.user.may(Right.CLIENT_MERGE, client)
    marks = NotRelated.objects.filter(Q(first=client) | Q(second=client), withdrawn_at__isnull=True).select_related(
        "first", "second", "by"
    )
    return {
        "hits": hits_of(client, request),
        "marks": [(mark, mark.second if mark.first_id == client.pk else mark.first) for mark in marks[:50]],
        "may_change": request.user.may(Right.CLIENT_CHANGE, client),
        "mergeable": {
            h.client.pk for h in hits_of(client, request) if h.level != "R" and not merging.refusal(client, h.client)
        }
        if may_merge
        else (),
        "merges": merging.merges_of(client),
        "may_merge": may_merge,
        "undo_since": clock.now() - timedelta(days=UNDO_DAYS),
    }


def hits_of(client: Client, request: HttpRequest) -> list[RelatedCard]:
    """Computed once per page."""
    return _once(request, "related", client, lambda: related_cards(client, viewer=request.user))


def related_badge(client: Client, request: HttpRequest) -> tuple[int, str] | None:
    hits = hits_of(client, request)
    return (len(hits), "bad" if any(h.is_foreign and h.is_strong for h in hits) else "") if hits else None


def foreign_alert(client: Client, request: HttpRequest) -> Alert | None:
    """Before the call: a duplicate or a relative is somebody else's (R2.20)."""
    foreign = [hit for hit in hits_of(client, request) if hit.is_foreign and hit.is_strong]
    if not foreign:
        return None
    first = foreign[0]
    what = "Дубль карточки закреплен" if first.level != "R" else "Связанная организация закреплена"
    more = f" и еще {len(foreign) - 1}" if len(foreign) > 1 else ""
    return Alert(
        f"{what}: {first.binding.manager.short_name}, {first.binding.salespoint}", urgency=-1000, detail=f"{first.client.name}{more}: {first.reason}",
        url=f"{client.get_absolute_url()}related/", action="Посмотреть", dialog=False, tone="bad",
    )  # fmt: skip


def ceased_alert(client: Client, request: HttpRequest) -> Alert | None:
    if not client.is_ceased:
        return None
    return Alert(
        f"Прекратила деятельность {client.ceased_on:%d.%m.%Y}",
        urgency=-2000,
        detail="Закрепить и подключить нельзя",
        tone="bad",
    )


def binding_panel(client: Client, request: HttpRequest) -> dict[str, Any]:
    """«Ответственный»: every topic's open binding, and what may be done about it (R2.43)."""
    rows = list(
        Binding.objects.open()
        .filter(client=client)
        .select_related("topic", "manager", "salespoint")
        .order_by("topic__order")
    )
    user, main = request.user, next((b for b in rows if b.topic.code == BindingTopic.MAIN), None)
    blocking = next((hit for hit in hits_of(client, request) if hit.is_foreign and hit.level != "R"), None)
    scope = in_scope(client, request)
    return {
        "bindings": rows,
        "main": main,
        "client": client,
        "region": region_label(client.region_code),
        "may_bind": scope
        and user.has_right(Right.CLIENT_CLAIM)
        and not client.is_ceased
        and not (main and main.manager_id),
        "blocking": blocking,
        "may_release": scope
        and main
        and main.manager_id
        and (main.manager_id == user.pk or user.may(Right.CLIENT_REBIND, client)),
        "may_transfer": scope and user.has_right(Right.CLIENT_REBIND) and main is not None,
        "viewer": user,
    }


def readiness(client: Client, request: HttpRequest) -> dict[str, Any]:
    """The checklist before «Подключить» (R2.54–R2.57)."""
    check = getattr(client, "readiness", None) or ConnectionCheck(client=client)
    topics = {row.topic for row in invitations_of(client, request)}
    steps = [
        ("Рабочее место соответствует требованиям", check.workplace, check.workplace_note),
        (
            "Электронная подпись на имя руководителя",
            check.signature,
            f"до {check.signature_until:%d.%m.%Y}" if check.signature_until else "",
        ),
        ("Установлена СКЗИ", check.crypto, ""),
    ]
    if InvitationTopic.EDO in topics:
        steps.append(("Показали, как открыть документы и ответить", check.documents, ""))
    if InvitationTopic.VAT in topics:
        steps.append(("Загрузили декларацию НДС и запустили сверку", check.vat, ""))
    return {
        "check": check, "steps": steps, "is_ready": is_ready(client), "client": client,
        "may_change": request.user.may(Right.CLIENT_CHANGE, client), "is_prospect": client.prospect_state != ProspectState.CONNECTED,
    }  # fmt: skip


def is_ready(client: Client) -> bool:
    """The workplace, the signature and the crypto provider are there, or the list was skipped with a reason (R2.56)."""
    check = getattr(client, "readiness", None) or ConnectionCheck(client=client)
    return bool(check.skipped) or all(a == Check.YES for a in (check.workplace, check.signature, check.crypto))


def topics_of(client: Client) -> frozenset[str]:
    """Topics the client was ever invited by."""
    return frozenset(Invitation.objects.filter(client=client).values_list("topic", flat=True))
