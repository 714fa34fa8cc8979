"""«Обмен»: what waits for the accounting system and for mail, what they told, and what a person has to mend."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from core import filters, htmx, tables
from core.actions import BulkAction
from core.lists import ListPage, Segment, Tab
from core.pages import FormPage, Page
from licenses import forms
from licenses.models import InboxEvent, OutboxMessage
from licenses.services import inbox, outbox
from partners.rights import Right

TONES = {"waiting": "info", "sent": "ok", "parked": "bad"}
INBOX_TONES = {"taken": "ok", "failed": "bad"}
TABS = (Tab("Исходящие", "/exchange/"), Tab("Входящие", "/exchange/in/"))
KINDS = {
    "invoice.create": "Счет выставлен",
    "invoice.cancel": "Счет аннулирован",
    "shipment": "Отгрузка",
    "payment": "Оплата",
    "invoice.letter": "Письмо со счетом",
}
EVENTS = {"invoice.state": "Состояние счета", "payment": "Платеж"}
GATEWAYS = {"builtin": "встроенный учет", "files": "файлы CommerceML", "http": "HTTP"}


def what(row: OutboxMessage) -> str:
    return KINDS.get(row.kind, row.kind)


def where(row: OutboxMessage) -> str:
    return row.payload.get("address", "") if row.channel == OutboxMessage.Channel.MAIL else ""


class OutboxTable(tables.Table):
    kind = tables.Link("Что", value=what, sub=lambda r: str(r.invoice) if r.invoice else "")
    channel = tables.Column("Куда", value=lambda r: r.get_channel_display(), sub=where)
    state = tables.Badge("Состояние", tones=TONES)
    last_error = tables.Column("Почему не ушло")
    attempts = tables.Number("Попыток")
    created_at = tables.Moment("Создано", order_by="created_at", keyset=True)
    next_try_at = tables.Moment(
        "Следующая попытка", value=lambda r: r.next_try_at if r.state == "waiting" else None, low=2
    )
    sent_at = tables.Moment("Отправлено", low=2)
    key = tables.Column("Ключ", hidden=True)


class OutboxFilter(filters.FilterSet):
    channel = filters.Checks("Куда", choices=OutboxMessage.Channel.choices)
    invoice = filters.Text("Номер счета", field_name="invoice__number", lookup="iexact")
    created = filters.Period(
        "Создано", field_name="created_at", moments=True, presets=("today", "week", "month", "period")
    )


class RetryMany(BulkAction):
    slug, title, icon, right, result = "retry", "Повторить", "refresh", Right.JOBS_VIEW, "Поставлено на отправку"
    question = "Отправить выбранные сообщения еще раз?"

    def perform(self, row: OutboxMessage, *, by, data: dict[str, Any]) -> None:
        outbox.outbox_retry(message_id=row.pk, by=by)


class Outbox(ListPage):
    title, section, right, tabs = "Обмен", "exchange", Right.JOBS_VIEW, TABS
    noun = ("сообщение", "сообщения", "сообщений")
    table_class, filterset_class, order, actions = OutboxTable, OutboxFilter, "-created_at", (RetryMany,)
    template_name = "licenses/exchange.html"
    segments = (
        Segment("", "Все"),
        Segment("parked", "Требуют внимания", Q(state="parked"), tone="bad"),
        Segment("waiting", "Ждут", Q(state="waiting"), tone="warn"),
        Segment("failing", "Не уходят", Q(state="waiting", attempts__gte=3), tone="bad"),
        Segment("sent", "Отправлены", Q(state="sent")),
    )
    empty_text = "Отправлять нечего: счета, оплаты и отгрузки появятся здесь, как только их нужно передать."

    def get_queryset(self) -> QuerySet[OutboxMessage]:
        return OutboxMessage.objects.select_related("invoice")

    def row_url(self, row: OutboxMessage) -> str:
        return f"/exchange/{row.pk}/"

    def extra(self) -> dict[str, Any]:
        return {"gateway": GATEWAYS.get(settings.GATEWAY, settings.GATEWAY)}


class Message(Page):
    """One message: what it holds, why it did not go, what can be done."""

    right, template_name = Right.JOBS_VIEW, "licenses/message.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(OutboxMessage.objects.select_related("invoice", "by"), pk=pk)
        self.title = what(row)
        may = row.state != OutboxMessage.State.SENT
        return self.render(
            row=row,
            tone=TONES[row.state],
            where=where(row),
            may=may,
            facts=facts_of(row),
            settle_url=f"/exchange/{pk}/settle/",
        )


def facts_of(row: OutboxMessage) -> list[tuple[str, str]]:
    """What a person recognises of the payload."""
    facts = row.payload
    named = [
        ("Счет", facts.get("number")), ("Сумма, ₽", facts.get("total")), ("Плательщик", (facts.get("payer") or {}).get("name")),
        ("Дата", facts.get("on") or facts.get("issued_on")), ("Адрес", facts.get("address")), ("Кому", facts.get("name")),
        ("Причина", facts.get("reason") or facts.get("cancel_reason")),
    ]  # fmt: skip
    return [(label, str(value)) for label, value in named if value]


class MessageRetry(Page):
    right = Right.JOBS_VIEW

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(OutboxMessage.objects.only("pk"), pk=pk)
        outbox.outbox_retry(message_id=row.pk, by=request.user)
        return htmx.done(request, "Сообщение уйдет в течение минуты", url=f"/exchange/{pk}/")


class MessageSettle(FormPage):
    title, right, submit, form_class = "Внесено вручную", Right.JOBS_VIEW, "Подтвердить", forms.ReasonForm
    success_text = "Сообщение больше не отправляется"

    @property
    def lead(self) -> str:
        if self.is_letter:
            return "Письмо не уйдет: напишите почему. Новое можно отправить со страницы счета."
        return "Подтвердите, если учетная система уже знает об этом, и напишите, кто и как это внес: сообщения по счету пойдут дальше."

    @property
    def is_letter(self) -> bool:
        return self.object.channel == OutboxMessage.Channel.MAIL

    def get_title(self) -> str:
        return "Больше не отправлять" if self.is_letter else self.title

    def get_object(self) -> OutboxMessage:
        return get_object_or_404(OutboxMessage, pk=self.kwargs["pk"])

    def perform(self, form: forms.ReasonForm) -> OutboxMessage:
        return outbox.outbox_settle(message_id=self.object.pk, reason=form.cleaned_data["reason"], by=self.request.user)

    def get_success_url(self) -> str:
        return f"/exchange/{self.object.pk}/"

    def get_cancel_url(self) -> str:
        return self.get_success_url()


class InboxTable(tables.Table):
    kind = tables.Column(
        "Что", value=lambda r: EVENTS.get(r.kind, r.kind), sub=lambda r: str(r.invoice) if r.invoice else ""
    )
    state = tables.Badge("Состояние", tones=INBOX_TONES)
    last_error = tables.Column("Почему не принято")
    at = tables.Moment("Получено", order_by="at", keyset=True)
    event_id = tables.Column("Номер события", css="num")


class EventRetry(BulkAction):
    slug, title, icon, right, result = "retry", "Принять еще раз", "refresh", Right.JOBS_VIEW, "Принято"
    question = "Принять выбранные события еще раз?"

    def perform(self, row: InboxEvent, *, by, data: dict[str, Any]) -> None:
        inbox.event_retry(event_id=row.pk, by=by, on=self.page.today)


class Inbox(ListPage):
    title, section, right, tabs = "Входящие", "exchange-in", Right.JOBS_VIEW, TABS
    parents = (("Обмен", "/exchange/"),)
    noun = ("событие", "события", "событий")
    table_class, order, actions = InboxTable, "-at", (EventRetry,)
    segments = (Segment("", "Все"), Segment("failed", "Требуют внимания", Q(state="failed"), tone="bad"))
    empty_text = "Учетная система еще ничего не сообщала."

    def get_queryset(self) -> QuerySet[InboxEvent]:
        return InboxEvent.objects.select_related("invoice")

    def row_url(self, row: InboxEvent) -> str:
        return row.invoice.get_absolute_url() if row.invoice else ""
