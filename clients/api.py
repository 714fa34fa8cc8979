"""What products call (JSON, /api/v1/): a view per call, a key in «Authorization: Bearer …», refusals as {"error": …}."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt

from clients.api_docs import DATE, INTEGER, LIST, MONEY, Answer, Doc, Field, organisation
from clients.choices import InvitationTopic
from clients.models import Client, EdoDocument, Invitation, ProductToken
from clients.selectors.search import InnStatus, lookup_inn
from clients.services import client_activity_mark
from clients.services.edo import edo_document_report
from clients.services.invitations import Offer, invitation_receive, invitation_start
from clients.services.products import product_of
from core import db
from core.errors import DomainError
from core.pages import PUBLIC, Page

LONGEST = 1_000_000
# What JSON can spell and PostgreSQL cannot keep: U+0000 and halves of a surrogate pair.
_NOT_KEPT = re.compile("[\x00\ud800-\udfff]")
_MONEY = re.compile(r"-?\d{1,12}(\.\d{1,2})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# Days before are slips: electronic documents are younger.
EARLIEST = date(1990, 1, 1)


@method_decorator(csrf_exempt, name="dispatch")
class ApiView(Page, abstract=True):
    """POST of one JSON object. `call(body)` gives (status, answer) or raises DomainError; the key stands for a sign-in."""

    right, http_method_names = PUBLIC, ["post"]
    doc: ClassVar[Doc | None] = None
    product: ProductToken

    def post(self, request: HttpRequest) -> JsonResponse:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        product = product_of(key.strip()) if scheme.lower() == "bearer" else None
        if product is None:
            return self.error(401, "unauthorized", "Ключ продукта не указан или отозван.")
        self.product = product
        try:
            body = self.body(request)
            status, answer = self.call(body)
        except (DomainError, DatabaseError) as raised:
            error = raised if isinstance(raised, DomainError) else db.refusal(raised)
            if error is None:
                raise
            return self.error(error.status, error.code, error.message, error.field)
        return JsonResponse(answer, status=status, json_dumps_params={"ensure_ascii": False})

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        answer = self.error(405, "method", "Эта операция вызывается методом POST.")
        answer["Allow"] = "POST"
        return answer

    def call(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        raise NotImplementedError

    @staticmethod
    def body(request: HttpRequest) -> dict[str, Any]:
        if len(request.body) > LONGEST:
            raise DomainError("Тело запроса больше 1 МБ.", code="too_large")
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError):
            raise DomainError("Тело запроса — не JSON.", code="not_json") from None
        if not isinstance(body, dict):
            raise DomainError("Ожидается объект JSON.", code="not_object")
        return body

    @staticmethod
    def error(status: int, code: str, message: str, field: str | None = None) -> JsonResponse:
        found = {"code": code, "message": message} | ({"field": field} if field else {})
        return JsonResponse({"error": found}, status=status, json_dumps_params={"ensure_ascii": False})


def text(body: dict[str, Any], name: str, *, required: bool = False, longest: int = 300) -> str:
    """A text field the database can keep; DomainError names the field."""
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > longest or _NOT_KEPT.search(value):
        raise DomainError(f"Поле «{name}»: ожидается строка до {longest} знаков.", field=name, code="invalid")
    if required and not value.strip():
        raise DomainError(f"Поле «{name}» обязательно.", field=name, code="required")
    return value.strip()


def number(body: dict[str, Any], name: str, *, highest: int = 1_000_000) -> int:
    value = body.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= highest:
        raise DomainError(f"Поле «{name}»: ожидается целое от 0 до {highest}.", field=name, code="invalid")
    return value


def money(body: dict[str, Any], name: str, *, signed: bool = False) -> Decimal | None:
    """Roubles as text («1500.50»): numbers of JSON are binary. `signed`: a correction may be below zero."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not _MONEY.fullmatch(value) or (value.startswith("-") and not signed):
        raise DomainError(f'Поле «{name}»: ожидается сумма строкой, например "1500.50".', field=name, code="invalid")
    return Decimal(value)


def day(body: dict[str, Any], name: str, *, required: bool = False, latest: date | None = None) -> date | None:
    """A day written YYYY-MM-DD, not after `latest` and one more: the east of the country is a day ahead in the evening."""
    value = text(body, name, required=required, longest=10)
    try:
        found = date.fromisoformat(value) if _DAY.fullmatch(value) else None
    except ValueError:
        found = None
    if value and (found is None or found < EARLIEST):
        raise DomainError(f"Поле «{name}»: ожидается дата ГГГГ-ММ-ДД.", field=name, code="invalid")
    if found and latest and found > latest + timedelta(days=1):
        raise DomainError(f"Поле «{name}»: день еще не наступил.", field=name, code="invalid")
    return found


