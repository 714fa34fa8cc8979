"""«Объединить дубли» and back (rule C6, R2.46)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from clients.forms import MergeForm
from clients.models import Client, ClientMerge
from clients.selectors.dictionaries import region_label
from clients.selectors.merging import behind, main_of, refusal
from clients.services.merging import TYPED, clients_merge, merge_undo
from core import formats, htmx
from core.pages import Page
from partners.rights import Right

from .binding import ClientForm


class Merge(ClientForm):
    """Two cards side by side, what goes along, which one stays."""

    title, right, submit, template_name = "Объединить карточки", Right.CLIENT_MERGE, "Объединить", "clients/merge.html"
    stay, creates = False, True

    @cached_property
    def other(self) -> Client:
        seen = Client.objects.visible_to(self.request.user).select_related("salespoint", "manager")
        return get_object_or_404(seen, pk=self.kwargs["other"])

    @cached_property
    def pair(self) -> list[Client]:
        """The card of the register first: it is the one to stay, where nothing speaks against it."""
        if self.object.pk == self.other.pk:
            raise Http404
        return sorted((self.object, self.other), key=lambda card: (card.ogrn is None, -card.accounts_count, card.pk))

    def get_form(self, data=None, files=None) -> forms.Form:
        return MergeForm(data, pair=self.pair, typed={} if any(card.ogrn for card in self.pair) else TYPED)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        return super().get_context(
            pair=self.pair, facts=facts(self.pair), behind=behind(*self.pair), refusal=refusal(*self.pair), **extra
        )

    def perform(self, form: MergeForm) -> str:
        main = form.cleaned_data["main"]
        other = next(card for card in self.pair if card.pk != main)
        clients_merge(
            main_id=main, other_id=other.pk, reason=form.cleaned_data["reason"], take=form.taken(), by=self.request.user, on=self.today
        )  # fmt: skip
        return f"/clients/{main}/"

    def success(self, result: Any) -> HttpResponse:
        text = "Карточки объединены. Разъединить их можно 30 дней: раздел «Дубли и связанные»"
        return htmx.done(self.request, text, url=result or self.object.get_absolute_url(), stay=False)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # A second click comes when one of the cards is merged already.
        if Client.objects.filter(pk__in=(kwargs["pk"], kwargs["other"]), prospect_state="merged").exists():
            main = main_of(kwargs["pk"]) or main_of(kwargs["other"])
            get_object_or_404(Client.objects.visible_to(request.user), pk=main)
            return htmx.done(request, "Карточки уже объединены", url=f"/clients/{main}/", stay=False)
        return super().post(request, *args, **kwargs)


def facts(pair: list[Client]) -> list[tuple[str, list[str], bool]]:
    """(what, the value of each card, do they differ)."""
    rows = [
        ("Название", [card.name for card in pair]),
        ("ОГРН", [card.ogrn or "нет в реестре" for card in pair]),
        ("ИНН", [card.inn for card in pair]),
        ("КПП", [card.kpp for card in pair]),
        ("Город", [card.city for card in pair]),
        ("Регион", [region_label(card.region_code) for card in pair]),
        ("Зарегистрирована", [formats.day(card.registered) for card in pair]),
        ("Категория", [card.get_prospect_state_display() for card in pair]),
        ("Ответственный", [card.manager.short_name if card.manager else str(card.salespoint or "") for card in pair]),
        ("Аккаунт", [formats.group(card.main_account_number) for card in pair]),
    ]
    return [(title, [value or "—" for value in values], values[0] != values[1]) for title, values in rows]


class Undo(Page):
    """«Разъединить»."""

    right = Right.CLIENT_MERGE

    def post(self, request: HttpRequest, pk: int, merge: int) -> HttpResponse:
        client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
        row = get_object_or_404(ClientMerge, pk=merge, main=client)
        merge_undo(merge_id=row.pk, by=request.user, on=self.today)
        return htmx.done(request, f"Карточки разъединены: {row.other_name}", url=f"{client.get_absolute_url()}related/")
