"""«Платежи»: what came in, and the page on which one payment is placed by hand (billing 3.4; russia.md 3.7)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import DatabaseError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from accounts.models import Account
from core import db, filters, htmx, tables
from core.errors import Conflict, DomainError, Forbidden
from core.idempotency import once
from core.lists import HeadAction, ListPage, Segment, Tab
from core.money import parse_money
from core.pages import FormPage, Page
from licenses import forms
from licenses.choices import OPEN_MATCHES, MatchState
from licenses.models import BalanceEntry, Invoice, Payment, PaymentAllocation
from licenses.selectors.suggestions import Suggestion, search_invoices, suggestions_for, twin_of
from licenses.services import spending, unpaying
from licenses.services.spending import Part
from partners.rights import Right

TONES = {"matched": "ok", "suggested": "info", "unmatched": "warn", "partial": "warn", "overpaid": "vio", "skipped": ""}
TABS = (Tab("Платежи", "/payments/"), Tab("Выписки", "/payments/statements/"))


class PaymentTable(tables.Table):
    payer = tables.Link("Плательщик", value=lambda p: p.payer_name or "Без плательщика", sub=lambda p: p.payer_inn)
    received_on = tables.Date("Поступил", order_by="received_on", keyset=True)
    number = tables.Column("Номер", css="num", low=1)
    amount = tables.Money("Сумма, ₽", order_by="amount", keyset=True, total=True)
    rest = tables.Money("Не разнесено, ₽")
    match_state = tables.Badge("Состояние", tones=TONES)
    placed = tables.Column("Счета", value=lambda p: ", ".join(f"№\u00a0{n}" for n in p.numbers), css="num")
    purpose = tables.Column("Назначение", html=lambda p: _short(p.purpose), value=lambda p: p.purpose, low=2)
    entity = tables.Column("Получатель", value=lambda p: str(p.legal_entity or "Счет не наш"), hidden=True)
    source = tables.Column("Откуда", value=lambda p: p.get_source_display(), hidden=True)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


class PaymentFilter(filters.FilterSet):
    received = filters.Period(
        "Поступил", field_name="received_on", presets=("today", "yesterday", "week", "month", "last_month", "period")
    )
    amount = filters.Amount("Сумма, ₽", field_name="amount")
    payer = filters.Text("Плательщик или ИНН", method="filter_payer")
    account = filters.Text("Номер аккаунта", method="filter_account")
    source = filters.Checks("Откуда", choices=Payment.Source.choices)

    def filter_payer(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(Q(payer_name__icontains=value) | Q(payer_inn=value))

    def filter_account(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        digits = "".join(filter(str.isdecimal, value))
        if not 0 < len(digits) <= 9:
            return queryset.none()
        mine = {"payment": OuterRef("pk")}
        paid = PaymentAllocation.objects.filter(**mine, undone_at__isnull=True, invoice__account__number=int(digits))
        kept = BalanceEntry.objects.filter(**mine, account__number=int(digits))
        return queryset.filter(Exists(paid) | Exists(kept))


class Payments(ListPage):
    title, section, right = "Платежи", "payments", Right.PAYMENT_REGISTER
    noun = ("платеж", "платежа", "платежей")
    table_class, filterset_class, order, tabs = PaymentTable, PaymentFilter, "-received_on", TABS
    segments = (
        Segment("", "Все"),
        Segment("open", "Разнести", Q(match_state__in=OPEN_MATCHES), tone="warn"),
        Segment("new", "Новые", Q(match_state=MatchState.UNMATCHED), apart=True),
        Segment("suggested", "Предложены", Q(match_state=MatchState.SUGGESTED)),
        Segment("partial", "Частично", Q(match_state=MatchState.PARTIAL)),
        Segment("matched", "Разнесены", Q(match_state=MatchState.MATCHED), apart=True),
        Segment("overpaid", "Переплата", Q(match_state=MatchState.OVERPAID)),
        Segment(
            "skipped",
            "Прочие",
            Q(match_state=MatchState.SKIPPED),
            hint="Отмечены «не разносится»: возвраты, займы, чужие деньги",
        ),
    )
    head_actions = (
        HeadAction("Загрузить выписку", "/payments/statements/add/", Right.PAYMENT_REGISTER, icon="file-import", dialog=False),
    )  # fmt: skip
    empty_text = "Платежей еще нет. Загрузите банковскую выписку: платежи найдут свои счета сами."
    empty_action = ("/payments/statements/add/", "Загрузить выписку")

    def get_queryset(self) -> QuerySet[Payment]:
        parts = PaymentAllocation.objects.filter(payment=OuterRef("pk"), undone_at__isnull=True).order_by("pk")
        rows = Payment.objects.visible_to(self.request.user).with_rest().select_related("legal_entity")
        return rows.annotate(numbers=ArraySubquery(parts.values("invoice__number")))

    def row_sum(self, row: Payment) -> Decimal:
        return row.amount


@dataclass
class Typed:
    """What a person ticked and typed; it comes back with a refusal."""

    chosen: list[int] = field(default_factory=list)
    amounts: dict[int, str] = field(default_factory=dict)
    rest: str = ""

    @classmethod
    def of(cls, post) -> Typed:
        ids = [int(v) for v in post.getlist("invoice") if v.isascii() and v.isdigit() and len(v) < 19]
        return cls(
            list(dict.fromkeys(ids)), {pk: post.get(f"amount_{pk}", "").strip() for pk in ids}, post.get("rest", "")
        )

    def parts(self) -> list[Part]:
        """DomainError for a sum that is none."""
        found = []
        for pk in self.chosen:
            try:
                found.append(Part(pk, parse_money(self.amounts[pk]) if self.amounts[pk] else None))
            except ValueError as error:
                raise DomainError(f"Сумма «{self.amounts[pk][:30]}»: {error}", field="amount", code="amount") from error
        return found


class PaymentPage(Page):
    """/payments/<id>/: what the payment says, which invoices it may pay, and where its money is."""

    right, template_name = Right.PAYMENT_REGISTER, "licenses/payment.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.typed, self.error, self.conflict = Typed(), "", None

    @property
    def payment(self) -> Payment:
        if not hasattr(self, "_payment"):
            self._payment = visible_payment(self.request, self.kwargs["pk"])
        return self._payment

    def get_title(self) -> str:
        return f"Платеж №\u00a0{self.payment.number}"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        _ = self.payment
        return self.render()

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        payment, self.typed = self.payment, Typed.of(request.POST)
        try:
            parts, rest = self.typed.parts(), self._rest_account()
            version = (
                int(v) if (v := request.POST.get("version", "")).isascii() and v.isdigit() and len(v) < 10 else None
            )
            once(request, lambda: len(spending.payment_spread(
                payment_id=payment.pk, parts=parts, rest_account_id=rest, by=request.user, on=self.today, version=version
            )))  # fmt: skip
        except Forbidden:
            raise
        except (DomainError, DatabaseError, Invoice.DoesNotExist, Account.DoesNotExist) as raised:
            error = _refusal(raised)
            if error is None:
                raise
            del self._payment
            self.error = htmx.sentence(error)
            return self.render(status=error.status if isinstance(error, Conflict) else 422)
        return htmx.done(request, "Платеж разнесен", url=payment.get_absolute_url(), stay=False)

    def _rest_account(self) -> int | None:
        number = self.typed.rest
        if not number:
            return None
        rows = Account.objects.visible_to(self.request.user)
        account = (
            rows.filter(number=int(number)).first()
            if number.isascii() and number.isdigit() and len(number) < 10
            else None
        )
        if account is None:
            raise DomainError("Такого аккаунта нет среди ваших: выберите из списка.", field="rest")
        return account.pk

    def get_context(self, **extra: Any) -> dict[str, Any]:
        payment, user = self.payment, self.request.user
        query = self.request.GET.get("q", "").strip()[:100]
        live = (
            payment.allocations.filter(undone_at__isnull=True).select_related("invoice__account", "by").order_by("pk")
        )
        parts = list(live)
        kept = self._kept()
        is_open = payment.rest > 0 and not payment.skip_reason
        offered = suggestions_for(payment, free=payment.rest, by=user) if is_open else []
        found = search_invoices(payment, query, free=payment.rest, by=user) if query and is_open else []
        seen = {row.invoice.pk for row in found}
        for row in [*found, *offered]:
            row.invoice.typed = self.typed.amounts.get(row.invoice.pk, "")
            row.invoice.ticked = row.invoice.pk in self.typed.chosen
        return super().get_context(
            payment=payment, tone=TONES[payment.match_state], parts=parts, kept=kept, q=query, found=found,
            offered=[row for row in offered if row.invoice.pk not in seen], is_open=is_open, error=self.error,
            accounts=self._accounts([*found, *offered], parts) if is_open else [], rest_chosen=self.typed.rest,
            twin=twin_of(payment) if is_open else None,
            may_skip=is_open and payment.rest == payment.amount, invoices=len(found) + len(offered),
            one=len(found) + len(offered) == 1, **extra,
        )  # fmt: skip

    def _kept(self) -> list[tuple[Account, Decimal]]:
        """Accounts that hold a part of the payment on their balance."""
        sums: dict[Account, Decimal] = defaultdict(Decimal)
        for entry in BalanceEntry.objects.filter(payment=self.payment).select_related("account"):
            sums[entry.account] += entry.amount
        return [(account, amount) for account, amount in sums.items() if amount > 0]

    def _accounts(self, rows: list[Suggestion], parts: list[PaymentAllocation]) -> list[Account]:
        """Accounts whose balance may take the rest: those of the invoices shown, and those with the payer among members."""
        found = {row.invoice.account_id: row.invoice.account for row in rows}
        found |= {part.invoice.account_id: part.invoice.account for part in parts}
        if self.payment.payer_inn:
            mine = Account.objects.visible_to(self.request.user).filter(
                members__client__inn=self.payment.payer_inn, members__left_at__isnull=True
            )
            found |= {account.pk: account for account in mine[:20]}
        return sorted(found.values(), key=lambda account: account.name)


def _refusal(raised: Exception) -> DomainError | None:
    """What to tell instead of an error; None: it is none of ours."""
    if isinstance(raised, Invoice.DoesNotExist | Account.DoesNotExist):
        return DomainError("Одного из счетов больше нет среди ваших: обновите страницу и выберите заново.", code="gone")
    return raised if isinstance(raised, DomainError) else db.refusal(raised)


def visible_payment(request: HttpRequest, pk: int) -> Payment:
    """404 outside the scope."""
    rows = Payment.objects.visible_to(request.user).with_rest()
    return get_object_or_404(rows.select_related("legal_entity", "suggested", "statement"), pk=pk)


class PaymentSkip(FormPage):
    """«Не разносится»: with a reason."""

    title, right, submit, form_class = "Не разносить платеж", Right.PAYMENT_REGISTER, "Не разносить", forms.ReasonForm
    success_text = "Платеж отмечен: не разносится"
    lead = "Возврат, заем, чужие деньги: платеж уйдет из очереди, его всегда можно вернуть."

    def get_object(self) -> Payment:
        return visible_payment(self.request, self.kwargs["pk"])

    def perform(self, form: forms.ReasonForm) -> Payment:
        return spending.payment_skip(
            payment_id=self.object.pk, reason=form.cleaned_data["reason"], by=self.request.user
        )

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()


class PaymentUnskip(Page):
    right = Right.PAYMENT_REGISTER

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        payment = spending.payment_unskip(payment_id=visible_payment(request, pk).pk, by=request.user)
        return htmx.done(request, "Платеж снова в работе", url=payment.get_absolute_url())


class PaymentUndo(Page):
    """The whole payment back."""

    right = Right.PAYMENT_REGISTER

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        payment = visible_payment(request, pk)
        unpaying.payment_undo(payment_id=payment.pk, by=request.user, on=self.today)
        return htmx.done(request, "Разнесение отменено", url=payment.get_absolute_url())


class PartUndo(Page):
    """One invoice's part back."""

    right = Right.PAYMENT_REGISTER

    def post(self, request: HttpRequest, pk: int, part: int) -> HttpResponse:
        payment = visible_payment(request, pk)
        row = get_object_or_404(PaymentAllocation, pk=part, payment=payment)
        unpaying.allocation_undo(allocation_id=row.pk, by=request.user, on=self.today)
        return htmx.done(request, "Оплата снята со счета", url=payment.get_absolute_url())


class KeptUndo(Page):
    """What went to an account's balance back into the payment."""

    right = Right.PAYMENT_REGISTER

    def post(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        payment = visible_payment(request, pk)
        account = get_object_or_404(Account.objects.visible_to(request.user), number=number)
        unpaying.kept_undo(payment_id=payment.pk, account_id=account.pk, by=request.user)
        return htmx.done(request, "Остаток возвращен с баланса", url=payment.get_absolute_url())
