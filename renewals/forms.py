"""What is typed about renewals."""

from __future__ import annotations

from typing import Any

from django import forms

from core import formats
from core.forms import Option
from core.text import shorten
from licenses.models import Term
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

    kind = forms.ChoiceField(label="Итог", widget=forms.RadioSelect, error_messages={"required": "Выберите итог."})
    comment = forms.CharField(
        label="Комментарий", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="При отказе обязательно: причина, а если ушли к конкуренту — к кому и почему.",
    )  # fmt: skip
    competitor = forms.CharField(label="К кому ушли", required=False, max_length=120, help_text="Для «Ушли от нас»")
    reason = forms.CharField(label="Причина ухода", required=False, max_length=200, help_text="Для «Ушли от нас»")

    def __init__(self, data=None, *, register: str = "", **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["kind"].choices = kinds(register=register)
        known = list(Competitor.objects.values_list("name", flat=True)[:20])
        if known:
            self.fields["competitor"].help_text = f"Для «Ушли от нас». Известны: {', '.join(known)}"

    def evidence(self) -> Evidence:
        data = self.cleaned_data
        return Evidence(data.get("competitor", ""), data.get("reason", ""), data.get("target_number"))


class OutcomeForm(BulkOutcomeForm):
    """«Итог продления» of one account."""

    target_number = forms.IntegerField(
        label="Новый аккаунт, №", required=False, min_value=1, max_value=9_999_999, help_text="Для «Сменили аккаунт»",
        error_messages={"invalid": "Введите номер аккаунта цифрами."},
    )  # fmt: skip
    is_early = forms.BooleanField(label="Не используют: указать до окончания лицензии", required=False)

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
        self.order_fields(["term", "kind", "comment"])


MONTHS = [("", "Как раньше"), *((str(n), months_words(n)) for n in (3, 6, 12, 24))]


class RenewForm(forms.Form):
    """«Продлить»: which directions, for how long, with which tariff."""

    terms = forms.MultipleChoiceField(
        label="Что продлить",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Отметьте, что продлить."},
    )
    months = forms.ChoiceField(label="Срок", choices=MONTHS, required=False)

    def __init__(
        self, data=None, *, options: list[tuple[Term, str]], tariffs: dict[int, list[tuple[str, str]]], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.fields["terms"].choices = [
            (str(term.pk), Option(str(term.direction), hint=hint)) for term, hint in options
        ]
        self.fields["terms"].initial = [str(term.pk) for term, _hint in options]
        for term, _hint in options:
            if tariffs.get(term.pk):
                self.fields[f"tariff_{term.pk}"] = forms.ChoiceField(
                    label=f"Тариф с нового периода: {term.direction}",
                    choices=[("", "Прежний"), *tariffs[term.pk]],
                    required=False,
                )

    def tariffs(self) -> dict[int, int]:
        """{term: item} of the changed tariffs."""
        return {
            int(name[7:]): int(value)
            for name, value in self.cleaned_data.items()
            if name.startswith("tariff_") and value
        }
