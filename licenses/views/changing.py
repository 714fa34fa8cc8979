"""«Сменить тариф» and «Распределить» (R2.91, R2.122–R2.130)."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property

from core.errors import DomainError
from licenses import forms
from licenses.models import License
from licenses.selectors.changes import ChangePlan, change_calendar, plan_change, targets_for
from licenses.services import allocation_set, tariff_change

from .choosing import LicenseForm


class Change(LicenseForm):
    """POST with `count` shows the calculation, POST saves the planned licence; every number is explained."""

    submit, form_class, template_name = "Сохранить", forms.ChangeForm, "licenses/change.html"
    success_text = "Смена тарифа сохранена: выставьте счет"

    def get_title(self) -> str:
        return f"Сменить тариф — {self.object.item}"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"items": targets_for(self.object)}

    def get_initial(self) -> dict[str, Any]:
        held = self.object.allocations.filter(client=self.client_id, starts_on__lte=self.today, ends_on__gte=self.today)
        return {"quantity": held.values_list("quantity", flat=True).first() or self.object.quantity}

    @cached_property
    def client_id(self) -> int | None:
        """Only the part of this organisation changes: it came from its menu (R2.127)."""
        asked = self.request.GET.get("client", "")
        known = self.object.account.members.present().values_list("client_id", flat=True)
        return int(asked) if asked.isdecimal() and len(asked) < 19 and int(asked) in set(known) else None

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "count" not in request.POST:
            return super().post(request, *args, **kwargs)
        data = request.POST.copy()
        data["due"] = ""
        form = self.get_form(data)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            plan = self.planned(form)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            return self.show(form, status=422)
        form.data["due"] = str(plan.due)
        days = change_calendar(plan, self.object.account)
        return self.render(form=form, plan=plan, days=days[:: max(1, len(days) // 12)])

    def planned(self, form: forms.ChangeForm) -> ChangePlan:
        data = form.cleaned_data
        item = next(item for item in targets_for(self.object) if item.pk == data["item"])
        return plan_change(self.object, item, quantity=data["quantity"], client_id=self.client_id, on=self.today)

    def perform(self, form: forms.ChangeForm) -> License:
        data = form.cleaned_data
        return tariff_change(
            license_id=self.object.pk,
            item_id=data["item"],
            quantity=data["quantity"],
            due=data["due"],
            client_id=self.client_id,
            by=self.request.user,
            on=self.today,
        )


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
