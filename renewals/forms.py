"""What is typed about renewals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms

from core import formats
from core.forms import Option
from core.text import shorten
from licenses.models import Item, Term
from licenses.selectors.plans import Plan
from licenses.selectors.prices import months_words
from renewals.choices import INACTIVITY_ONLY, OutcomeKind
from renewals.models import Competitor, RenewalRow
from renewals.services import Evidence

HINTS = {
    OutcomeKind.INVOICE_ISSUED: "Клиент согласился, счет на продление выставлен",
    OutcomeKind.WRONG_CONTACTS: "Нет верного телефона и адреса почты",
    OutcomeKind.NOT_USING: "Лицензия закончилась, пользоваться не планируют",
    OutcomeKind.NOT_EXISTING: "Ликвидирована по выписке из ЕГРЮЛ",
    OutcomeKind.LIQUIDATING: "Ликвидация начата, но не закончена",
    OutcomeKind.MOVED_ACCOUNT: "Продлевается в другом аккаунте",
    OutcomeKind.LEFT_US: "Клиент сообщил, что ушел к конкуренту",
    OutcomeKind.ZERO_REPORTING: "Нулевые отчеты: продлили только «Аккаунт»",
}


def kinds(*, register: str = "") -> list[tuple[str, Option]]:
    """Outcomes of a renewal with what each means; the register's state stands at «Не существует»."""
    found = []
    for kind in OutcomeKind:
        if kind.value not in INACTIVITY_ONLY:
            hint = HINTS[kind]
            if register and kind == OutcomeKind.NOT_EXISTING:
                hint = f"{hint}. Сейчас по реестру: {shorten(register, 120)}"
            found.append((kind.value, Option(kind.label, hint=hint)))
    return found


class BulkOutcomeForm(forms.Form):
    """One outcome for several accounts: those that need no evidence of their own."""

    kind = forms.ChoiceField(
        label="Итог", error_messages={"required": "Выберите итог."},
        widget=forms.RadioSelect(attrs={"data-when": "left_us:ev-left moved_account:ev-moved not_using:ev-early"}),
    )  # fmt: skip
    comment = forms.CharField(
        label="Комментарий", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="При отказе обязательно: причина, а если ушли к конкуренту — к кому и почему. Не меньше 10 знаков.",
    )  # fmt: skip
    competitor = forms.CharField(
        label="К кому ушли", required=False, max_length=120, help_text="Для «Ушли от нас»: выберите из списка или впишите",
        widget=forms.TextInput(attrs={"list": "competitors", "autocomplete": "off"}),
    )  # fmt: skip
    reason = forms.CharField(
        label="Причина ухода", required=False, max_length=200, help_text="Для «Ушли от нас»: цена, поддержка, возможности…"
    )  # fmt: skip

    def __init__(self, data=None, *, register: str = "", **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["kind"].choices = kinds(register=register)

    def competitors(self) -> list[str]:
        return list(Competitor.objects.values_list("name", flat=True)[:200])

    def evidence(self) -> Evidence:
        data = self.cleaned_data
        return Evidence(data.get("competitor", ""), data.get("reason", ""), data.get("target_number"))


class OutcomeForm(BulkOutcomeForm):
    """«Итог продления» of one account."""

    target_number = forms.IntegerField(
        label="Новый аккаунт, №", required=False, min_value=1, max_value=9_999_999,
        help_text="Для «Сменили аккаунт»: в нем должна быть организация этого клиента",
        error_messages={"invalid": "Введите номер аккаунта цифрами."},
    )  # fmt: skip
    is_early = forms.BooleanField(label="Указать до окончания лицензии", required=False)

    def __init__(self, data=None, *, rows: list[RenewalRow], may_early: bool, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        choices = [(str(row.pk), f"{row.direction}, по {formats.day(row.ends_on)}") for row in rows]
        self.fields["term"] = forms.ChoiceField(
            label="Направление", choices=choices, error_messages={"invalid_choice": "Выберите направление из списка."}
        )
        if len(choices) == 1:
            self.fields["term"].widget, self.fields["term"].initial = forms.HiddenInput(), choices[0][0]
        if not may_early:
            del self.fields["is_early"]


MONTHS = [("", "Как раньше"), *((str(n), months_words(n)) for n in (1, 3, 6, 12, 24))]


@dataclass
class Part:
    """A term that can be renewed: what it holds now, which tariffs may take the place of its own, and how it would go on."""

    term: Term
    titles: str
    positions: list[tuple[Item, int]]
    tariffs: list[tuple[str, str]]
    plan: Plan | None = None
    error: str = ""


class RenewForm(forms.Form):
    """«Продлить»: which directions, for how long, with which tariff and quantities. The server counts the sum anew (R3.18)."""

    terms = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, error_messages={"required": "Отметьте, что продлить."}
    )
    months = forms.ChoiceField(label="Срок", choices=MONTHS, required=False)
    total = forms.DecimalField(required=False, max_digits=14, decimal_places=2, widget=forms.HiddenInput)

    def __init__(self, data=None, *, parts: list[Part], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.parts = parts
        self.fields["terms"].choices = [(str(part.term.pk), str(part.term.direction)) for part in parts]
        for part in parts:
            if part.tariffs:
                self.fields[f"tariff_{part.term.pk}"] = forms.ChoiceField(
                    label="Тариф с нового периода", choices=[("", "Прежний"), *part.tariffs], required=False
                )
            for item, quantity in part.positions:
                if item.is_countable:
                    self.fields[f"quantity_{part.term.pk}_{item.pk}"] = forms.IntegerField(
                        label=f"{item.title}, {item.unit}", initial=quantity, min_value=item.min_quantity,
                        max_value=item.max_quantity, required=False, widget=forms.NumberInput(attrs={"class": "qty"}),
                    )  # fmt: skip

    def chosen(self) -> list[int]:
        """Ticked terms, also of a form that is not valid."""
        ticked = self.data.getlist("terms") if self.is_bound else [str(part.term.pk) for part in self.parts]
        return [part.term.pk for part in self.parts if str(part.term.pk) in ticked]

    def months_chosen(self) -> int | None:
        value = self._value("months")
        return int(value) if value else None

    def tariffs(self) -> dict[int, int]:
        """{term: item} of the changed tariffs."""
        found = {part.term.pk: self._value(f"tariff_{part.term.pk}") for part in self.parts}
        return {term: int(value) for term, value in found.items() if value}

    def quantities(self, term_id: int) -> dict[int, int]:
        """{item: quantity} of the counted positions of a term."""
        part = next(part for part in self.parts if part.term.pk == term_id)
        found = {item.pk: self._value(f"quantity_{term_id}_{item.pk}") for item, _now in part.positions}
        return {item: value for item, value in found.items() if value}

    def _value(self, name: str) -> Any:
        """What stands in a field; nothing for what is not a value of it."""
        return getattr(self, "cleaned_data", {}).get(name)

    def blocks(self) -> list[dict[str, Any]]:
        """For the template: a term with its fields."""
        chosen = self.chosen()
        return [
            {
                "part": part, "is_chosen": part.term.pk in chosen,
                "tariff": self[name] if (name := f"tariff_{part.term.pk}") in self.fields else None,
                "quantities": [self[name] for name in self.fields if name.startswith(f"quantity_{part.term.pk}_")],
            }
            for part in self.parts
        ]  # fmt: skip
