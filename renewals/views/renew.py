"""«Продлить» of one account: what goes on, for how long, at which prices of the day (R3.18–R3.20)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core import formats
from core.errors import DomainError
from licenses.choices import ItemKind
from licenses.models import Item, Term
from partners.rights import Right
from renewals import forms
from renewals.selectors.terms import latest_rows, open_rows, titles_of
from renewals.services import account_renew, positions_of, renewal_plan

from .outcome import AccountForm

OVER = {"renewed", "invoiced", "nothing"}
"""Why a term cannot go on whatever is chosen; what another tariff or length may mend stays in the form."""


class Renew(AccountForm):
    title, right, creates = "Продлить", Right.LICENSE_CHOOSE, True
    submit, template_name = "Выставить счет", "renewals/renew.html"

    def get_form(self, data=None, files=None) -> forms.RenewForm:
        """Every term that can go on; `refusals` says why others cannot. With «?term=» the others are not ticked."""
        titles, parts, self.refusals = titles_of([self.object.pk]), [], []
        for row in open_rows(self.object) or latest_rows(self.object):
            try:
                renewal_plan(self.object, row.term, on=self.on)
            except DomainError as error:
                if error.code in OVER:
                    self.refusals.append(f"{row.direction}: {error.message}")
                    continue
            positions = positions_of(row.term)
            words = ", ".join(titles.get(row.pk, [])) or str(row.direction)
            parts.append(
                forms.Part(row.term, words, positions, _tariffs(row.term, {item.pk for item, _n in positions}))
            )
        asked = [part for part in parts if str(part.term.pk) == self.request.GET.get("term")]
        if data is None and asked:
            parts = asked + [part for part in parts if part not in asked]
        form = forms.RenewForm(data, parts=parts, on=self.on)
        form.first = {part.term.pk for part in asked or parts}
        return form

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("recount") != "1":
            return super().post(request, *args, **kwargs)
        _ = self.object
        form = self.get_form(request.POST)
        form.is_valid()
        if not request.htmx:
            return self.show(form)
        return render(request, "renewals/renew_fields.html", self.quote(form))

    def quote(self, form: forms.RenewForm) -> dict[str, Any]:
        """The sum of what is ticked; a term that cannot go on so says why."""
        total, chosen = Decimal(0), form.chosen() if form.is_bound else list(form.first)
        for part in form.parts:
            if part.term.pk not in chosen:
                continue
            try:
                part.plan = renewal_plan(
                    self.object, part.term, on=self.on, months=form.months_chosen(),
                    item_id=form.tariffs().get(part.term.pk), quantities=form.quantities(part.term.pk),
                    is_gapless=form.is_gapless(),
                )  # fmt: skip
                total += part.plan.total
            except DomainError as error:
                part.error = error.message
        return {
            "form": form,
            "blocks": form.blocks(),
            "chosen": chosen,
            "total": total,
            "view": self,
            "request": self.request,
        }

    def perform(self, form: forms.RenewForm) -> Any:
        data = form.cleaned_data
        return account_renew(
            account_id=self.object.pk, term_ids=form.chosen(), months=form.months_chosen(), tariffs=form.tariffs(),
            quantities={term: form.quantities(term) for term in form.chosen()}, total=data["total"], is_gapless=form.is_gapless(),
            by=self.request.user, on=self.on,
        )  # fmt: skip

    def get_success_text(self) -> str:
        return f"Выставлен счет №\u00a0{self.result.number} на {formats.money(self.result.total)}\u00a0₽"

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()

    def show(self, form, status: int = 200, **context: Any) -> HttpResponse:
        quote = {name: value for name, value in self.quote(form).items() if name not in ("form", "view", "request")}
        return super().show(form, status, refusals=self.refusals, **quote, **context)


def _tariffs(term: Term, now: set[int]) -> list[tuple[str, str]]:
    """Other tariffs of the direction: a change at renewal costs no recalculation."""
    items = Item.objects.filter(
        kind=ItemKind.TARIFF, line__direction=term.direction_id, is_archived=False, is_trial=False, is_promo=False
    )
    return [(str(item.pk), str(item)) for item in items.exclude(pk__in=now).select_related("line")]
