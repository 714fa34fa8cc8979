"""Filters and tags that every template has without loading (settings: builtins).

{% icon "refresh" "ico-s" %}   {{ sum|money }} ₽   {{ n|plural:"день,дня,дней" }}   {{ when|day }}   {{ at|moment }}
{% badge "Платный" "ok" %}   {% person employee %}   {% phone "+74950001452" %}   {% copy number "номер аккаунта" %}
{% meter "Пользователи" 11 12 %}   {% spark values "Активность за 12 недель" %}   {{ number|group }}   {% form_token %}
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django import template
from django.template.defaultfilters import stringfilter
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core import formats, forms
from core.icons import icon as icon_html
from core.idempotency import TOKEN_FIELD, issue_token
from core.text import plural as plural_word

register = template.Library()

register.filter("money", formats.money)
register.filter("roubles", formats.roubles)
register.filter("group", formats.group)
register.filter("day", formats.day)
register.filter("moment", formats.moment)
register.filter("long_day", formats.long_day)
register.filter("percent", formats.percent)
register.filter("phone_text", formats.phone)
register.simple_tag(icon_html, name="icon")


@register.filter
def plural(number: int, forms: str) -> str:
    """The word alone: {{ n }} {{ n|plural:"день,дня,дней" }}."""
    return plural_word(int(number), *forms.split(","))


@register.filter
def get(mapping, key):
    """Item of a dictionary by a variable key; None when absent."""
    return mapping.get(key)


@register.filter
@stringfilter
def initial_letters(name: str) -> str:
    """«ТА» of «Травина Анна Евгеньевна» for an avatar."""
    return "".join(word[0] for word in name.split()[:2]).upper()


@register.simple_tag
def badge(text: str, tone: str = "", title: str = "") -> SafeString:
    """A state as a word; tone: ok, warn, bad, info, vio, acc or nothing (neutral). Colour never speaks alone."""
    return format_html(
        '<span class="bdg{}"{}>{}</span>',
        f" bdg-{tone}" if tone else "",
        format_html(' title="{}"', title) if title else "",
        text,
    )


@register.simple_tag
def person(employee, empty: str = "не назначен", you=None) -> SafeString | str:
    """«Травина А. Е.» of an employee (`short_name`), with the full name as a title; «(вы)» when it is `you`."""
    if employee is None:
        return format_html('<span class="t3">{}</span>', empty)
    own = SafeString(' <span class="t3">(вы)</span>') if you is not None and employee.pk == you.pk else ""
    return format_html('<span class="nw" title="{}">{}</span>{}', employee.full_name, employee.short_name, own)


@register.simple_tag
def phone(number: str | None, extension: str | None = "") -> SafeString | str:
    """A tel: link; `number` is «+7…» as stored."""
    if not number:
        return ""
    more = f" доб.{formats.NB}{extension}" if extension else ""
    return format_html(
        '<a class="num" href="tel:{}{}">{}{}</a>',
        number,
        f",{extension}" if extension else "",
        formats.phone(number),
        more,
    )


@register.simple_tag
def email(address: str | None) -> SafeString | str:
    """A mailto: link."""
    return format_html('<a href="mailto:{0}">{0}</a>', address) if address else ""


@register.simple_tag
def copy(value, what: str) -> SafeString:
    """A button that copies `value`; `what` is in the accusative: «номер аккаунта»."""
    return format_html(
        '<button class="copy js" type="button" data-copy="{}" aria-label="Скопировать {}" title="Скопировать {}">{}</button>',
        value, what, what, icon_html("copy", "ico-s"),
    )  # fmt: skip


@register.simple_tag
def when(value: date | datetime | None, zone: str | None = None, empty: str = "") -> SafeString | str:
    """A <time> with a date or a moment in a zone; `empty` for nothing."""
    if value is None:
        return format_html('<span class="t3">{}</span>', empty) if empty else ""
    text = formats.moment(value, zone) if isinstance(value, datetime) else formats.day(value)
    return format_html('<time class="num" datetime="{}">{}</time>', value.isoformat(), text)


@register.simple_tag
def left(days: int, past: str = "закончилась") -> SafeString:
    """Days to an end: «сегодня», «через 3 дня», «закончилась 5 дней назад»; red to 7 days, amber to 14."""
    tone = " d-bad" if days <= 7 else " d-warn" if days <= 14 else ""
    word = f"{formats.group(abs(days))}{formats.NB}{plural_word(abs(days), 'день', 'дня', 'дней')}"
    text = "сегодня" if days == 0 else f"через {word}" if days > 0 else f"{past} {word} назад"
    return format_html('<span class="sub{}">{}</span>', tone, text)


@register.simple_tag
def meter(title: str, used: int, limit: int) -> SafeString:
    """A used limit: amber from 90 %, red above the limit; the figure stands beside the bar."""
    tone = "p-bad" if used > limit else "p-warn" if limit and used * 10 >= limit * 9 else ""
    return format_html(
        '<div class="mt"><span>{0}</span><span class="num t2">{1} из {2}</span>'
        '<progress class="{3}" max="{4}" value="{5}" aria-label="{0}: {1} из {2}"></progress></div>',
        title, formats.group(used), formats.group(limit), tone, max(limit, 1), min(used, max(limit, 1)),
    )  # fmt: skip


@register.simple_tag
def spark(values: Sequence[int], title: str, width: int = 96, height: int = 20) -> SafeString:
    """A small bar chart, drawn by the server; the last bar stands out, zeros are stumps. A table must stand near."""
    top, step = max([*values, 1]), width / max(len(values), 1)
    bars = []
    for index, value in enumerate(values):
        tall = max(round(value / top * height), 2)
        css = "z" if not value else "l" if index == len(values) - 1 else "b"
        bars.append((css, f"{index * step:.1f}", height - tall, f"{max(step - 2, 1):.1f}", tall))
    rects = format_html_join("", '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="1"/>', bars)
    return format_html(
        '<svg class="spark" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img" aria-label="{2}">{3}</svg>',
        width, height, f"{title}: {', '.join(str(v) for v in values)}", rects,
    )  # fmt: skip


@register.simple_tag
def dialog(url: str) -> SafeString:
    """Attributes of a link that opens a page of its own, over the current one where there is JavaScript."""
    return format_html('href="{0}" hx-get="{0}" hx-target="#dlg-body" hx-swap="innerHTML"', url)


@register.filter
def in_list(value, values) -> bool:
    """{{ name|in_list:names }}."""
    return value in (values or ())


@register.filter
def field_groups(form, on_names) -> SafeString:
    """{{ form|field_groups:names }}: all fields, those marked whose names are in the list."""
    return forms.field_groups(form, on_names)


@register.simple_tag
def form_token() -> SafeString:
    """The hidden one-time token of a form that creates something: the second submit gets the first result (F11)."""
    return format_html('<input type="hidden" name="{}" value="{}">', TOKEN_FIELD, issue_token())


@register.inclusion_tag("components/empty.html")
def empty(text: str, url: str = "", action: str = "", icon: str = "list-details") -> dict:
    """What an empty place means, and one way out."""
    return {"text": text, "url": url, "action": action, "icon": icon}


@register.simple_tag(takes_context=True)
def query(context, **changes) -> str:
    """The page's query string with parameters changed or dropped (None): {% query page=2 seg=None %}."""
    params = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            params.pop(name, None)
        else:
            params[name] = value
    return "?" + params.urlencode()
