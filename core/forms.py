"""Form fields and how they are drawn: label, hint, error, required mark, one component for all (templates/components/field.html).

In a template: {{ field.as_field_group }} for one field, {% include "components/form_body.html" %} for a whole form.
The plain widgets are written by Python: Django's widget templates cost more than the page around them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.template import Context, TemplateDoesNotExist, loader
from django.utils.safestring import SafeString

from core import formats
from core.html import conditional_escape
from core.money import parse_money


def _attributes(widget: dict) -> str:
    parts = []
    for name, value in widget["attrs"].items():
        if value is True:
            parts.append(f" {name}")
        elif value not in (False, None):
            parts.append(f' {name}="{conditional_escape(value)}"')
    return "".join(parts)


def _with_class(widget: dict, css: str) -> dict:
    attrs = widget["attrs"]
    return widget | {"attrs": attrs | {"class": f"{css} {attrs['class']}" if attrs.get("class") else css}}


def _value(widget: dict) -> str:
    value = widget["value"]
    return "" if value is None or value == "" else f' value="{conditional_escape(value)}"'


def _input(widget: dict) -> str:
    if widget["type"] != "hidden":
        widget = _with_class(widget, "form-control")
    return f'<input type="{widget["type"]}" name="{conditional_escape(widget["name"])}"{_value(widget)}{_attributes(widget)}>'


def _checkbox(widget: dict) -> str:
    widget = _with_class(widget, "form-check-input")
    return f'<input type="checkbox" name="{conditional_escape(widget["name"])}"{_value(widget)}{_attributes(widget)}>'


def _textarea(widget: dict) -> str:
    widget = _with_class(widget, "form-control")
    return f'<textarea name="{conditional_escape(widget["name"])}"{_attributes(widget)}>\n{conditional_escape(widget["value"] or "")}</textarea>'


def _select(widget: dict) -> str:
    widget = _with_class(widget, "form-select")
    parts = [f'<select name="{conditional_escape(widget["name"])}"{_attributes(widget)}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            parts.append(f'<optgroup label="{conditional_escape(group)}">')
        parts += [
            f'<option value="{conditional_escape(o["value"])}"{_attributes(o)}>{conditional_escape(o["label"])}</option>'
            for o in options
        ]
        if group:
            parts.append("</optgroup>")
    return "".join(parts) + "</select>"


def _choices(widget: dict) -> str:
    """Radio buttons and checkboxes, one label each; a label of the class Option brings a second line."""
    parts = []
    for group, options, _index in widget["optgroups"]:
        if group:
            parts.append(f'<div class="hint">{conditional_escape(group)}</div>')
        for option in options:
            box = _with_class(option, "form-check-input")
            field = f'<input type="{box["type"]}" name="{conditional_escape(box["name"])}" value="{conditional_escape(box["value"])}"{_attributes(box)}>'
            hint, count = getattr(option["label"], "hint", ""), getattr(option["label"], "number", None)
            text = conditional_escape(option["label"])
            if hint:
                parts.append(
                    f'<label class="opt">{field}<span>{text}<span class="sub">{conditional_escape(hint)}</span></span></label>'
                )
            else:
                slot = getattr(option["label"], "slot", "")
                slot = f' id="{conditional_escape(slot)}"' if slot else ""
                tail = f'<span class="cnt"{slot}>{formats.group(count)}</span>' if count is not None or slot else ""
                parts.append(f'<label class="chk">{field}<span>{text}</span>{tail}</label>')
    return "".join(parts)


_FAST: dict[str, Callable[[dict], str]] = {
    **dict.fromkeys(("text", "number", "email", "url", "password", "hidden", "input", "date", "datetime", "time", "file", "tel", "search"), _input),
    "checkbox": _checkbox,
    "textarea": _textarea,
    "select": _select,
    "radio": _choices,
    "checkbox_select": _choices,
}  # fmt: skip


class FieldRenderer(DjangoTemplates):
    """Settings: FORM_RENDERER. Project templates first, then Django's own."""

    field_template_name = "components/field.html"
    form_template_name = "components/form_fields.html"

    def get_template(self, template_name: str):
        return _template(template_name) or super().get_template(template_name)

    def render(self, template_name: str, context: dict, request=None) -> SafeString:
        folder, _, name = template_name.rpartition("/")
        if folder == "django/forms/widgets" and (fast := _FAST.get(name.removesuffix(".html"))):
            return SafeString(fast(context["widget"]))  # every part is escaped above
        return super().render(template_name, context, request)


@lru_cache(maxsize=256)
def _template(name: str):
    try:
        return loader.get_template(name)
    except TemplateDoesNotExist:
        return None


class Option(str):
    """A choice's label with a second line (`hint`) or a number (`number`): ("not_using", Option("Не используют", hint="…")).

    `slot` is the id of an empty place for a number that comes after the page.
    """

    hint: str
    number: int | None
    slot: str

    def __new__(cls, text: str, *, hint: str = "", number: int | None = None, slot: str = "") -> Option:
        option = super().__new__(cls, text)
        option.hint, option.number, option.slot = hint, number, slot
        return option


