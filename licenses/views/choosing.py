"""The price list of an account: payer, period, positions, quantities, total (fig. 2-10…2-12, R2.84–R2.95)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from accounts.models import Account
from core import htmx
from core.errors import DomainError
from core.forms import DateField
from core.idempotency import once
from core.pages import FormPage, Page
from licenses.choices import PayerKind
from licenses.models import Item, License
from licenses.selectors.plans import Choice, Plan, plan_choice
from licenses.selectors.prices import Place, default_payer_kind, months_sold, months_words, prices_for
from licenses.services import choosing
from partners.rights import Right


@dataclass
class Row:
    """A position as the dialog shows it."""

    item: Item
    price: Any
    checked: bool
    quantity: int


class PriceListPage(Page):
    """GET shows, POST with `recount` counts the total, POST saves. The server computes every sum."""

    title, right, template_name = "Добавить тариф", Right.LICENSE_CHOOSE, "licenses/price_list.html"

    @cached_property
    def account(self) -> Account:
        return get_object_or_404(
            Account.objects.visible_to(self.request.user).select_related("salespoint"), number=self.kwargs["number"]
        )

    @cached_property
    def members(self):
        return list(self.account.members.present().select_related("client"))

    @cached_property
    def payer_id(self) -> int:
        known = {m.client_id for m in self.members}
        asked = self.request.POST.get("payer", "")
        is_known = asked.isdecimal() and len(asked) < 19 and int(asked) in known
        return int(asked) if is_known else next((m.client_id for m in self.members), 0)

    @cached_property
    def payer_kind(self) -> str:
        asked = self.request.POST.get("payer_kind", "")
        payer = next((m.client for m in self.members if m.client_id == self.payer_id), None)
        return asked if asked in PayerKind.values else default_payer_kind(payer) if payer else PayerKind.ANY

    @cached_property
    def months(self) -> int:
        asked = self.request.POST.get("months", "12")
        return int(asked) if asked.isdecimal() and len(asked) < 3 and 1 <= int(asked) <= 60 else 12

    @cached_property
    def starts_on(self) -> date | None:
        try:
            return DateField().clean(self.request.POST["starts_on"]) if "starts_on" in self.request.POST else self.today
        except ValidationError:
            return None

    def choices(self) -> list[Choice]:
        """Ticked positions with their quantities; a quantity that is no number counts as 1 and the rule refuses the rest."""
        found = []
        for text in self.request.POST.getlist("item"):
            if text.isdecimal() and len(text) < 12:
                quantity = self.request.POST.get(f"quantity_{text}", "1") or "1"
                if not quantity.isdecimal() or len(quantity) > 6:
                    raise DomainError("Количество — целое число от 1 до 9999.", field="items")
                found.append(Choice(int(text), int(quantity)))
        return found

    def get(self, request: HttpRequest, number: int) -> HttpResponse:
        _ = self.account
        return self.show()

    def post(self, request: HttpRequest, number: int) -> HttpResponse:
        _ = self.account
        try:
            if self.starts_on is None:
                raise DomainError("Начало периода — дата вида 31.12.2026.", field="starts_on")
            plan = self.plan() if "recount" not in request.POST or request.POST.getlist("item") else None
            if "recount" in request.POST:
                return self.show(plan=plan)
            once(request, lambda: self.save())
        except DomainError as error:
            anew = self.plan() if error.code == "price_changed" else None
            return self.show(plan=anew, error=error.message, status=200 if "recount" in request.POST else error.status)
        return htmx.done(request, "Тарифы сохранены: выставьте счет", url=self.account.get_absolute_url())

    def plan(self) -> Plan:
        return plan_choice(
            self.account,
            self.choices(),
            months=self.months,
            starts_on=self.starts_on,
            payer_kind=self.payer_kind,
            on=self.today,
        )

    @property
    def choice_key(self) -> str:
        """What a shown sum was counted for."""
        items = sorted(f"{choice.item_id}:{choice.quantity}" for choice in self.choices())
        return ";".join([str(self.payer_kind), str(self.months), str(self.starts_on), *items])

    def shown_total(self) -> Decimal | None:
        """The sum on the screen when it was counted for this very choice: another one is refused (invariant 19)."""
        key, _, total = self.request.POST.get("shown", "").rpartition("=")
        is_sum = len(total) < 20 and total.replace(".", "", 1).isdecimal()
        return Decimal(total) if is_sum and key == self.choice_key else None

    def save(self) -> list[int]:
        made = choosing.licenses_choose(
            account_id=self.account.pk, payer_id=self.payer_id, choices=self.choices(), months=self.months, starts_on=self.starts_on,
            payer_kind=self.payer_kind, by=self.request.user, on=self.today, total=self.shown_total(),
        )  # fmt: skip
        return [row.pk for row in made]

    def groups(self) -> list[tuple[str, list[Row]]]:
        """Positions with a price here, by direction and line."""
        items = list(
            Item.objects.filter(is_archived=False, is_trial=False)
            .select_related("line__direction")
            .order_by("line__direction__order", "line__order", "kind", "order")
        )
        items.sort(key=lambda i: (i.line.direction.order, i.line.order, i.kind != "tariff", i.order))
        place = Place.of(self.account)
        prices = prices_for(items, place=place, payer_kind=self.payer_kind, months=self.months, on=self.today)
        ticked = set(self.request.POST.getlist("item"))
        groups: dict[str, list[Row]] = {}
        for item in items:
            if item.pk in prices:
                quantity = self.request.POST.get(f"quantity_{item.pk}", "")
                row = Row(
                    item,
                    prices[item.pk],
                    str(item.pk) in ticked,
                    int(quantity) if quantity.isdecimal() and len(quantity) < 6 else item.min_quantity,
                )
                groups.setdefault(item.line.title, []).append(row)
        return list(groups.items())

    def show(self, plan: Plan | None = None, error: str = "", status: int = 200) -> HttpResponse:
        place = Place.of(self.account)
        months = months_sold(place=place, payer_kind=self.payer_kind, on=self.today)
        return self.render(
            status=status,
            account=self.account,
            members=self.members,
            payer_id=self.payer_id,
            payer_kind=self.payer_kind,
            payer_kinds=[choice for choice in PayerKind.choices if choice[0] != PayerKind.ANY],
            months=self.months,
            months_offered=[(m, months_words(m)) for m in months],
            starts_on=self.starts_on or self.request.POST.get("starts_on", ""),
            groups=self.groups(),
            plan=plan,
            shown=f"{self.choice_key}={plan.total}" if plan else "",
            error=error,
        )


class LicenseDrop(Page):
    """Take a chosen position back until it is invoiced (R2.95)."""

    right = Right.LICENSE_CHOOSE

    def post(self, request: HttpRequest, number: int, license: int) -> HttpResponse:
        row = get_object_or_404(License.objects.visible_to(request.user), pk=license, account__number=number)
        choosing.license_drop(license_id=row.pk, by=request.user, on=self.today)
        return htmx.done(request, "Позиция убрана", url=f"/accounts/{number}/")


class LicenseForm(FormPage, abstract=True):
    """A form about one licence of an account in scope."""

    right = Right.LICENSE_CHOOSE

    def get_object(self) -> License:
        rows = License.objects.visible_to(self.request.user).select_related(
            "account__salespoint", "item__line__direction", "term", "payer"
        )
        return get_object_or_404(rows, pk=self.kwargs["license"], account__number=self.kwargs["number"])

    def get_success_url(self) -> str:
        return self.object.account.get_absolute_url()

    def get_cancel_url(self) -> str:
        return self.get_success_url()
