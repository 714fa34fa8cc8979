"""Competitors and «Варианты итога» are edited here; outcomes themselves have pages of their own."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from core.admin import Reference, reference, register
from renewals.choices import OWN_EFFECTS, Condition, Effect
from renewals.models import Competitor, InactivityOutcome, Outcome, OutcomeOption

reference(Competitor, "__str__")

MEANING = ("effect", "used_for", "condition", "needs_comment", "needs_competitor", "needs_reason", "needs_account")
OWN_CONDITIONS = (Condition.ALWAYS, Condition.ENDED, Condition.CEASED)
INVOICED = "Этот итог ставит программа вместе со счетом: выключить его нельзя."


def is_used(option: OutcomeOption) -> bool:
    """Whether anybody has said it, also what was withdrawn later."""
    return any(model.objects.filter(kind=option.code).exists() for model in (Outcome, InactivityOutcome))


class OptionForm(forms.ModelForm):
    """Own outcomes take three classes; what a line means is not offered for change where it is fixed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, allowed in (("effect", OWN_EFFECTS), ("condition", OWN_CONDITIONS)):
            if name in self.fields:
                self.fields[name].choices = [c for c in self.fields[name].choices if not c[0] or c[0] in allowed]

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.instance.effect == Effect.INVOICED and not data.get("is_active", True):
            self.add_error("is_active", INVOICED)
        if data.get("effect") == Effect.NEGATIVE:  # a refusal always says why
            data["needs_comment"] = True
        return data


@register(OutcomeOption)
class OutcomeOptionAdmin(Reference):
    """Built-in lines are renamed, moved, switched off; own ones are added, and deleted while nobody has said them."""

    form, may_delete = OptionForm, True
    list_display = ("title", "effect", "condition", "used_for", "order", "is_active", "kept")
    list_filter, search_fields = ("is_active", "effect"), ("title",)
    fields = ("title", "hint", "order", "is_active", *MEANING)

    @admin.display(description="чей")
    def kept(self, option: OutcomeOption) -> str:
        return "встроенный" if option.is_built_in else "свой"

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return MEANING if obj.is_built_in else ("effect",) if is_used(obj) else ()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not (obj.is_built_in or is_used(obj)))

    def save_model(self, request: HttpRequest, obj: OutcomeOption, form: forms.ModelForm, change: bool) -> None:
        if not change:
            obj.code = f"own_{secrets.token_hex(5)}"
        super().save_model(request, obj, form, change)
