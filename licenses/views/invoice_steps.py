"""Further steps of an invoice: a letter to the client, payment from the balance, prices of today (R2.96; billing Q5)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from accounts.models import Account
from core import htmx
from core.forms import MoneyField, Option
from core.money import format_money
from core.pages import Page
from licenses.models import OutboxMessage
from licenses.selectors.letters import payer_contacts
from licenses.services import outbox, payments, repricing
from partners.rights import Right

from .invoices import InvoiceForm, visible_invoice


class LetterForm(forms.Form):
    """To one of the account's contacts, or to another address."""

    contact = forms.ChoiceField(label="Кому", required=False, widget=forms.RadioSelect)
    address = forms.CharField(
        label="Другой email",
        max_length=254,
        required=False,
        widget=forms.EmailInput,
        help_text="Если заполнен, письмо уйдет сюда.",
    )
    text = forms.CharField(
        label="Сопроводительный текст", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, contacts: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = dict(contacts)
        options = [(address, Option(name or address, hint=address if name else "")) for address, name in contacts]
        if options:
            self.fields["contact"].choices = [*options, ("", "На другой адрес")]
            self.fields["contact"].initial = options[0][0]
        else:
            del self.fields["contact"]
            self.fields["address"].label, self.fields["address"].help_text = "Email", ""

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        typed = (data.get("address") or "").strip()
        if not typed and not data.get("contact") and "address" not in self.errors:
            self.add_error("address", "Выберите контакт или введите email.")
        data["to"] = typed or data.get("contact", "")
        return data


class Send(InvoiceForm):
    """«Отправить на email»: the letter waits in the outbox; a second press of one form sends nothing more."""

    title, right, submit, creates = "Отправить счет на email", Right.INVOICE_ISSUE, "Отправить", True
    form_class = LetterForm
    lead = "В письме будет счет в PDF. Если почта не отвечает, письмо уйдет, как только она заработает."

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"contacts": payer_contacts(self.object)}

    def perform(self, form: LetterForm) -> OutboxMessage:
        data = form.cleaned_data
        return outbox.invoice_send(
            invoice_id=self.object.pk, address=data["to"], name=form.names.get(data["to"], ""), text=data["text"],
            by=self.request.user,
        )  # fmt: skip

    def get_success_text(self) -> str:
        return f"Счет отправляется на {self.result.payload['address']}"


class BalanceForm(forms.Form):
    amount = MoneyField(label="Сумма с баланса, ₽")


class PayFromBalance(InvoiceForm):
    title, right, submit, creates = "Оплатить с баланса", Right.PAYMENT_REGISTER, "Оплатить", True
    form_class, success_text = BalanceForm, "Счет оплачен с баланса"

    @property
    def lead(self) -> str:
        return f"На балансе аккаунта {format_money(self.balance, '₽')}."

    @property
    def balance(self):
        return payments.balance_of(Account(pk=self.object.account_id))

    def get_initial(self) -> dict[str, Any]:
        return {"amount": min(self.balance, self.object.total - self.object.paid)}

    def perform(self, form: BalanceForm) -> Any:
        return payments.balance_spend(
            invoice_id=self.object.pk, amount=form.cleaned_data["amount"], by=self.request.user, on=self.today
        )


class Reprice(Page):
    """One click: the same positions at the prices of today in a new invoice; the old one is annulled, its money moves along."""

    right = Right.INVOICE_ISSUE

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        invoice = visible_invoice(request, pk)
        new = repricing.invoice_reprice(invoice_id=invoice.pk, by=request.user, on=self.today)
        text = f"Пересчитан: новый счет №\u00a0{new.number}"
        return htmx.done(request, text, url=new.get_absolute_url(), stay=False)
