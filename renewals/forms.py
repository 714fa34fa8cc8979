"""What is typed about renewals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from django import forms

from core import formats
from core.forms import Option
from core.text import shorten
from licenses.models import Item, Term
from licenses.selectors.plans import Plan
from licenses.selectors.prices import months_words
from renewals.choices import Condition, Effect, Move, OutcomeKind
from renewals.models import Competitor, OutcomeOption, RenewalRow
from renewals.selectors.options import renewal_options
from renewals.services import Evidence, Extract
from renewals.services.extracts import MOST_BYTES
from renewals.services.outcomes import MOST_COMMENT

PDF = ".pdf,application/pdf"


class Kinds(forms.RadioSelect):
    """Options that cannot be chosen now stand in the list all the same, switched off, and say why."""

    off: frozenset[str] = frozenset()

    def create_option(self, name, value, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.off:
            option["attrs"]["disabled"] = True
        return option


def kinds(
    offered: list[OutcomeOption], *, register: str = "", why_not: Mapping[str, str] = MappingProxyType({})
) -> list[tuple[str, Option]]:
    """What is offered with what each means; the register's state stands at what only a ceased organisation gets."""
    found = []
    for option in offered:
        hint = option.hint
        if register and option.condition == Condition.CEASED:
            hint = f"{hint}. Сейчас по реестру: {shorten(register, 120)}".removeprefix(". ")
        if option.code in why_not:
            hint = f"Сейчас нельзя. {why_not[option.code]}"
        found.append((option.code, Option(option.title, hint=hint or " ")))
    return found


def shown_when() -> str:
    """For the script: which block is shown for which outcome. Without scripts all stand there, each with its hint."""
    blocks: dict[str, list[str]] = {}
    for option in renewal_options(offered=True):
        for block, asked in (
            ("ev-competitor", option.needs_competitor), ("ev-reason", option.needs_reason), ("ev-moved", option.needs_account),
            ("ev-how", option.effect == Effect.MOVED), ("ev-extract", option.condition == Condition.CEASED),
            ("ev-phones", option.code == OutcomeKind.WRONG_CONTACTS), ("ev-emails", option.code == OutcomeKind.WRONG_CONTACTS),
            ("ev-early", option.condition == Condition.ENDED),
        ):  # fmt: skip
            if asked:
                blocks.setdefault(block, []).append(option.code)
    return " ".join(f"{'|'.join(codes)}:{block}" for block, codes in blocks.items())


def titles(**asked: Any) -> str:
    """«Ушли от нас», «Закрылись»: the outcomes of which a fact holds."""
    found = [o.title for o in renewal_options(offered=True) if all(getattr(o, k) == v for k, v in asked.items())]
    return ", ".join(f"«{title}»" for title in found)


class BulkOutcomeForm(forms.Form):
    """One outcome for several accounts: those that need no other account, which is each one's own."""

    for_one = False

    kind = forms.ChoiceField(
        label="Итог", widget=Kinds,
        error_messages={"required": "Выберите итог.", "invalid_choice": "Такого итога больше нет. Выберите итог из списка."},
    )  # fmt: skip
    comment = forms.CharField(
        label="Комментарий", required=False, max_length=MOST_COMMENT, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "Комментарий длиннее %(limit_value)d знаков: сократите его, сейчас %(show_value)d."},
        help_text="При отказе обязательно: причина, а если ушли к конкуренту — к кому и почему. Не меньше 10 знаков.",
    )  # fmt: skip
    competitor = forms.CharField(
        label="К кому ушли", required=False, max_length=120, widget=forms.TextInput(attrs={"list": "competitors", "autocomplete": "off"}),
    )  # fmt: skip
    reason = forms.CharField(label="Причина ухода", required=False, max_length=200)

    def __init__(
        self, data=None, files=None, *, register: str = "", why_not: Mapping[str, str] = MappingProxyType({}), **kwargs: Any
    ) -> None:  # fmt: skip
        super().__init__(data, files, **kwargs)
        kind = self.fields["kind"]
        offered = [o for o in renewal_options(offered=True) if self.for_one or not o.needs_account]
        kind.choices, kind.widget.off = kinds(offered, register=register, why_not=why_not), frozenset(why_not)
        kind.widget.attrs["data-when"] = shown_when()
        for name in ("competitor", "reason"):
            if asked := titles(**{f"needs_{name}": True}):
                more = "выберите из списка или впишите" if name == "competitor" else "цена, поддержка, возможности…"
                self.fields[name].help_text = f"Для {asked}: {more}"
            else:
                del self.fields[name]

    def competitors(self) -> list[str]:
        return list(Competitor.objects.values_list("name", flat=True)[:200])

    def evidence(self) -> Evidence:
        data = self.cleaned_data
        return Evidence(data.get("competitor", ""), data.get("reason", ""))