def client_of(body: dict[str, Any], name: str = "client", *, required: bool = True) -> Client | None:
    """The card of {"inn", "kpp"}: the head office unless the KPP says otherwise; the three answers of R2.75."""
    facts = body.get(name)
    if facts is None and not required:
        return None
    if not isinstance(facts, dict):
        raise DomainError(f"Поле «{name}»: ожидается объект с ИНН.", field=name, code="invalid")
    answer = lookup_inn(text(facts, "inn", longest=12))
    if answer.status in (InnStatus.WRONG, InnStatus.UNKNOWN):
        if not required:
            return None
        raise DomainError(answer.message, field=f"{name}.inn", code=str(answer.status))
    kpp = text(facts, "kpp", longest=9)
    return next((client for client in answer.clients if kpp and client.kpp == kpp), answer.clients[0])


class Invitations(ApiView):
    """POST /api/v1/invitations/ (R2.24–R2.26)."""

    doc = Doc(
        "Событие, по которому клиента приглашают",
        "Пользователь отправил документы организации, которая не подключена, или указал ее в декларации НДС и запустил сверку. "
        "Приглашение уходит один раз: то же событие узнается по source, следующие события того же отправителя присоединяются к открытому "
        "приглашению. Тех, кто отказался, подключен или прекратил деятельность, не приглашают: ответ skipped с причиной.",
        (
            Field("topic", "Тема приглашения", required=True, choices=InvitationTopic.choices),
            organisation("client", "Кого приглашают"),
            organisation("sender", "Чей контрагент", required=False, named=True),
            Field("source", "Код пакета документов или декларации", required=True, longest=100),
            Field("email", "Кому отправить письмо; иначе email из реестра", longest=254),
            Field("documents", "Сколько документов ждет", INTEGER, highest=1_000_000),
            Field("amount", "Сумма документов", MONEY),
        ),
        {
            "topic": "edo", "client": {"inn": "7718159470"}, "sender": {"inn": "7751160508"}, "source": "package-1", "email": "buh@client.example",
            "documents": 3, "amount": "1500.50",
        },
        (
            Answer(201, "Приглашение создано", {"result": "sent", "id": 17}),
            Answer(200, "Событие уже известно (repeated), присоединено (joined) или пропущено (skipped: refused, connected, ceased, recent)", {"result": "joined", "id": 17}),
        ),
    )  # fmt: skip

    def call(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        sender = body.get("sender") if isinstance(body.get("sender"), dict) else {}
        offer = Offer(
            topic=text(body, "topic", required=True, longest=4),
            sender=client_of(body, "sender", required=False),
            sender_name=text(sender, "name"),
            address=text(body, "email", longest=254),
            source_key=text(body, "source", required=True, longest=100),
            documents=number(body, "documents"),
            amount=money(body, "amount"),
        )
        found = invitation_receive(client_id=client_of(body).pk, offer=offer, on=self.today)
        answer = {"result": found.result, "id": found.invitation.pk if found.invitation else None}
        return (201 if found.result == "sent" else 200), answer | ({"reason": found.reason} if found.reason else {})


class InvitationStarted(ApiView):
    """POST /api/v1/invitations/started/ (R2.37)."""

    doc = Doc(
        "Клиент начал регистрацию",
        "Клиент открыл приглашение в продукте и заполняет форму. Повтор ничего не меняет.",
        (Field("id", "Номер приглашения из ответа на событие", INTEGER, required=True, highest=2**53),),
        {"id": 17},
        (Answer(200, "Отмечено", {"result": "started"}),),
    )

    def call(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        pk = number(body, "id", highest=2**53)
        if not Invitation.objects.filter(pk=pk).exists():
            raise DomainError("Такого приглашения нет.", field="id", code="unknown")
        invitation_start(invitation_id=pk)
        return 200, {"result": "started"}


class EdoDocuments(ApiView):
    """POST /api/v1/edo-documents/ (R2.49)."""

    doc = Doc(
        "Документ ЭДО ждет ответа или завершен",
        "Документы без finished_on показываются в карточке клиента, раздел «ЭДО». Повтор с тем же external_id у того же клиента обновляет документ.",
        (
            Field("external_id", "Код документа в продукте", required=True, longest=64),
            organisation("client", "Чей документ"),
            Field("direction", "Направление", required=True, choices=EdoDocument.Direction.choices),
            organisation("counterparty", "Вторая сторона", required=False, named=True),
            Field("kind", "Вид документа", required=True, longest=60),
            Field("number", "Номер", longest=60),
            Field("sent_on", "Когда отправлен", DATE, required=True),
            Field("amount", "Сумма", MONEY),
            Field("finished_on", "Когда завершен", DATE),
        ),
        {
            "external_id": "doc-1", "client": {"inn": "7718159470"}, "direction": "in", "counterparty": {"inn": "7751160508"}, "kind": "УПД",
            "number": "7", "sent_on": "2026-11-01", "amount": "10.00",
        },
        (Answer(201, "Документ записан", {"result": "created"}), Answer(200, "Документ обновлен", {"result": "updated"})),
    )  # fmt: skip

    def call(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        direction = text(body, "direction", required=True, longest=3)
        if direction not in EdoDocument.Direction.values:
            raise DomainError("Поле «direction»: in или out.", field="direction", code="invalid")
        facts = body.get("counterparty") if isinstance(body.get("counterparty"), dict) else {}
        made = edo_document_report(
            external_id=text(body, "external_id", required=True, longest=64), client=client_of(body), direction=direction,
            counterparty=client_of(body, "counterparty", required=False), counterparty_name=text(facts, "name"), kind=text(body, "kind", required=True, longest=60),
            number=text(body, "number", longest=60), sent_on=day(body, "sent_on", required=True, latest=self.today), amount=money(body, "amount", signed=True),
            finished_on=day(body, "finished_on", latest=self.today),
        )  # fmt: skip
        return (201 if made else 200), {"result": "created" if made else "updated"}


class ClientActivity(ApiView):
    """POST /api/v1/client-activity/ (R2.4, R2.5)."""

    MOST = 1_000
    doc = Doc(
        "Организации отправляли или принимали документы и отчеты",
        "По этим дням клиент становится потерянным (больше квартала тишины) или снова активным. Присылают раз в день: по строке на организацию, "
        "день последней отправки или приема. Более ранний день ничего не меняет, неизвестные организации возвращаются номерами строк.",
        (
            Field("rows", "Строки", LIST, required=True, highest=MOST, fields=(
                organisation("client", "Кто"), Field("on", "День последней отправки или приема", DATE, required=True))),
        ),
        {"rows": [{"client": {"inn": "7718159470"}, "on": "2026-11-20"}, {"client": {"inn": "7751160508"}, "on": "2026-11-19"}]},
        (Answer(200, "Отмечено: сколько карточек изменилось и какие строки не узнаны", {"changed": 1, "unknown": [1]}),),
    )  # fmt: skip

    def call(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        rows = body.get("rows")
        if (
            not isinstance(rows, list)
            or not rows
            or len(rows) > self.MOST
            or not all(isinstance(row, dict) for row in rows)
        ):
            raise DomainError(f"Поле «rows»: ожидается список от 1 до {self.MOST} строк.", field="rows", code="invalid")
        days: dict[int, date] = {}
        unknown = []
        for index, (row, pk) in enumerate(zip(rows, clients_of(rows), strict=True)):
            on = day(row, "on", required=True, latest=self.today)
            if pk is None:
                unknown.append(index)
            else:
                days[pk] = max(on, days.get(pk, on))
        return 200, {"changed": client_activity_mark(days=days), "unknown": unknown}


def clients_of(rows: list[dict[str, Any]]) -> list[int | None]:
    """Cards of many {client: {inn, kpp}} at once: the living head office unless the КПП says otherwise. One query."""
    asked = [(row.get("client") if isinstance(row.get("client"), dict) else {}) for row in rows]
    keys = [(text(facts, "inn", longest=12), text(facts, "kpp", longest=9)) for facts in asked]
    cards: dict[str, list[Client]] = {}
    for card in Client.objects.filter(inn__in={inn for inn, _kpp in keys if inn}).order_by("pk"):
        cards.setdefault(card.inn, []).append(card)
    found = []
    for inn, kpp in keys:
        same = sorted(cards.get(inn, ()), key=lambda card: (card.is_ceased, card.kpp[4:6] not in ("", "01"), card.pk))
        best = next((card for card in same if kpp and card.kpp == kpp), same[0] if same else None)
        found.append(best.pk if best else None)
    return found
