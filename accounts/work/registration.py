"""/invitation/<token>/: the page behind an invitation's link; and the products' call about a registration."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from accounts.models import Account
from accounts.services.contacts import Contact
from accounts.services.registration import account_register
from clients.api import ApiView, client_of, text
from clients.api_docs import OBJECT, Answer, Doc, Field, organisation
from clients.choices import PersonRole
from clients.models.contacts import Source
from clients.services.invitations import invitation_of, invitation_start, token_hash
from core.errors import DomainError
from core.pages import PUBLIC, Page

CONSENT = "согласие при регистрации"


class RegistrationForm(forms.Form):
    full_name = forms.CharField(label="ФИО", max_length=200, error_messages={"required": "Укажите ФИО."})
    email = forms.CharField(
        label="Email",
        max_length=254,
        widget=forms.TextInput(attrs={"inputmode": "email"}),
        error_messages={"required": "Укажите email."},
    )
    phone = forms.CharField(
        label="Телефон",
        max_length=60,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
        error_messages={"required": "Укажите телефон."},
    )
    consent = forms.BooleanField(
        label="Согласен на обработку персональных данных",
        error_messages={"required": "Без согласия зарегистрировать нельзя."},
    )


def key_of(token: str) -> str:
    """The registration's id: a link registers once."""
    return f"link:{token_hash(token)[:40]}"


class Registration(Page):
    """The link is the key: 128 bits and more, one invitation, until its day. An unknown one says nothing."""

    right, title, template_name = PUBLIC, "Регистрация", "accounts/work/registration.html"

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.answer(token, RegistrationForm())

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        invitation = invitation_of(token)
        form = RegistrationForm(request.POST)
        if invitation is None:
            # A second click comes when the first one has closed the invitation.
            done = Account.objects.filter(external_id=key_of(token)).first()
            main = done and done.members.present().select_related("client").order_by("pk").first()
            return self.render(account=done, client=main.client) if main else self.answer(token, form)
        if not form.is_valid():
            invitation_start(invitation_id=invitation.pk)
            return self.answer(token, form, status=422)
        data = form.cleaned_data
        try:
            account, _made = account_register(
                client_id=invitation.client_id, key=key_of(token), source="ui", on=self.today,
                contact=Contact(
                    data["full_name"], phone=data["phone"], email=data["email"], role=PersonRole.REGISTERS, source=Source.CLIENT, basis=CONSENT
                ),
            )  # fmt: skip
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            return self.answer(token, form, status=error.status)
        return self.render(account=account, client=invitation.client)

    def answer(self, token: str, form: RegistrationForm, status: int = 200) -> HttpResponse:
        invitation = invitation_of(token)
        if invitation is None:
            return self.render(status=404, gone=True)
        sender = invitation.sender.name if invitation.sender else invitation.sender_name
        return self.render(
            status=status, form=form, client=invitation.client, sender=sender, topic=invitation.get_topic_display()
        )


class Registrations(ApiView):
    """POST /api/v1/registrations/ (R2.58, R2.60)."""

    doc = Doc(
        "Клиент зарегистрировал личный кабинет",
        "Создает триальный аккаунт, закрывает приглашения, ставит задачи ответственному. То же событие узнается по key; организация, "
        "которая уже в аккаунте, второго не получает: в ответе номер прежнего.",
        (
            Field("key", "Код события в продукте", required=True, longest=64),
            organisation("client", "Кто зарегистрировался"),
            Field("name", "Название аккаунта; иначе название организации", longest=200),
            Field("contact", "Кто регистрировал", OBJECT, fields=(
                Field("full_name", "ФИО", required=True, longest=200), Field("phone", "Телефон", longest=60), Field("email", "Email", longest=254))),
        ),
        {"key": "cab-1", "client": {"inn": "7718159470"}, "contact": {"full_name": "Счетова Анна", "phone": "+7 495 712-00-02"}},
        (Answer(201, "Аккаунт создан", {"account": 1000017, "result": "created"}), Answer(200, "Кабинет уже есть", {"account": 1000017, "result": "linked"})),
    )  # fmt: skip

    def call(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        facts = body.get("contact")
        contact = None
        if isinstance(facts, dict):
            contact = Contact(
                text(facts, "full_name", required=True, longest=200),
                phone=text(facts, "phone", longest=60),
                email=text(facts, "email", longest=254),
                role=PersonRole.REGISTERS,
                source=Source.API,
            )
        account, made = account_register(
            client_id=client_of(body).pk,
            key=text(body, "key", required=True, longest=64),
            contact=contact,
            name=text(body, "name", longest=200),
            on=self.today,
        )
        return (201 if made else 200), {"account": account.number, "result": "created" if made else "linked"}
