"""«Закрепить», «Передать», «Освободить» from a row, a card, a page of its own (R2.15–R2.17, R2.43)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from clients.forms import BindForm, ReleaseForm, TransferForm, targets_of
from clients.models import BindingTopic, Client
from clients.selectors import related_cards
from clients.selectors.related import RelatedCard
from clients.services import client_bind, client_release, client_transfer
from core import htmx
from core.errors import Conflict
from core.names import normalize_name
from core.pages import EMPLOYEE, FormPage, Page
from partners.rights import Right


class ClientForm(FormPage, abstract=True):
    """A form about one card in scope; 404 outside."""

    right = Right.CLIENT_CHANGE

    def get_object(self) -> Client:
        return get_object_or_404(
            Client.objects.visible_to(self.request.user).select_related("salespoint", "manager"), pk=self.kwargs["pk"]
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except Client.DoesNotExist as error:  # it left the viewer's scope between the page and the click
            raise Http404 from error

    @property
    def parents(self) -> tuple[tuple[str, str], ...]:
        """Whose form it is, where no card stands behind it: the page without JavaScript."""
        return (("Все клиенты", "/clients/"), (self.object.name, self.object.get_absolute_url()))

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()


class Bind(ClientForm):
    """GET: whom to bind the card to. POST with `to=me`: «За мной» of the row's menu, without a form."""

    title, right, submit = "Закрепить клиента", Right.CLIENT_CLAIM, "Закрепить"
    template_name = "clients/bind.html"

    def get_object(self) -> Client:
        # Whoever was quicker may have taken the card out of sight: the service tells 404 from 409.
        return get_object_or_404(Client.objects.select_related("salespoint", "manager"), pk=self.kwargs["pk"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        get_object_or_404(Client.objects.visible_to(request.user), pk=self.kwargs["pk"])
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("to") != "me":
            return super().post(request, *args, **kwargs)
        try:
            return self.mine(request)
        except Client.DoesNotExist as error:
            raise Http404 from error

    def mine(self, request: HttpRequest) -> HttpResponse:
        """The loser hears who was first, and his row is read anew."""
        try:
            client_bind(client_id=self.object.pk, by=request.user)
        except Conflict as error:
            response = htmx.refused(request, error)
            return htmx.trigger(response, "page-reload") if request.htmx else response
        back = request.headers.get("Referer", "") if not request.htmx else ""
        return htmx.done(request, f"{self.object.name}: закреплен за вами", url=self.back(back))

    def back(self, referer: str) -> str:
        """The list one came from, without JavaScript; the card otherwise."""
        own = f"{self.request.scheme}://{self.request.get_host()}/clients/"
        return (
            referer.removeprefix(own.removesuffix("/clients/"))
            if referer.startswith(own)
            else self.object.get_absolute_url()
        )

    def get_form(self, data=None, files=None) -> BindForm:
        # The tick and its reason are asked for where somebody else is concerned.
        return BindForm(data, employee=self.request.user, many=not self.foreign, initial={"topic": BindingTopic.MAIN})

    @cached_property
    def foreign(self) -> list[RelatedCard]:
        """Duplicates and strong relatives that are somebody else's (R2.20)."""
        return [hit for hit in related_cards(self.object, viewer=self.request.user) if hit.is_foreign and hit.is_strong]

    def get_context(self, **extra: Any) -> dict[str, Any]:
        return super().get_context(foreign=self.foreign, **extra)

    def perform(self, form: BindForm) -> Any:
        data = form.cleaned_data
        return client_bind(
            client_id=self.object.pk, manager=data["manager"], topic=data["topic"] or BindingTopic.MAIN, by=self.request.user,
            reason=data.get("reason", ""), confirmed=data.get("confirmed", False),
        ).is_bound  # fmt: skip

    def get_success_text(self) -> str:
        return f"{self.object.name}: закреплен"


class Release(ClientForm):
    title, right, submit, success_text = "Освободить карточку", Right.CLIENT_CLAIM, "Освободить", "Карточка освобождена"
    lead = "Карточка вернется в общий список точки продаж. Причину увидят в истории закреплений."

    def get_form(self, data=None, files=None) -> ReleaseForm:
        return ReleaseForm(
            data,
            may_rebind=self.request.user.may(Right.CLIENT_REBIND, self.object),
            initial={"topic": BindingTopic.MAIN},
        )

    def perform(self, form: ReleaseForm) -> None:
        data = form.cleaned_data
        client_release(
            client_id=self.object.pk,
            reason=data["reason"],
            topic=data["topic"] or BindingTopic.MAIN,
            to_region=data.get("to_region", False),
            by=self.request.user,
        )


class Transfer(ClientForm):
    title, right, submit, success_text = "Передать клиента", Right.CLIENT_REBIND, "Передать", "Клиент передан"

    def get_form(self, data=None, files=None) -> TransferForm:
        return TransferForm(data, employee=self.request.user, initial={"topic": BindingTopic.MAIN})

    def perform(self, form: TransferForm) -> None:
        data = form.cleaned_data
        client_transfer(
            client_id=self.object.pk, manager=data["manager"], salespoint=data["salespoint"], reason=data["reason"],
            topic=data["topic"] or BindingTopic.MAIN, carry=frozenset(data["carry"]), by=self.request.user,
        )  # fmt: skip


class Managers(Page):
    """Options of the employee picker: {"results": [{value, text}]}, active ones in the scope of the right (R2.17)."""

    right = EMPLOYEE

    def get(self, request: HttpRequest) -> JsonResponse:
        right = request.GET.get("right", "")
        if right not in (Right.CLIENT_BIND_OTHERS, Right.CLIENT_REBIND, Right.CLIENT_CLAIM, Right.ACCOUNT_CHANGE):
            return JsonResponse({"results": []})
        people = targets_of(request.user, right)
        for word in normalize_name(request.GET.get("q", "")[:100]).split()[:3]:
            people = (
                people.filter(last_name__icontains=word)
                | people.filter(first_name__icontains=word)
                | people.filter(salespoint__code=word)
            )
        found = [
            {"value": e.pk, "text": f"{e.short_name}, {e.salespoint}"} for e in people.order_by("last_name", "pk")[:50]
        ]
        return JsonResponse({"results": found})
