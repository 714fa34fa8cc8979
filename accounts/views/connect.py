"""«Подключить клиента» of the header and «Подключить сейчас» of the card (R2.69–R2.80)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from accounts.forms import ConnectForm
from accounts.models import Account, AccountMember
from accounts.services.connecting import account_create
from clients.models import Client
from clients.selectors.search import InnStatus, lookup_inn
from clients.services import Contact
from core.pages import FormPage
from partners.rights import Right


class Connect(FormPage):
    """Without `client`: the INN and what the register answers. With it: name and contact person."""

    title, right, submit = "Подключить клиента", Right.ACCOUNT_ADD, "Создать"
    template_name, form_class = "accounts/connect.html", ConnectForm
    success_text, stay, creates = "Аккаунт создан", False, True

    def get_object(self) -> Client | None:
        pk = self.request.GET.get("client", "")
        if not pk:
            return None
        # Register data of a card are every employee's (decision 21).
        return get_object_or_404(Client, pk=int(pk) if pk.isdecimal() and len(pk) < 19 else -1)

    @cached_property
    def member(self) -> AccountMember | None:
        return (
            AccountMember.objects.present().filter(client=self.object).select_related("account").order_by("pk").first()
        )

    @cached_property
    def answer(self):
        inn = self.request.GET.get("inn", "")
        return lookup_inn(inn) if "inn" in self.request.GET else None

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.object.name} if self.object else {}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"connected": bool(self.object and self.member)}

    def get_context(self, **extra: Any) -> dict[str, Any]:
        context = super().get_context(**extra)
        context |= {
            "client": self.object,
            "inn": self.request.GET.get("inn", ""),
            "answer": self.answer,
            "cancel_url": "/accounts/",
        }
        if self.object and self.member:
            context["connected"] = self.member.account
        if self.answer and self.answer.status == InnStatus.FOUND:
            context["found"] = self.answer.clients
        return context

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.object is None:
            return self.render(form=self.get_form(), status=422)
        return super().post(request, *args, **kwargs)

    def perform(self, form: ConnectForm) -> Account:
        data = form.cleaned_data
        contact = Contact(
            full_name=data["full_name"], email=data["email"], phone=data["phone"], registers=True, is_preferred=True
        )
        self.made = account_create(
            client_id=self.object.pk,
            name=data["name"],
            contact=contact,
            by=self.request.user,
            on=self.today,
            second=data.get("second", False),
        )
        return self.made.get_absolute_url()

    def get_success_url(self) -> str:
        return self.result
