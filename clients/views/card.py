"""The client card and its forms (R2.20–R2.21, R2.44–R2.57)."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from clients import forms
from clients.cards import client_card
from clients.models import Client, ClientPerson, ClientPhone, ConnectionCheck
from clients.selectors import card as selectors
from clients.selectors.merging import main_of
from clients.services import (
    Contact,
    client_decline,
    client_return,
    contact_add,
    contact_change,
    contact_remove,
    phone_add,
    phone_mark,
    phone_remove,
)
from clients.services.readiness import readiness_set
from clients.services.related import not_related_mark, not_related_withdraw
from core import clock, formats, htmx
from core.cards import CardPage
from core.models import ViewEntry
from core.pages import EMPLOYEE, Page
from partners.rights import Right

from .binding import ClientForm


class ClientCard(CardPage):
    """Register fields are every employee's, the rest is shown in scope (decision 21)."""

    card, right = client_card, EMPLOYEE
    parents = (("Все клиенты", "/clients/"),)
    header_template, overview_title = "clients/card_header.html", "Реквизиты"

    def get_object(self) -> Client:
        return get_object_or_404(
            Client.objects.select_related("salespoint", "manager", "details", "readiness"), pk=self.kwargs["pk"]
        )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.object.is_merged and (main := main_of(self.object.pk)):
            messages.info(request, f"«{self.object.name}» объединена с этой карточкой.")
            return HttpResponseRedirect(f"/clients/{main}/")
        return super().get(request, *args, **kwargs)

    def seen(self) -> None:
        # 152-ФЗ: who looked at whose contacts.
        if selectors.in_scope(self.object, self.request) and self.kwargs.get("section", "contacts") == "contacts":
            ViewEntry.objects.create(
                at=clock.now(),
                by=self.request.user,
                subject_type="clients.client",
                subject_id=self.object.pk,
                what="contacts",
            )

    def extra(self) -> dict[str, Any]:
        state = selectors.details_of(self.object).state_text
        return {
            "in_scope": selectors.in_scope(self.object, self.request),
            "state_text": "" if state.lower().startswith("действ") else state,
        }


class Decline(ClientForm):
    title, submit, submit_tone, success_text = "Отказался", "Сохранить отказ", "danger", "Отказ записан"
    lead, form_class = (
        "Клиент уйдет из рабочих списков в «Отказались» и останется за своим менеджером.",
        forms.DeclineForm,
    )

    def perform(self, form: forms.DeclineForm) -> None:
        client_decline(client_id=self.object.pk, by=self.request.user, on=self.today, **form.cleaned_data)


class Return(ClientForm):
    title, submit, success_text = "Вернуть в работу", "Вернуть", "Клиент снова в работе"
    lead = "Клиент вернется в рабочие списки, его снова можно пригласить."

    def perform(self, form) -> None:
        client_return(client_id=self.object.pk, by=self.request.user, on=self.today)


class PhoneAdd(ClientForm):
    title, submit, success_text, form_class, creates = (
        "Телефон организации",
        "Добавить",
        "Телефон добавлен",
        forms.PhoneForm,
        True,
    )

    def perform(self, form: forms.PhoneForm) -> ClientPhone:
        return phone_add(client_id=self.object.pk, by=self.request.user, **form.cleaned_data)


class PhoneMark(Page):
    """«Неверный» and back."""

    right = Right.CLIENT_CHANGE

    def post(self, request: HttpRequest, pk: int, phone: int) -> HttpResponse:
        client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
        row = get_object_or_404(ClientPhone, pk=phone, client=client)
        is_wrong = request.POST.get("wrong") == "1"
        phone_mark(phone_id=row.pk, is_wrong=is_wrong, by=request.user)
        return htmx.done(
            request, "Номер отмечен неверным" if is_wrong else "Номер снова верный", url=client.get_absolute_url()
        )


