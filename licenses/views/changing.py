"""«Сменить тариф» and «Распределить» (R2.91, R2.122–R2.130)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property

from core.errors import DomainError
from licenses import forms
from licenses.models import Item, License
from licenses.selectors.changes import ChangePlan, change_calendar, plan_change, refuse_surplus, targets_for
from licenses.services import allocation_set, tariff_change
from partners.rights import Right

from .choosing import LicenseForm


@dataclass(frozen=True, slots=True)
class Offer:
    """A tariff one may change to: its plan, or why there is none."""

    item: Item
    plan: ChangePlan | None
    refusal: str = ""


class Change(LicenseForm):
    """GET shows what every tariff would cost today and explains the chosen one; POST saves the planned licence."""

    submit, form_class, template_name = "Сохранить", forms.ChangeForm, "licenses/change.html"
    success_text, creates = "Смена тарифа сохранена: выставьте счет", True

    def get_title(self) -> str:
        return f"Сменить тариф — {self.object.item}"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"items": [offer.item for offer in self.offers]}

    @cached_property
    def held(self) -> int:
        """How many pieces change: what the organisation holds, or the whole licence."""
        found = self.object.allocations.filter(
            client=self.client_id, starts_on__lte=self.today, ends_on__gte=self.today
        )
        return found.values_list("quantity", flat=True).first() or self.object.quantity

    @cached_property
    def asked(self) -> dict[str, str]:
        """What was chosen so far: the link's, then the form's."""
        return {**self.request.GET.dict(), **self.request.POST.dict()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "recount" in request.POST:
            _ = self.object
            return self.show(self.get_form())
        return super().post(request, *args, **kwargs)

    @cached_property
    def client_id(self) -> int | None:
        """Only the part of this organisation changes: it came from its menu (R2.127)."""
        asked = self.asked.get("client", "")
        known = self.object.account.members.present().values_list("client_id", flat=True)
        return int(asked) if asked.isdecimal() and len(asked) < 19 and int(asked) in set(known) else None

    @cached_property
    def quantity(self) -> int:
        asked = self.asked.get("quantity", "")
        return int(asked) if asked.isdecimal() and len(asked) < 6 and int(asked) > 0 else self.held

    @cached_property
    def offers(self) -> list[Offer]:
        return [self._offer(item) for item in targets_for(self.object)]

    def _offer(self, item: Item) -> Offer:
        quantity = self.quantity if item.is_countable else None
        try:
            plan = plan_change(self.object, item, quantity=quantity, client_id=self.client_id, on=self.today)
            refuse_surplus(plan, may_credit=self.request.user.may(Right.BALANCE_CREDIT, self.object.account))
        except DomainError as error:
            return Offer(item, None, error.message)
        return Offer(item, plan)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        chosen = next((offer for offer in self.offers if str(offer.item.pk) == self.asked.get("item")), None)
        plan = chosen.plan if chosen else None
        days = change_calendar(plan) if plan else []
        members = self.object.account.members.present().select_related("client")
        return super().get_context(
            license=self.object,
            account=self.object.account,
            payer_of=next((m.client for m in members if m.client_id == self.client_id), None),
            offers=self.offers,
            chosen=chosen,
            plan=plan,
            due=str(plan.due) if plan else "",
            days=days,
            line=chart_line([quote.due for _day, quote in days]),
            quantity=self.quantity,
            counted=any(offer.item.is_countable for offer in self.offers),
            may_see_prices=self.request.user.has_right(Right.PRICE_CHANGE),
            **extra,
        )

    def perform(self, form: forms.ChangeForm) -> License:
        data = form.cleaned_data
        item = next(offer.item for offer in self.offers if offer.item.pk == data["item"])
        return tariff_change(
            license_id=self.object.pk,
            item_id=item.pk,
            quantity=self.quantity if item.is_countable else None,
            due=data["due"],
            client_id=self.client_id,
            by=self.request.user,
            on=self.today,
        )


class ChangePrint(Change):
    """The same calculation on paper: for the client, before anything is saved."""

    template_name, http_method_names = "licenses/change_print.html", ["get", "head"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        context = self.get_context()
        if context["plan"] is None:
            raise Http404
        return self.render()


def chart_line(values: list[Decimal]) -> str:
    """Points of a line 600 × 100, the first day on the left, zero at the bottom: drawn by the server."""
    top = max(values, default=Decimal(0)) or Decimal(1)
    step = Decimal(600) / max(len(values) - 1, 1)
    return " ".join(f"{index * step:.1f},{100 - value / top * 96:.1f}" for index, value in enumerate(values))


class Distribute(LicenseForm):
    """Position × organisation, Σ ≤ bought (R2.91)."""

    success_text = "Лицензия распределена"

    def get_title(self) -> str:
        return f"Распределить — {self.object.item}"

    @property
    def lead(self) -> str:
        return f"Куплено: {self.object.quantity}. Укажите, сколько получает каждая организация."

    def get_form(self, data=None, files=None) -> django_forms.Form:
        members = list(self.object.account.members.present().select_related("client"))
        day = max(self.today, self.object.starts_on)
        now = dict(
            self.object.allocations.filter(starts_on__lte=day, ends_on__gte=day).values_list("client_id", "quantity")
        )
        only = self.object.quantity if len(members) == 1 and not now else 0
        fields = {
            f"client_{m.client_id}": django_forms.IntegerField(
                label=m.client.name,
                min_value=0,
                max_value=9999,
                initial=now.get(m.client_id, only),
                error_messages={"required": "Укажите 0 или больше."},
            )
            for m in members
        }
        return type("DistributeForm", (django_forms.Form,), fields)(data)

    def perform(self, form: django_forms.Form) -> Any:
        quantities = {int(name.removeprefix("client_")): value for name, value in form.cleaned_data.items()}
        return allocation_set(license_id=self.object.pk, shares=quantities, by=self.request.user, on=self.today)
