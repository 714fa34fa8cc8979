"""Columns of a list: declared with django-tables2, rendered by us (its own rendering costs 24 times the floor).

    class AccountTable(tables.Table):
        name = tables.Link("Аккаунт", order_by="name_norm", sub=lambda a: f"{a.inn} · № {formats.group(a.number)}")
        ends_on = tables.Date("Окончание", order_by="ends_on", keyset=True)
        amount = tables.Money("К продлению, ₽", order_by="amount", total=True)
        state = tables.Badge("Состояние", tones={"paid": "ok", "trial": ""})
        manager = tables.Person("Ответственный", low=1)

Order is possible where `order_by` names ORM fields. `low=1` hides a column below 1350 px, `low=2` already while the
filter is open below 1600 px; both stay in Excel. `fixed` columns cannot be switched off, `hidden` ones are off at first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

import django_tables2
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from core import formats
from core.html import conditional_escape, format_html

Html = Callable[[Any], str]


MOST_LABELS = 1_000


class Table(django_tables2.Table):
    """Only declares; `core.lists` reads `base_columns`."""


class Column(django_tables2.Column):
    """Text. `html(row)` replaces the cell, `value(row)` the value in the cell and in Excel, `sub(row)` adds a second line."""

    kind = "text"
    css = ""

    def __init__(
        self,
        verbose_name: str = "",
        *,
        accessor: str | None = None,
        order_by: str | tuple[str, ...] = (),
        keyset: bool = False,
        value: Callable[[Any], Any] | None = None,
        html: Html | None = None,
        sub: Html | None = None,
        css: str | None = None,
        low: int = 0,
        fixed: bool = False,
        hidden: bool = False,
        total: bool = False,
        export: bool = True,
        width: int | None = None,
        title: str = "",
    ) -> None:
        order_by = (order_by,) if isinstance(order_by, str) else order_by
        super().__init__(verbose_name, accessor=accessor, order_by=order_by or None, orderable=bool(order_by))
        self.orders, self.keyset, self.html, self.sub = order_by, keyset, html, sub
        self.css = (self.css if css is None else css) + (" lo lo2" if low == 2 else " lo" if low else "")
        self.fixed, self.hidden, self.total, self.export, self.width = fixed, hidden, total, export, width
        self.hint, self._value, self.name = title, value, ""

    def bind(self, name: str) -> Column:
        """Called once when the list page class is made: the column learns its name and its reader."""
        self.name = name
        if self._value is None:
            self._value = reader(str(self.accessor or name))
        return self

    @property
    def heading(self) -> str:
        return str(self.verbose_name)

    @cached_property
    def opening(self) -> str:
        """The <td> of a cell with its label for narrow windows."""
        return f'<td{_class(self.css)} data-l="{conditional_escape(self.heading)}">'

    @cached_property
    def opening_empty(self) -> str:
        """A phone shows no label without a value."""
        return f'<td{_class(f"{self.css} nil".strip())} data-l="{conditional_escape(self.heading)}">'

    def value(self, row: Any) -> Any:
        """The raw value: what Excel gets."""
        return self._value(row)

    def text(self, value: Any) -> str:
        """A value as it stands in the cell; escaped afterwards unless it is safe."""
        return "" if value is None else str(value)

    def cell(self, row: Any) -> str:
        """Inside of the <td>, escaped."""
        inner = self.html(row) if self.html else self.text(self._value(row))
        inner = conditional_escape(inner)
        if self.sub and (below := self.sub(row)):
            inner += f'<span class="sub">{conditional_escape(below)}</span>'
        return inner

    def td(self, row: Any, url: str) -> str:
        """The whole <td>; `url` is the row's card."""
        inner = self.cell(row)
        return f"{self.opening if inner else self.opening_empty}{inner}</td>"


def _class(css: str) -> str:
    return f' class="{css}"' if css else ""