class DateField(forms.DateField):
    """«дд.мм.гггг», also ISO; a plain text input: type=date shows the format of the system, not of the page."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "numeric", "placeholder": "дд.мм.гггг", "autocomplete": "off", "class": "num"}
        kwargs.setdefault("widget", forms.DateInput(format="%d.%m.%Y", attrs=attrs))
        kwargs["error_messages"] = {"invalid": "Введите дату в виде 31.12.2026."} | kwargs.get("error_messages", {})
        super().__init__(input_formats=["%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d"], **kwargs)


class MoneyField(forms.Field):
    """Roubles: «1 234,50», «1234.5»; cleaned to Decimal with kopecks, None when empty."""

    def __init__(self, *, min_value=None, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "num"})
        )
        super().__init__(**kwargs)
        self.min_value = min_value

    def to_python(self, value: Any):
        if value in self.empty_values:
            return None
        try:
            amount = parse_money(str(value))
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if self.min_value is not None and amount < self.min_value:
            raise ValidationError(f"Сумма не меньше {formats.money(self.min_value)} ₽.")
        return amount

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else formats.money(value)


class Select(forms.Select):
    """Written straight from its choices: Django makes a dictionary of every option first."""

    def render(self, name: str, value: Any, attrs: dict | None = None, renderer=None) -> SafeString:
        widget = _with_class({"attrs": self.build_attrs(self.attrs, attrs)}, "form-select")
        wanted, parts = self.format_value(value), [f'<select name="{conditional_escape(name)}"{_attributes(widget)}>']
        for code, label in self.choices:
            if isinstance(label, list | tuple):
                parts.append(f'<optgroup label="{conditional_escape(code)}">')
                pairs, end = label, "</optgroup>"
            else:
                pairs, end = ((code, label),), ""
            for one, text in pairs:
                chosen = ("" if one is None else str(one)) in wanted
                parts.append(_option(one, text, chosen))
                wanted = () if chosen else wanted  # the first one only
            parts.append(end)
        return SafeString("".join(parts) + "</select>")  # every part is escaped above


@lru_cache(maxsize=4096, typed=True)
def _option(code: Any, label: Any, chosen: bool) -> str:
    """By class too: a text that is safe equals the same text that is not."""
    code = "" if code is None else str(code)
    return f'<option value="{conditional_escape(code)}"{" selected" if chosen else ""}>{conditional_escape(label)}</option>'


class Checks(forms.CheckboxSelectMultiple):
    """Checkboxes of plain choices, written straight; groups, hints and numbers go the longer way."""

    def render(self, name: str, value: Any, attrs: dict | None = None, renderer=None) -> SafeString:
        choices = list(self.choices)
        if any(isinstance(label, Option | list | tuple) for _code, label in choices):
            return super().render(name, value, attrs, renderer)
        wanted, about = self.format_value(value), self.build_attrs(self.attrs, attrs)
        prefix, about = about.pop("id", ""), _attributes({"attrs": about})
        parts = []
        for index, (code, label) in enumerate(choices):
            own = f' id="{conditional_escape(prefix)}_{index}"' if prefix else ""
            chosen = " checked" if str(code) in wanted else ""
            parts.append(
                f'<label class="chk"><input type="checkbox" name="{conditional_escape(name)}" value="{conditional_escape(code)}"'
                f'{about}{own} class="form-check-input"{chosen}><span>{conditional_escape(label)}</span></label>'
            )
        return SafeString("".join(parts))  # every part is escaped above


def field_group(field: BoundField, is_on: bool = False) -> SafeString:
    """A field as components/field.html draws it, with the HTML that was made of the same for an earlier request (`keep_drawn`)."""
    kept = getattr(field.field, "drawn", None)
    if kept is None or field.name in field.form.errors:
        return _field_group(field, is_on)
    value, choices = field.value(), _changing(field.field)
    key = (field.html_name, field.auto_id, tuple(value) if isinstance(value, list) else value, choices, is_on)
    html = kept.get(key) if choices is not None else None
    if html is None:
        html = _field_group(field, is_on)
        if choices is not None:
            if len(kept) >= MOST_DRAWN:
                kept.clear()
            kept[key] = html
    return html


MOST_DRAWN = 64
"""Values of one field whose HTML is kept."""


def keep_drawn(field: forms.Field) -> None:
    """This field serves all requests and is never changed: what is drawn of it depends on its value and its choices alone."""
    field.drawn = {}


def _changing(field: forms.Field) -> tuple | None:
    """Choices that a function gives, which may be others for each request; None when they cannot tell one drawing from another."""
    source = getattr(getattr(field, "choices", None), "choices", None)
    if not callable(source):
        return ()
    choices = tuple(source())
    # A label of another class than str looks like its text and is drawn otherwise: Option, what is safe.
    return choices if all(type(label) is str for _code, label in choices) else None


def field_groups(form: forms.BaseForm, on_names: Iterable[str]) -> SafeString:
    """All fields of a form; those of `on_names` are marked."""
    on_names = set(on_names or ())
    every = list(form)
    parts = [field_group(field, field.name in on_names) for field in every if not field.is_hidden]
    return SafeString("".join(parts + [str(field) for field in every if field.is_hidden]))


def _field_group(field: BoundField, is_on: bool) -> SafeString:
    """The common case, nothing required, said or wrong, by Python: filters are made of it."""
    if field.is_hidden or field.field.required or field.help_text or field.errors or field.widget_type == "checkbox":
        return loader.get_template("components/field.html").template.render(Context({"field": field, "on": is_on}))
    css, label = " is-on" if is_on else "", conditional_escape(field.label)
    if field.use_fieldset:
        return SafeString(f'<fieldset class="fld{css}"><legend>{label}</legend>{field}</fieldset>')
    name = conditional_escape(field.id_for_label)
    return SafeString(f'<div class="fld{css}"><label for="{name}">{label}</label>{field}</div>')


class SearchSelect(Select):
    """A select with search (Tom Select); a plain one without JavaScript. `url` answers {"results": [{value, text}]}."""

    def __init__(self, attrs: dict | None = None, choices: Iterable = (), url: str = "") -> None:
        super().__init__({"data-ts": True, **({"data-ts-url": url} if url else {}), **(attrs or {})}, choices)


class VersionMixin(forms.Form):
    """The row's version in a hidden field: the service compares it and raises Conflict (409)."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)