class OutcomeForm(BulkOutcomeForm):
    """«Итог продления» of one account."""

    for_one = True

    target_number = forms.IntegerField(
        label="Новый аккаунт, №", required=False, min_value=1, max_value=9_999_999,
        error_messages={"invalid": "Введите номер аккаунта цифрами."},
    )  # fmt: skip
    move = forms.ChoiceField(
        label="Как сменили", required=False, widget=forms.RadioSelect,
        choices=[
            (Move.ADDITIONAL.value, Option(Move.ADDITIONAL.label, hint="Продлевается в аккаунте основного абонента")),
            (Move.GROUP.value, Option(Move.GROUP.label, hint="Стали дополнительной организацией ГК; связь запишется в карточки")),
        ],
    )  # fmt: skip
    extract = forms.FileField(
        label="Выписка ЕГРЮЛ", required=False, widget=forms.FileInput(attrs={"accept": PDF}),
        help_text="PDF до 5 МБ, если реестр еще не показывает ликвидацию",
        error_messages={"empty": "Файл пустой. Приложите выписку еще раз."},
    )  # fmt: skip
    wrong_phones = forms.MultipleChoiceField(
        label="Отметить неверными", required=False, widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Этого номера у клиента уже нет. Отметьте номера заново."},
    )  # fmt: skip
    wrong_emails = forms.MultipleChoiceField(
        label="Отметить email неверными", required=False, widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Этого адреса у клиента уже нет. Отметьте адреса заново."},
    )  # fmt: skip
    is_early = forms.BooleanField(label="Указать до окончания лицензии", required=False)

    def __init__(
        self, data=None, files=None, *, rows: list[RenewalRow], may_early: bool, phones: list[tuple[str, str]],
        emails: list[tuple[str, str]], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(data, files, **kwargs)
        choices = [(str(row.pk), f"{row.direction}, по {formats.day(row.ends_on)}") for row in rows]
        self.fields["term"] = forms.ChoiceField(
            label="Направление", choices=choices, error_messages={"invalid_choice": "Выберите направление из списка."}
        )
        if len(choices) == 1:
            self.fields["term"].widget, self.fields["term"].initial = forms.HiddenInput(), choices[0][0]
        self.fields["wrong_phones"].choices, self.fields["wrong_emails"].choices = phones, emails
        self.fields[
            "target_number"
        ].help_text = (
            f"Для {titles(needs_account=True)}: в нем уже должна быть организация этого клиента или его группа компаний"
        )
        for name, asked in (
            ("is_early", may_early), ("wrong_phones", phones), ("wrong_emails", emails), ("extract", titles(condition=Condition.CEASED)),
            ("target_number", titles(needs_account=True)), ("move", titles(effect=Effect.MOVED)),
        ):  # fmt: skip
            if not asked:
                del self.fields[name]

    def evidence(self) -> Evidence:
        data, file = self.cleaned_data, self.cleaned_data.get("extract")
        # One byte more than allowed is enough to refuse the file.
        extract = Extract(file.name, file.read(MOST_BYTES + 1)) if file else None
        return Evidence(
            data.get("competitor", ""), data.get("reason", ""), data.get("target_number"), data.get("move", ""), extract,
            self._wrong(data, "wrong_phones"), self._wrong(data, "wrong_emails"),
        )  # fmt: skip

    def _wrong(self, data: dict[str, Any], name: str) -> tuple[int, ...]:
        return tuple(map(int, data.get(name, ()))) if data["kind"] == OutcomeKind.WRONG_CONTACTS else ()


MONTHS = [("", "Как раньше"), *((str(n), months_words(n)) for n in (1, 3, 6, 12, 24))]


STARTS = [("", "Сегодня"), ("gapless", "Со дня после окончания, без перерыва")]


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
    start = forms.ChoiceField(
        label="Закончившееся начать", choices=STARTS, required=False, help_text="Остальное пойдет без перерыва"
    )
    total = forms.DecimalField(required=False, max_digits=14, decimal_places=2, widget=forms.HiddenInput)

    def __init__(self, data=None, *, parts: list[Part], on: date, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.parts = parts
        if all(part.term.ends_on >= on for part in parts):
            del self.fields["start"]
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

    def is_gapless(self) -> bool:
        return self._value("start") == "gapless"

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
