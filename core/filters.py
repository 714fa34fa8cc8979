"""Filters of lists (R0.6): applied by «Отобразить», AND between fields, OR inside one, state in the URL.

    class AccountFilter(filters.FilterSet):
        ends = filters.Period("Окончание лицензии", field_name="ends_on", presets=("today", "next_60", "period"))
        state = filters.Checks("Состояние договора", choices=State.choices)
        region = filters.Choice("Регион", choices=region_choices, search=True)
        amount = filters.Amount("Сумма продления, ₽")
        phone = filters.YesNo("Телефон", yes="с телефоном", no="без телефона", method="filter_phone")

Every field gives a chip by itself. Choices may be a callable; `on` of the form is the viewer's business date.
"""

from __future__ import annotations

import calendar
import copy
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import django_filters
from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django_filters import fields

from core import clock, formats
from core.forms import Checks as CheckBoxes
from core.forms import DateField, Select, keep_drawn

PERIODS: dict[str, str] = {
    "today": "сегодня",
    "yesterday": "вчера",
    "week": "эта неделя",
    "month": "этот месяц",
    "last_month": "прошлый месяц",
    "quarter": "этот квартал",
    "year": "этот год",
    "last_30": "последние 30 дней",
    "next_7": "ближайшие 7 дней",
    "next_30": "ближайшие 30 дней",
    "next_60": "ближайшие 60 дней",
    "period": "за период",
}


