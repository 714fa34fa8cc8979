"""The invoice page and its steps: issue, pay by hand, ship, activate, cancel (manual ch. 2.2, R2.96–R2.102)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from accounts.models import Account
from core import htmx
from core.errors import DomainError
from core.pages import FormPage, Page, SimplePage
from licenses import forms, rules
from licenses.choices import InvoiceState, LicenseState
from licenses.models import Appointment, Invoice
from licenses.selectors.letters import letters_of
from licenses.services import activation, invoices, payments, shipping, unpaying, visits
from licenses.services.payments import HandPayment
from partners.rights import Right


def visible_invoice(request: HttpRequest, pk: int) -> Invoice:
    """404 outside the scope."""
    rows = Invoice.objects.visible_to(request.user).with_paid()
    return get_object_or_404(
        rows.select_related(
            "account__salespoint", "legal_entity", "payer", "manager", "salespoint", "replaces", "promo"
        ),
        pk=pk,
    )


class InvoicePage(SimplePage):
    """/invoices/<id>/: lines, money, shipment, and what can be done next."""

    right, template_name = Right.ACCOUNT_VIEW, "licenses/invoice.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.invoice = visible_invoice(request, pk)
        return self.render()

    def get_title(self) -> str:
        return f"Счет №\u00a0{self.invoice.number}"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        invoice, user = self.invoice, self.request.user
        lines = list(invoice.lines.select_related("item", "license"))
        shipment = invoice.shipments.filter(cancelled_on__isnull=True).select_related("by").first()
        states = {line.license.state for line in lines if line.license_id}
        account = invoice.account
        may = {name: user.may(right, account) for name, right in RIGHTS.items()}
        is_issued = invoice.state == InvoiceState.ISSUED
        owed = invoice.total - invoice.paid
        return super().get_context(
            invoice=invoice,
            lines=lines,
            shipment=shipment,
            owed=owed,
            allocations=invoice.allocations.filter(undone_at__isnull=True)
            .select_related("payment", "by")
            .order_by("at"),
            visits=invoice.appointments.select_related("engineer"),
            past=invoice.shipments.filter(cancelled_on__isnull=False).select_related("cancelled_by"),
            may_pay=may["pay"] and is_issued and owed > 0,
            may_unpay=may["pay"] and invoice.paid > 0 and shipment is None,
            may_ship=may["ship"] and is_issued and shipment is None,
            may_activate=may["activate"] and shipment is not None and LicenseState.SHIPPED in states,
            may_unship=may["unship"] and shipment is not None,
            cancel_until=rules.cancel_until(shipment.shipped_on) if shipment else None,
            may_cancel=may["issue"] and is_issued and shipment is None and not invoice.paid,
            may_visit=may["ship"] and is_issued,
            may_send=may["issue"] and is_issued,
            may_see_payments=may["pay"],
            replaced=invoice.replaced_by.order_by("-pk").first(),
            may_reprice=may["issue"] and is_issued and shipment is None,
            balance=payments.balance_of(account) if may["pay"] and is_issued and owed > 0 else 0,
            letters=letters_of(invoice),
            external=EXTERNAL.get(invoice.external_state, ""),
            expired=is_issued and shipment is None and invoice.valid_until < self.today,
            **extra,
        )


EXTERNAL = {"issued": "принят", "paid": "оплачен", "shipped": "отгружен", "cancelled": "аннулирован"}
"""How the accounting system sees the invoice."""

RIGHTS = {
    "pay": Right.PAYMENT_REGISTER,
    "ship": Right.INVOICE_SHIP,
    "activate": Right.LICENSE_ACTIVATE,
    "unship": Right.SHIPMENT_CANCEL,
    "issue": Right.INVOICE_ISSUE,
}


class InvoiceForm(FormPage, abstract=True):
    """A step of one invoice."""

    def get_object(self) -> Invoice:
        return visible_invoice(self.request, self.kwargs["pk"])

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()

    def get_cancel_url(self) -> str:
        return self.object.get_absolute_url()


class Pay(InvoiceForm):
    title, right, submit, creates = "Принять оплату", Right.PAYMENT_REGISTER, "Принять", True
    form_class, success_text = forms.PaymentForm, "Оплата принята"

    def get_initial(self) -> dict[str, Any]:
        return {"amount": self.object.total - self.object.paid, "date": self.today}

    def perform(self, form: forms.PaymentForm) -> Any:
        data = form.cleaned_data
        payment = HandPayment(amount=data["amount"], date=data["date"], number=data["number"])
        return payments.payment_register(
            invoice_id=self.object.pk, payment=payment, by=self.request.user, on=self.today
        )


class Ship(InvoiceForm):
    title, right, submit, creates = "Отгрузить счет", Right.INVOICE_SHIP, "Отгрузить", True
    form_class, success_text = forms.ShipForm, "Счет отгружен"

    def get_initial(self) -> dict[str, Any]:
        return {"on": self.today}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"may_debt": self.request.user.may(Right.INVOICE_SHIP_UNPAID, self.object.account)}

    def perform(self, form: forms.ShipForm) -> Any:
        if form.cleaned_data["on"] > self.today:
            raise DomainError("Отгрузить будущим числом нельзя: укажите сегодня или раньше.", field="on")
        return shipping.invoice_ship(
            invoice_id=self.object.pk,
            by=self.request.user,
            on=form.cleaned_data["on"],
            debt_reason=form.cleaned_data.get("debt_reason", ""),
        )


class ShipAndActivate(Page):
    """«Отгрузить и активировать» of the account card: two steps, each with its own refusal."""

    right = Right.INVOICE_SHIP

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        invoice = visible_invoice(request, pk)
        if not invoice.shipments.filter(cancelled_on__isnull=True).exists():
            shipping.invoice_ship(invoice_id=invoice.pk, by=request.user, on=self.today)
        activation.invoice_activate(invoice_id=invoice.pk, by=request.user, on=self.today)
        return htmx.done(request, "Счет отгружен, лицензии активированы", url=invoice.account.get_absolute_url())


class Activate(Page):
    """«Активировать» (R2.101). The second of two people gets the same result."""

    right = Right.LICENSE_ACTIVATE

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        invoice = visible_invoice(request, pk)
        activation.invoice_activate(invoice_id=invoice.pk, by=request.user, on=self.today)
        return htmx.done(request, "Лицензии активированы", url=invoice.account.get_absolute_url())


class Unship(InvoiceForm):
    title, right, submit, submit_tone = "Отменить отгрузку", Right.SHIPMENT_CANCEL, "Отменить отгрузку", "danger"
    form_class, success_text = forms.ReasonForm, "Отгрузка отменена"
    lead = "Лицензии этого счета перестанут действовать, замененные вернутся. Оплата останется на счете."

    def perform(self, form: forms.ReasonForm) -> Any:
        return shipping.shipment_cancel(
            invoice_id=self.object.pk, reason=form.cleaned_data["reason"], by=self.request.user, on=self.today
        )


class Cancel(InvoiceForm):
    title, right, submit, submit_tone = "Аннулировать счет", Right.INVOICE_ISSUE, "Аннулировать", "danger"
    form_class, success_text = forms.ReasonForm, "Счет аннулирован"
    lead = "Номер останется за счетом, лицензии снова станут неактивированными и войдут в новый счет."

    def perform(self, form: forms.ReasonForm) -> Any:
        return invoices.invoice_cancel(
            invoice_id=self.object.pk, reason=form.cleaned_data["reason"], by=self.request.user, on=self.today
        )


class Replace(Page):
    """The same licences in a new invoice of today."""

    right = Right.INVOICE_ISSUE

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        invoice = visible_invoice(request, pk)
        new = invoices.invoice_replace(invoice_id=invoice.pk, by=request.user, on=self.today)
        return htmx.done(request, f"Выставлен новый счет №\u00a0{new.number}", url=new.get_absolute_url(), stay=False)


class PaymentUndo(Page):
    right = Right.PAYMENT_REGISTER

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        invoice = visible_invoice(request, pk)
        unpaying.allocations_undo(invoice_id=invoice.pk, by=request.user, on=self.today)
        return htmx.done(request, "Оплата снята со счета", url=invoice.get_absolute_url())


class VisitClose(Page):
    right = Right.INVOICE_SHIP

    def post(self, request: HttpRequest, pk: int, visit: int) -> HttpResponse:
        invoice = visible_invoice(request, pk)
        row = get_object_or_404(Appointment, pk=visit, invoice=invoice)
        step = visits.visit_done if request.POST.get("held") == "1" else visits.visit_missed
        step(visit_id=row.pk, by=request.user, on=self.today)
        return htmx.done(request, "Визит отмечен", url=invoice.get_absolute_url())


class Issue(FormPage):
    """«Выставить счет» over the chosen licences of an account."""

    title, right, submit, creates, stay = "Выставить счет", Right.INVOICE_ISSUE, "Выставить", True, False
    form_class, success_text, template_name = forms.IssueForm, "Счет выставлен", "licenses/issue.html"

    def get_object(self) -> Account:
        return get_object_or_404(
            Account.objects.visible_to(self.request.user).select_related("salespoint__legal_entity"),
            number=self.kwargs["number"],
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        chosen = list(self.object.licenses.filter(state=LicenseState.SELECTED).select_related("item__line", "payer"))
        return super().get_context(chosen=chosen, total=sum(row.amount for row in chosen), **extra)

    def get_cancel_url(self) -> str:
        return self.object.get_absolute_url()

    def perform(self, form: forms.IssueForm) -> str:
        on = self.today
        invoice = invoices.invoice_issue(
            account_id=self.object.pk, promo_code=form.cleaned_data["promo_code"], by=self.request.user, on=on
        )
        return invoice.get_absolute_url()

    def get_success_url(self) -> str:
        return self.result
