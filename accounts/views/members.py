"""The organisation's menu in an account and the account's own small forms (R2.82, R2.151–R2.158)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from accounts import forms
from accounts.models import Account, AccountContact, AccountMember
from accounts.services import account as account_services
from accounts.services import contacts, members
from clients.selectors.search import InnStatus, lookup_inn
from clients.services import Contact
from core import htmx
from core.errors import DomainError
from core.pages import FormPage, Page
from partners.rights import Right


class AccountForm(FormPage, abstract=True):
    """A form about one account in scope; 404 outside."""

    right = Right.ACCOUNT_CHANGE

    def get_object(self) -> Account:
        return get_object_or_404(
            Account.objects.visible_to(self.request.user).select_related("salespoint"), number=self.kwargs["number"]
        )

    @property
    def parents(self) -> tuple[tuple[str, str], ...]:
        """Whose form it is, on a page of its own."""
        return (("Аккаунты", "/accounts/"), (self.object.name, self.object.get_absolute_url()))

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()

    def get_cancel_url(self) -> str:
        return self.object.get_absolute_url()


class MemberForm(AccountForm, abstract=True):
    """A form about one organisation of the account."""

    def get_object(self) -> Account:
        account = super().get_object()
        rows = AccountMember.objects.present().filter(account=account).select_related("client")
        self.member = get_object_or_404(rows, pk=self.kwargs["member"])
        return account

    def get_title(self) -> str:
        return f"{self.title} — {self.member.client.name}"


class MemberAdd(AccountForm):
    title, submit, form_class, creates = "Добавить контрагента", "Добавить", forms.MemberForm, True
    success_text = "Организация добавлена"

    def perform(self, form: forms.MemberForm) -> str:
        data = form.cleaned_data
        answer = lookup_inn(data["inn"])
        if answer.status != InnStatus.FOUND:
            raise DomainError(answer.message, field="inn")
        client = answer.connectable[0]
        members.member_add(
            account_id=self.object.pk,
            client_id=client.pk,
            kpp=data["kpp"] or client.kpp,
            by=self.request.user,
            on=self.today,
            confirmed=data["confirmed"],
        )
        return self.get_success_url()


class KppChange(MemberForm):
    title, form_class, success_text = "Изменить КПП", forms.KppForm, "КПП изменен"

    def get_initial(self) -> dict[str, Any]:
        return {"kpp": self.member.kpp}

    def perform(self, form: forms.KppForm) -> None:
        members.member_kpp_change(
            member_id=self.member.pk, kpp=form.cleaned_data["kpp"], by=self.request.user, on=self.today
        )


class MemberMove(MemberForm):
    title, submit, form_class, success_text = (
        "Переместить в аккаунт",
        "Переместить",
        forms.MoveForm,
        "Организация перемещена",
    )

    def perform(self, form: forms.MoveForm) -> None:
        number = "".join(filter(str.isdecimal, form.cleaned_data["number"]))
        target = (
            Account.objects.visible_to(self.request.user).filter(number=int(number or 0)).first()
            if len(number) == 7
            else None
        )
        if target is None:
            raise DomainError("Аккаунта с таким номером нет среди ваших: проверьте номер.", field="number")
        members.member_move(member_id=self.member.pk, to_account_id=target.pk, by=self.request.user, on=self.today)


class MemberRemove(MemberForm):
    title, submit, submit_tone, form_class, success_text = "Удалить из аккаунта", "Удалить", "danger", forms.RemoveForm, "Организация удалена из аккаунта"  # fmt: skip
    lead = "Карточка клиента останется, он станет потенциальным. Лицензии этой организации освободятся."

    def perform(self, form: forms.RemoveForm) -> None:
        members.member_remove(
            member_id=self.member.pk, reason=form.cleaned_data["reason"], by=self.request.user, on=self.today, free=True
        )


class MemberMain(Page):
    """«Сделать основной» (R2.80)."""

    right = Right.ACCOUNT_CHANGE

    def post(self, request: HttpRequest, number: int, member: int) -> HttpResponse:
        account = get_object_or_404(Account.objects.visible_to(request.user), number=number)
        if not AccountMember.objects.present().filter(account=account, pk=member).exists():
            raise Http404
        members.member_make_main(member_id=member, by=request.user, on=self.today)
        return htmx.done(request, "Основная организация изменена", url=account.get_absolute_url())


class Rename(AccountForm):
    title, form_class, success_text = "Название аккаунта", forms.RenameForm, "Название изменено"

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.object.name}

    def perform(self, form: forms.RenameForm) -> None:
        account_services.account_rename(account_id=self.object.pk, name=form.cleaned_data["name"], by=self.request.user)


class Assign(AccountForm):
    title, submit, form_class = "Ответственный за аккаунт", "Назначить", forms.AssignForm
    success_text = "Ответственный назначен"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"employee": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        return {"manager": self.object.manager_id}

    def perform(self, form: forms.AssignForm) -> None:
        data = form.cleaned_data
        account_services.account_assign(
            account_id=self.object.pk,
            manager_id=data["manager"].pk,
            transfer=data.get("transfer", False),
            by=self.request.user,
            on=self.today,
        )


class ContactAdd(AccountForm):
    title, submit, form_class, creates, success_text = (
        "Контакт аккаунта",
        "Добавить",
        forms.AccountContactForm,
        True,
        "Контакт добавлен",
    )

    def perform(self, form: forms.AccountContactForm) -> str:
        contacts.account_contact_add(
            account_id=self.object.pk, contact=Contact(**form.cleaned_data), by=self.request.user
        )
        return self.get_success_url()


class ContactRemove(Page):
    right = Right.ACCOUNT_CHANGE

    def post(self, request: HttpRequest, number: int, link: int) -> HttpResponse:
        account = get_object_or_404(Account.objects.visible_to(request.user), number=number)
        get_object_or_404(AccountContact, pk=link, account=account)
        contacts.account_contact_remove(link_id=link, by=request.user)
        return htmx.done(request, "Контакт убран из аккаунта", url=account.get_absolute_url())
