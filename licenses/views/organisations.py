"""The organisation's menu in an account, as far as licences know it: Подпись, Филиалы/Рабочие места, ЭДО/ЭО, История, Сменить тариф."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from accounts.models import Account, AccountMember
from accounts.timeline import timeline
from core import htmx
from core.errors import DomainError
from core.lists.state import changed
from core.pages import FormPage, Page
from licenses import forms
from licenses.models import Certificate, Workplace
from licenses.rules import term_end
from licenses.selectors.organisations import exchange_of, member_rows, signature_words
from licenses.services import organisations as services
from partners.rights import Right


class OrganisationPage(Page, abstract=True):
    """A page about one organisation of an account in scope."""

    right = Right.ACCOUNT_VIEW

    @cached_property
    def account(self) -> Account:
        return get_object_or_404(
            Account.objects.visible_to(self.request.user).select_related("salespoint"), number=self.kwargs["number"]
        )

    @cached_property
    def member(self) -> AccountMember:
        rows = AccountMember.objects.present().filter(account=self.account).select_related("client__details")
        return get_object_or_404(rows, pk=self.kwargs["member"])

    @property
    def base(self) -> str:
        return f"{self.account.get_absolute_url()}members/{self.member.pk}/"

    @property
    def may_change(self) -> bool:
        return self.request.user.may(Right.ACCOUNT_CHANGE, self.account)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        return super().get_context(
            account=self.account, member=self.member, base=self.base, may_change=self.may_change, **extra
        )


class Signature(OrganisationPage):
    """«Подпись»: certificates with their expiry (R2.154)."""

    title, template_name = "Подпись", "licenses/organisation/signature.html"

    def get(self, request: HttpRequest, number: int, member: int) -> HttpResponse:
        rows = Certificate.objects.filter(client=self.member.client_id).order_by("revoked_on", "-valid_to")[:100]
        return self.render(rows=[(row, *signature_words(row, self.today)) for row in rows])


class Branches(OrganisationPage):
    """«Филиалы/Рабочие места» (R2.156)."""

    title, template_name = "Филиалы и рабочие места", "licenses/organisation/branches.html"

    def get(self, request: HttpRequest, number: int, member: int) -> HttpResponse:
        places = Workplace.objects.filter(account=self.account, client=self.member.client_id).select_related("by")
        return self.render(branches=self.member.client.branches.all()[:300], places=places)


class Exchange(OrganisationPage):
    """«ЭДО/ЭО»: what the products know, read only (R2.153)."""

    title, template_name = "ЭДО/ЭО", "licenses/organisation/exchange.html"

    def get(self, request: HttpRequest, number: int, member: int) -> HttpResponse:
        return self.render(**exchange_of(self.account, self.member, on=self.today))


class History(OrganisationPage):
    """«История» of an organisation in this account: who changed what, when (R2.152)."""

    title, template_name = "История", "licenses/organisation/history.html"

    def get(self, request: HttpRequest, number: int, member: int) -> HttpResponse:
        found = timeline(request.GET, client_id=self.member.client_id, account_id=self.account.pk)
        return self.render(
            timeline=found, kinds=[], older=changed(request.GET, after=found.after) if found.after else ""
        )


class MemberChange(OrganisationPage):
    """«Сменить тариф» of the menu: to the licence that the organisation holds (R2.127)."""

    right = Right.LICENSE_CHOOSE

    def get(self, request: HttpRequest, number: int, member: int) -> HttpResponse:
        row = next(row for row in member_rows(self.account, on=self.today) if row.member.pk == self.member.pk)
        if row.tariff is None:
            raise DomainError(
                "У организации нет своего тарифа: смените его в блоке «Лицензии» или распределите на нее лицензию.",
                code="no_tariff",
            )
        return HttpResponseRedirect(
            f"{self.account.get_absolute_url()}licenses/{row.tariff.license_id}/change/?client={self.member.client_id}"
        )


class OrganisationForm(FormPage, OrganisationPage, abstract=True):
    right, creates = Right.ACCOUNT_CHANGE, True
    back = ""

    def get_object(self) -> AccountMember:
        return self.member

    def get_cancel_url(self) -> str:
        return f"{self.base}{self.back}/"

    def get_success_url(self) -> str:
        return f"{self.base}{self.back}/"


class CertificateAdd(OrganisationForm):
    title, submit, form_class, back, success_text = (
        "Добавить сертификат",
        "Добавить",
        forms.CertificateForm,
        "signature",
        "Сертификат добавлен",
    )

    def perform(self, form: forms.CertificateForm) -> Any:
        facts = services.CertificateFacts(**form.cleaned_data)
        return services.certificate_add(
            account_id=self.account.pk, client_id=self.member.client_id, facts=facts, by=self.request.user
        )


class CertificateRenew(CertificateAdd):
    """«Продлить»: the same person, the next term; number and dates are of the new certificate (R0.13)."""

    title, submit, success_text = "Продлить сертификат", "Продлить", "Сертификат продлен"

    @cached_property
    def old(self) -> Certificate:
        rows = Certificate.objects.filter(client=self.member.client_id, account=self.account, revoked_on__isnull=True)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_object(self) -> AccountMember:
        _ = self.old
        return super().get_object()

    def get_initial(self) -> dict[str, Any]:
        begins = max(self.old.valid_to + timedelta(days=1), self.today)
        return {
            "owner": self.old.owner, "position": self.old.position, "issuer": self.old.issuer, "on_token": self.old.on_token,
            "valid_from": begins, "valid_to": term_end(begins, 12),
        }  # fmt: skip

    def perform(self, form: forms.CertificateForm) -> Any:
        facts = services.CertificateFacts(**form.cleaned_data)
        return services.certificate_add(
            account_id=self.account.pk,
            client_id=self.member.client_id,
            facts=facts,
            by=self.request.user,
            renews=self.old,
        )


class WorkplaceAdd(OrganisationForm):
    title, submit, form_class, back, success_text = (
        "Добавить рабочее место",
        "Добавить",
        forms.WorkplaceForm,
        "branches",
        "Рабочее место добавлено",
    )

    def perform(self, form: forms.WorkplaceForm) -> Any:
        return services.workplace_add(
            account_id=self.account.pk,
            client_id=self.member.client_id,
            by=self.request.user,
            on=self.today,
            **form.cleaned_data,
        )


class CertificateRevoke(OrganisationPage):
    right = Right.ACCOUNT_CHANGE

    def post(self, request: HttpRequest, number: int, member: int, pk: int) -> HttpResponse:
        row = get_object_or_404(Certificate, pk=pk, client=self.member.client_id, account=self.account)
        services.certificate_revoke(certificate_id=row.pk, by=request.user, on=self.today)
        return htmx.done(request, "Сертификат отозван", url=f"{self.base}signature/")


class WorkplaceRemove(OrganisationPage):
    right = Right.ACCOUNT_CHANGE

    def post(self, request: HttpRequest, number: int, member: int, pk: int) -> HttpResponse:
        row = get_object_or_404(Workplace, pk=pk, client=self.member.client_id, account=self.account)
        services.workplace_remove(workplace_id=row.pk, by=request.user)
        return htmx.done(request, "Рабочее место убрано", url=f"{self.base}branches/")