def reader(path: str) -> Callable[[Any], Any]:
    """A fast getter of «a__b»; None when a link on the way is empty."""
    get = attrgetter(path.replace("__", "."))

    def read(row: Any) -> Any:
        try:
            return get(row)
        except AttributeError:
            if "__" in path and getattr(row, path.partition("__")[0]) is None:
                return None
            raise

    return read


class Link(Column):
    """The name of the row: a real link to its card, first and never switched off (R2.42)."""

    css = "c-acc"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"fixed": True, **kwargs})

    def cell_with(self, row: Any, url: str) -> SafeString:
        name = conditional_escape(self.text(self.value(row)))
        below = f'<span class="sub num">{conditional_escape(self.sub(row))}</span>' if self.sub else ""
        return SafeString(
            f'<span class="acc"><a class="acc-n ell" href="{conditional_escape(url)}" title="{name}">{name or "без названия"}</a>'
            f"{below}</span>"
        )

    def td(self, row: Any, url: str) -> str:
        return f'<td class="{self.css}">{self.cell_with(row, url)}</td>' if url else super().td(row, url)


class Date(Column):
    kind, css = "date", "num"

    def text(self, value: Any) -> str:
        return formats.day(value)


class Moment(Column):
    kind, css = "datetime", "num"

    def text(self, value: Any) -> str:
        return formats.moment(value)


class Money(Column):
    kind, css = "money", "r num"

    def text(self, value: Any) -> str:
        return formats.money(value)


class Number(Column):
    kind, css = "int", "r num"

    def text(self, value: Any) -> str:
        return formats.group(value)


class Percent(Column):
    kind, css = "percent", "r num"

    def text(self, value: Any) -> str:
        return formats.percent(value)


class Flag(Column):
    kind = "bool"

    def text(self, value: Any) -> str:
        return "" if value is None else "да" if value else "нет"


class Person(Column):
    """An employee or None. The queryset does select_related on it, or `name(row)` tells the short name without him."""

    css = "nw"

    def __init__(
        self, *args: Any, empty: str = "не назначен", name: Callable[[Any], str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.empty, self._name = empty, name

    def value(self, row: Any) -> str:
        if self._name:
            return self._name(row)
        person = self._value(row)
        return person.short_name if person else ""

    def cell(self, row: Any) -> str:
        if self.html:
            return super().cell(row)
        name = self.value(row)
        return conditional_escape(name) if name else format_html('<span class="t3">{}</span>', self.empty)


class Phone(Column):
    css = "num"

    def cell(self, row: Any) -> str:
        number = self.value(row)
        if not number:
            return ""
        return SafeString(f'<a href="tel:{conditional_escape(number)}">{conditional_escape(formats.phone(number))}</a>')


class Badge(Column):
    """A field with choices as a badge; `tones` maps values to ok, warn, bad, info, vio, acc."""

    def __init__(self, *args: Any, tones: Mapping[Any, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tones, self._labels = tones or {}, {}

    def bind(self, name: str) -> Badge:
        super().bind(name)
        self._raw = reader(str(self.accessor or name))
        self._label = f"get_{self.accessor or name}_display"
        return self

    def value(self, row: Any) -> str:
        # Django flattens a field's choices anew for every label: at 20 000 rows of Excel that is seconds.
        raw = self._raw(row)
        known = self._labels.get((type(row), raw))
        if known is None:
            label = getattr(row, self._label, None)
            known = str(label()) if label else str(self._value(row) or "")
            if len(self._labels) < MOST_LABELS and label:
                self._labels[type(row), raw] = known
        return known

    def cell(self, row: Any) -> str:
        if self.html:
            return super().cell(row)
        text = self.value(row)
        if not text:
            return ""
        tone = self.tones.get(self._raw(row), "")
        below = self.sub(row) if self.sub else ""
        return SafeString(
            f'<span class="bdg{f" bdg-{conditional_escape(tone)}" if tone else ""}">{conditional_escape(text)}</span>'
            + (f'<span class="sub">{conditional_escape(below)}</span>' if below else "")
        )