class PhoneRemove(ClientForm):
    """«Удалить»: for a number typed by mistake; one that does not answer is marked wrong instead."""

    title, submit, submit_tone, success_text = "Удалить телефон", "Удалить", "danger", "Телефон удален"

    @property
    def phone(self) -> ClientPhone:
        return get_object_or_404(ClientPhone, pk=self.kwargs["phone"], client=self.object)

    @property
    def lead(self) -> str:
        return (
            f"{formats.phone(self.phone.number)} исчезнет из карточки. Если по нему отвечают не они, отметьте номер неверным: "
            "он останется зачеркнутым и не попадет в отбор «С телефоном»."
        )

    def perform(self, form) -> None:
        phone_remove(phone_id=self.phone.pk, by=self.request.user)

    def get_success_url(self) -> str:
        return f"{self.object.get_absolute_url()}contacts/"


def contact_of(data: dict[str, Any]) -> Contact:
    """The form's fields as the service takes them."""
    return Contact(**{field.name: data[field.name] for field in fields(Contact) if field.name in data})


class ContactAdd(ClientForm):
    title, submit, success_text, form_class, creates = (
        "Контактное лицо",
        "Добавить",
        "Контакт добавлен",
        forms.ContactForm,
        True,
    )

    def perform(self, form: forms.ContactForm) -> ClientPerson:
        return contact_add(client_id=self.object.pk, contact=contact_of(form.cleaned_data), by=self.request.user)


class ContactChange(ClientForm):
    title, success_text, form_class, template_name = (
        "Контактное лицо",
        "Контакт сохранен",
        forms.ContactChangeForm,
        "clients/contact.html",
    )

    @property
    def link(self) -> ClientPerson:
        return get_object_or_404(
            ClientPerson.objects.select_related("person"),
            pk=self.kwargs["link"],
            client=self.object,
            person__erased_at=None,
        )

    def get_version(self) -> int:
        return self.link.person.version

    def get_initial(self) -> dict[str, Any]:
        link = self.link
        person = {
            name: getattr(link.person, name)
            for name in (
                "full_name",
                "phone",
                "email",
                "note",
                "do_not_call",
                "email_is_wrong",
                "source",
                "basis",
                "version",
            )
        }
        if link.person.extension:
            person["phone"] = f"{link.person.phone} доб. {link.person.extension}"
        return person | {"role": link.role, "registers": link.registers, "is_preferred": link.is_preferred}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "remove" in request.POST:
            contact_remove(link_id=self.link.pk, by=request.user)
            return htmx.done(request, "Контакт убран из карточки", url=f"{self.object.get_absolute_url()}contacts/")
        return super().post(request, *args, **kwargs)

    def perform(self, form: forms.ContactChangeForm) -> ClientPerson:
        return contact_change(
            link_id=self.link.pk,
            contact=contact_of(form.cleaned_data),
            version=form.cleaned_data["version"],
            by=self.request.user,
        )


class NotRelated(ClientForm):
    """Mark a pair, or take the mark back (`withdraw`)."""

    title, submit, success_text, form_class = (
        "Организации не связаны",
        "Отметить",
        "Пара скрыта для всех",
        forms.NotRelatedForm,
    )
    lead = "Пара исчезнет из «Дублей и связанных» у всех сотрудников. Отметку можно снять."

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "withdraw" not in request.POST:
            return super().post(request, *args, **kwargs)
        not_related_withdraw(client_id=self.object.pk, other_id=self.kwargs["other"], by=request.user)
        return htmx.done(request, "Отметка снята", url=f"{self.object.get_absolute_url()}related/")

    def perform(self, form: forms.NotRelatedForm) -> Any:
        if not Client.objects.filter(pk=self.kwargs["other"]).exists():
            raise Http404
        return not_related_mark(
            client_id=self.object.pk,
            other_id=self.kwargs["other"],
            reason=form.cleaned_data["reason"],
            by=self.request.user,
        )


class Readiness(ClientForm):
    title, success_text = "Готовность к подключению", "Отмечено"

    @property
    def check(self) -> ConnectionCheck:
        return ConnectionCheck.objects.filter(pk=self.object.pk).first() or ConnectionCheck(client=self.object)

    def get_version(self) -> int:
        return self.check.version

    def get_form(self, data=None, files=None) -> forms.ReadinessForm:
        check = self.check
        return forms.ReadinessForm(
            data, instance=check, initial={"version": check.version}, topics=selectors.topics_of(self.object)
        )

    def perform(self, form: forms.ReadinessForm) -> ConnectionCheck:
        answers = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        return readiness_set(
            client_id=self.object.pk, by=self.request.user, version=form.cleaned_data["version"], **answers
        )