def _month(day: date, shift: int = 0, length: int = 1) -> tuple[date, date]:
    index = day.year * 12 + day.month - 1 + shift
    first = date(index // 12, index % 12 + 1, 1)
    end = index + length - 1
    return first, date(end // 12, end % 12 + 1, calendar.monthrange(end // 12, end % 12 + 1)[1])


def period_days(code: str, on: date) -> tuple[date, date]:
    """First and last day, both included, of a named period."""
    days = timedelta(days=1)
    if code == "yesterday":
        return on - days, on - days
    if code == "week":
        monday = on - on.weekday() * days
        return monday, monday + 6 * days
    if code == "month":
        return _month(on)
    if code == "last_month":
        return _month(on, -1)
    if code == "quarter":
        return _month(on, -((on.month - 1) % 3), 3)
    if code == "year":
        return date(on.year, 1, 1), date(on.year, 12, 31)
    if code.startswith("last_"):
        return on - (int(code[5:]) - 1) * days, on
    if code.startswith("next_"):
        return on, on + int(code[5:]) * days
    return on, on


class FilterSet(django_filters.FilterSet):
    """Bad input gives no rows and a message, never all rows. `on` is the business date of the viewer."""

    def __init__(self, data=None, queryset=None, *, request=None, on: date | None = None, **kwargs: Any) -> None:
        self.on = on or clock.today()
        super().__init__(data, queryset, request=request, **kwargs)
        for name, filter_ in self.filters.items():
            filter_.on, filter_.name = self.on, name

    @classmethod
    def get_form_class(cls) -> type[forms.Form]:
        """One class for all requests of a list; the fields are put into each form by `form`."""
        if "_form_class" not in cls.__dict__:
            cls._form_class = type(f"{cls.__name__}Form", (cls._meta.form,), {})
        return cls._form_class

    @property
    def form(self) -> forms.Form:
        if not hasattr(self, "_form"):
            self._form = super().form
            self._form.fields = {name: filter_.field for name, filter_ in self.filters.items()}
        return self._form

    @property
    def user(self):
        return self.request.user

    def chips(self) -> list[tuple[str, str, list[str]]]:
        """(label, value in words, parameters to drop) of every field that narrows the list."""
        found, form = [], self.form
        values = form.cleaned_data if form.is_bound and form.is_valid() else {}
        for name, filter_ in self.filters.items():
            value = values.get(name)
            words = filter_.words(value, form.fields[name]) if hasattr(filter_, "words") else str(value or "")
            if words:
                found.append((str(filter_.label), words, getattr(filter_, "parameters", [name])))
        return found

    def errors_text(self) -> str:
        """«Сумма: введите число.» for the message above an empty list."""
        return " ".join(
            f"{self.form.fields[name].label}: {errors[0]}"
            for name, errors in self.form.errors.items()
            if name in self.form.fields
        )


class _Words:
    """A filter that tells its value in words."""

    declared: _Words | None = None
    """The filter of the class, of which this one is a request's copy."""

    def __deepcopy__(self, memo: dict) -> _Words:
        """A filter set copies its filters for every request; only what is set on them differs."""
        own = copy.copy(self)
        own.extra, own.declared = self.extra.copy(), self.declared or self
        own.__dict__.pop("_field", None)
        own.method = self.method  # bound to the copy
        return own

    @property
    def field(self) -> forms.Field:
        """Made once for all requests, and never changed; a filter whose `extra` a request has changed makes its own."""
        is_as_declared = self.declared is not None and self.extra == self.declared.extra
        owner = self.declared if is_as_declared else self
        field = owner.__dict__.get("_field")
        if field is None:
            field = owner.get_field()
            if owner.declared is None:
                keep_drawn(field)
            owner._field = field
        return field

    def get_field(self) -> forms.Field:
        return self.field_class(label=self.label, **self.extra)

    def words(self, value: Any, field: forms.Field) -> str:
        return "" if value in (None, "", []) else str(value)


class Words(forms.CharField):
    """What a database cannot keep is no part of what one looks for."""

    def to_python(self, value: Any) -> str:
        return super().to_python(value.replace("\x00", "") if isinstance(value, str) else value)


class Text(_Words, django_filters.CharFilter):
    field_class = Words

    def __init__(self, label: str, *, field_name: str | None = None, lookup: str = "icontains", **kwargs: Any) -> None:
        super().__init__(field_name=field_name, lookup_expr=lookup, label=label, strip=True, max_length=200, **kwargs)


class Whole(_Words, django_filters.NumberFilter):
    """A whole number: an account number, an identifier."""

    field_class = forms.IntegerField

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label=label, min_value=0, max_value=2**31 - 1, **kwargs)


class _Pairs(fields.ChoiceIterator):
    """Choices as they were declared or as their function gives them: pairs, or groups of pairs. Not put in form each time."""

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        yield from self.choices() if callable(self.choices) else self.choices


NOT_OFFERED = {"invalid_choice": "такого значения в списке нет, выберите из предложенных."}


class OneOf(fields.ChoiceField):
    iterator, default_error_messages = _Pairs, NOT_OFFERED


class AnyOf(fields.MultipleChoiceField):
    iterator, default_error_messages = _Pairs, NOT_OFFERED


class Choice(_Words, django_filters.ChoiceFilter):
    """One of; `search=True` makes it a select with search, `url` loads its options while one types."""

    field_class = OneOf

    def __init__(
        self,
        label: str,
        *,
        choices: Iterable | Callable,
        any_label: str = "Все",
        search: bool = False,
        url: str = "",
        **kwargs: Any,
    ) -> None:
        attrs = {"data-ts": True} if search or url else {}
        if url:
            attrs["data-ts-url"] = url
        super().__init__(label=label, choices=choices, empty_label=any_label, widget=Select(attrs=attrs), **kwargs)

    def words(self, value: Any, field: forms.Field) -> str:
        return _labels(field, [value]) if value else ""


class Checks(_Words, django_filters.MultipleChoiceFilter):
    """Any of several, as checkboxes."""

    field_class = AnyOf

    def __init__(self, label: str, *, choices: Iterable | Callable, **kwargs: Any) -> None:
        super().__init__(label=label, choices=choices, widget=CheckBoxes, **kwargs)
        self.always_filter = False

    def is_noop(self, qs: QuerySet, value: Any) -> bool:
        return not value

    def words(self, value: Any, field: forms.Field) -> str:
        return _labels(field, value or [])


class YesNo(_Words, django_filters.ChoiceFilter):
    """A condition or its opposite; `method` gets True or False."""

    field_class = OneOf

    def __init__(
        self, label: str, *, yes: str = "да", no: str = "нет", any_label: str = "не важно", **kwargs: Any
    ) -> None:
        super().__init__(label=label, choices=[("1", yes), ("0", no)], empty_label=any_label, widget=Select, **kwargs)

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        return (
            qs
            if not value
            else qs.filter(
                **{f"{self.field_name}{'' if self.lookup_expr == 'exact' else '__' + self.lookup_expr}": value == "1"}
            )
        )

    def words(self, value: Any, field: forms.Field) -> str:
        return _labels(field, [value]) if value else ""


def _labels(field: forms.Field, values: Iterable[Any]) -> str:
    wanted, found = {str(v) for v in values}, []
    for key, label in field.choices:
        options = label if isinstance(label, list | tuple) else [(key, label)]
        found += [str(text) for option, text in options if str(option) in wanted]
    return ", ".join(found)


class RangeField(forms.MultiValueField):
    """Two bounds, each optional; posted as <name>_from and <name>_to."""

    def __init__(self, part: Callable[[], forms.Field], placeholders: tuple[str, str], **kwargs: Any) -> None:
        fields = (part(), part())
        super().__init__(
            fields, widget=RangeWidget([f.widget for f in fields], placeholders), require_all_fields=False, **kwargs
        )

    def compress(self, values: list) -> tuple | None:
        low, high = [*values, None, None][:2] if values else (None, None)
        if low is not None and high is not None and low > high:
            raise forms.ValidationError("Начало больше конца. Поменяйте значения местами.")
        return (low, high) if low is not None or high is not None else None


class RangeWidget(forms.MultiWidget):
    template_name = "components/range.html"

    def __init__(self, widgets: list[forms.Widget], placeholders: tuple[str, str]) -> None:
        for widget, placeholder in zip(widgets, placeholders, strict=True):
            widget.attrs["placeholder"] = placeholder
        super().__init__({"from": widgets[0], "to": widgets[1]})

    def decompress(self, value: tuple | None) -> list:
        return list(value) if value else [None, None]


class Amount(_Words, django_filters.Filter):
    """Between two sums, both included."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label=label, **kwargs)

    def get_field(self) -> forms.Field:
        def part() -> forms.Field:
            return forms.DecimalField(
                required=False,
                localize=True,
                max_digits=14,
                decimal_places=2,
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            )

        return RangeField(part, ("от", "до"), label=self.label, required=False)

    @property
    def parameters(self) -> list[str]:
        return [f"{self.name}_from", f"{self.name}_to"]

    def filter(self, qs: QuerySet, value: tuple | None) -> QuerySet:
        return qs if value is None else _between(qs, self.field_name, value)

    def words(self, value: tuple | None, field: forms.Field) -> str:
        return _bounds(value, lambda v: formats.money(v) if isinstance(v, Decimal) else formats.group(v))


class Days(Amount):
    """Between two dates, both included."""

    def get_field(self) -> forms.Field:
        return RangeField(
            lambda: DateField(required=False), ("дд.мм.гггг", "дд.мм.гггг"), label=self.label, required=False
        )

    def words(self, value: tuple | None, field: forms.Field) -> str:
        return _bounds(value, formats.day)


class PeriodField(forms.MultiValueField):
    """A named period, or two dates; posted as <name>, <name>_from, <name>_to."""

    def __init__(self, presets: Iterable[str], **kwargs: Any) -> None:
        choices = [("", "за все время"), *((code, PERIODS[code]) for code in presets)]
        fields = (
            forms.ChoiceField(choices=choices, required=False),
            DateField(required=False),
            DateField(required=False),
        )
        super().__init__(fields, widget=PeriodWidget([f.widget for f in fields]), require_all_fields=False, **kwargs)
        fields[0].widget.choices = choices

    def compress(self, values: list) -> tuple | None:
        code, low, high = [*values, "", None, None][:3] if values else ("", None, None)
        if code and code != "period":
            return code, None, None
        if low and high and low > high:
            raise forms.ValidationError("Начало позже конца. Поменяйте даты местами.")
        return ("period", low, high) if low or high else None


class PeriodWidget(forms.MultiWidget):
    template_name = "components/period.html"

    def __init__(self, widgets: list[forms.Widget]) -> None:
        for widget in widgets[1:]:
            widget.attrs["placeholder"] = "дд.мм.гггг"
        super().__init__({"": widgets[0], "from": widgets[1], "to": widgets[2]})

    def decompress(self, value: tuple | None) -> list:
        return list(value) if value else ["", None, None]


class Period(Days):
    """A named period or dates of one's own; `moments=True` for a column with moments."""

    def __init__(
        self,
        label: str,
        *,
        presets: Iterable[str] = ("today", "week", "month", "last_month", "period"),
        moments: bool = False,
        **kwargs: Any,
    ) -> None:
        self.presets, self.moments = tuple(presets), moments
        super().__init__(label, **kwargs)

    def get_field(self) -> forms.Field:
        return PeriodField(self.presets, label=self.label, required=False)

    @property
    def parameters(self) -> list[str]:
        return [self.name, f"{self.name}_from", f"{self.name}_to"]

    def bounds(self, value: tuple) -> tuple[date | None, date | None]:
        """First and last day of a cleaned value."""
        code, low, high = value
        return (low, high) if code == "period" else period_days(code, self.on)

    def filter(self, qs: QuerySet, value: tuple | None) -> QuerySet:
        if value is None:
            return qs
        low, high = self.bounds(value)
        if not self.moments:
            return _between(qs, self.field_name, (low, high))
        if low is not None:
            qs = qs.filter(**{f"{self.field_name}__gte": self._midnight(low)})
        return qs if high is None else qs.filter(**{f"{self.field_name}__lt": self._midnight(high + timedelta(days=1))})

    def _midnight(self, day: date) -> datetime:
        zone = getattr(getattr(self.parent.request, "user", None), "business_zone", None) or settings.TIME_ZONE
        return datetime.combine(day, time(), ZoneInfo(zone))

    def words(self, value: tuple | None, field: forms.Field) -> str:
        if value is None:
            return ""
        return PERIODS[value[0]] if value[0] != "period" else _bounds(value[1:], formats.day)


def _between(qs: QuerySet, name: str, bounds: tuple) -> QuerySet:
    low, high = bounds
    conditions = ({f"{name}__gte": low} if low is not None else {}) | (
        {f"{name}__lte": high} if high is not None else {}
    )
    return qs.filter(**conditions)


def _bounds(value: tuple | None, words: Callable[[Any], str]) -> str:
    if not value:
        return ""
    low, high = value
    return " ".join(
        ([f"с {words(low)}"] if low is not None else []) + ([f"по {words(high)}"] if high is not None else [])
    )
