"""Columns of the client lists (R2.34–R2.38, R2.41)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.safestring import SafeString

from clients.choices import InvitationTopic
from clients.models import Client
from clients.models.client import NO_CONTACT, UNKNOWN_DATE
from clients.selectors.dictionaries import region_label
from core import formats, tables
from core.html import conditional_escape as escape
from core.html import format_html
from core.icons import icon
from partners import known

TONES = {"invited": "info", "declined": "", "lost": "warn", "trial": "acc", "connected": "ok"}


_TOPICS = dict(InvitationTopic.choices)


LOST = {"refused": "отказались", "inactive": "молчат больше квартала", "removed": "удалены из аккаунта"}
"""`LostReason` in a cell; Excel and the filter say it in full."""
WITHOUT_LICENCE = {"account": "в аккаунте", "client": "у контрагента"}


def place(client: Client) -> str:
    """«7718159470 · Москва»: what is cut in a narrow window is the city."""
    return " · ".join(filter(None, (client.inn, client.city)))


def _known(day: date) -> date | None:
    return None if day in (UNKNOWN_DATE, NO_CONTACT) else day


def account_link(client: Client) -> str:
    number = client.main_account_number
    if number is None:
        return ""
    more = format_html(' <span class="t3">+{}</span>', client.accounts_count - 1) if client.accounts_count > 1 else ""
    return format_html('<a class="num" href="/accounts/{}/">{}</a>{}', number, formats.group(number), more)


def responsible_cell(client: Client) -> str:
    """The manager and his office, or «Закрепить» and where the card stands (R2.15, R2.38)."""
    where = known.point_name(client.salespoint_id) or region_label(client.region_code)
    if client.manager_id:
        name = escape(known.person_name(client.manager_id))
        return SafeString(f'<span class="nw">{name}</span><span class="sub">{escape(where)}</span>')
    if not getattr(client, "may_bind", False):
        return SafeString(f'<span class="t3">не закреплен</span><span class="sub">{escape(where)}</span>')
    url = f"/clients/{client.pk}/bind/"
    # The table stands in the form of the bulk bar: a button with an address of its own needs no second form.
    return SafeString(
        '<details class="menu"><summary class="bdg bdg-none" data-key="bind">Закрепить</summary><div class="dropdown-menu show">'
        f'<button class="dropdown-item" type="submit" formaction="{url}" name="to" value="me" hx-post="{url}" hx-swap="none">'
        f"{icon('user-check', 'ico-s')}За мной</button>"
        f'<a class="dropdown-item" href="{url}" hx-get="{url}" hx-target="#dlg-body" hx-swap="innerHTML">'
        f'{icon("users", "ico-s")}За сотрудником…</a></div></details><span class="sub">{escape(where)}</span>'
    )


def responsible_value(client: Client) -> str:
    return known.person_name(client.manager_id)


def row_buttons(client: Client, url: str) -> str:
    """«Позвонить», where there is a phone, and «Карточка»."""
    name, call = escape(client.name), ""
    if client.phone_tail:
        call = (
            f'<a class="btn btn-flat btn-xs btn-ico" href="tel:{escape(client.phone_tail)}" aria-label="Позвонить: {name}"'
            f' title="Позвонить">{icon("phone", "ico-s")}</a>'
        )
    return SafeString(
        f'{call}<a class="btn btn-flat btn-xs btn-ico" href="{escape(url)}" data-key="open" aria-label="Карточка: {name}"'
        f' title="Карточка">{icon("id", "ico-s")}</a>'
    )


class ClientTable(tables.Table):
    """«Все клиенты»."""

    name = tables.Link("Клиент", order_by="name_norm", keyset=True, accessor="name", sub=place)
    registered = tables.Date(
        "Регистрация", order_by="registered_on", keyset=True, value=lambda c: _known(c.registered_on)
    )
    phone = tables.Phone("Телефон", accessor="phone_tail", low=1)
    account = tables.Number("Аккаунт", accessor="main_account_number", html=account_link, low=2)
    state = tables.Badge("Категория", accessor="prospect_state", tones=TONES)
    contact = tables.Date(
        "Следующий контакт",
        order_by="next_contact_on",
        keyset=True,
        value=lambda c: _known(c.next_contact_on),
        hidden=True,
    )
    work = tables.Column("Работа", value=lambda c: c.get_work_state_display(), hidden=True)
    resp = tables.Column("Ответственный", value=responsible_value, html=responsible_cell, css="c-who")
    office = tables.Column("Точка продаж", value=lambda c: known.point_name(c.salespoint_id), hidden=True)
    region = tables.Column("Регион", value=lambda c: region_label(c.region_code), low=2, css="nw")
    inn = tables.Column("ИНН", accessor="inn", hidden=True)
    kpp = tables.Column("КПП", accessor="kpp", hidden=True)


class InvitedTable(tables.Table):
    """«Приглашены» (R2.41)."""

    name = tables.Link("Контрагент", order_by="name_norm", keyset=True, accessor="name", sub=place)
    sender = tables.Column(
        "Отправитель", value=lambda c: told_of(c)["sender"], html=lambda c: sender_cell(c), css="c-from"
    )
    invited = tables.Date("Дата", order_by="invited_on", keyset=True, value=lambda c: _known(c.invited_on))
    state = tables.Badge(
        "Статус приглашения",
        accessor="invite_state",
        tones={"connected": "ok", "declined": "", "started": "info", "invited": "info"},
    )
    topic = tables.Column("Тема", value=lambda c: _TOPICS.get(told_of(c)["topic"], ""), low=1, css="nw")
    phone = tables.Phone("Телефон", accessor="phone_tail", low=2)
    contact = tables.Date(
        "Следующий контакт",
        order_by="next_contact_on",
        keyset=True,
        value=lambda c: _known(c.next_contact_on),
        hidden=True,
    )
    resp = tables.Column("Ответственный", value=responsible_value, html=responsible_cell, css="c-who")
    inn = tables.Column("ИНН", accessor="inn", hidden=True)


def told_of(client: Client) -> dict[str, Any]:
    """What `with_last_invitation` says of the newest invitation."""
    return client.last_invitation or {"sender": "", "sender_id": None, "topic": "", "count": 0}


def sender_cell(client: Client) -> str:
    """The sender of the newest invitation, and how many others there are (R2.36)."""
    told = told_of(client)
    name, more = told["sender"], told["count"] - 1
    if not name:
        return ""
    body = format_html('<a href="/clients/{}/">{}</a>', told["sender_id"], name) if told["sender_id"] else name
    return format_html(
        '<span class="ell" title="{}">{}</span>{}',
        name,
        body,
        format_html(' <span class="t3">+{}</span>', more) if more > 0 else "",
    )


class DeclinedTable(tables.Table):
    """«Отказались»."""

    name = tables.Link("Клиент", order_by="name_norm", keyset=True, accessor="name", sub=place)
    since = tables.Date("Отказались", order_by="prospect_on", keyset=True, value=lambda c: _known(c.prospect_on))
    why = tables.Column("Причина", value=lambda c: c.get_decline_reason_display() if c.decline_reason else "")
    phone = tables.Phone("Телефон", accessor="phone_tail", low=1)
    resp = tables.Column("Ответственный", value=responsible_value, html=responsible_cell, css="c-who")
    region = tables.Column("Регион", value=lambda c: region_label(c.region_code), low=2, css="nw")
    inn = tables.Column("ИНН", accessor="inn", hidden=True)


class LostTable(tables.Table):
    """«Потерянные»."""

    name = tables.Link("Клиент", order_by="name_norm", keyset=True, accessor="name", sub=place)
    since = tables.Date("Потеряны", order_by="prospect_on", keyset=True, value=lambda c: _known(c.prospect_on))
    why = tables.Column(
        "Причина",
        value=lambda c: c.get_lost_reason_display() if c.lost_reason else "",
        html=lambda c: LOST.get(c.lost_reason, ""),
        css="nw",
    )
    active = tables.Date(
        "Последняя активность", order_by="last_active_on", keyset=True, value=lambda c: _known(c.last_active_on), low=2
    )
    phone = tables.Phone("Телефон", accessor="phone_tail", low=1)
    account = tables.Number("Аккаунт", accessor="main_account_number", html=account_link)
    resp = tables.Column("Ответственный", value=responsible_value, html=responsible_cell, css="c-who")
    inn = tables.Column("ИНН", accessor="inn", hidden=True)


class TrialTable(tables.Table):
    """«Активные триальные»."""

    name = tables.Link("Клиент", order_by="name_norm", keyset=True, accessor="name", sub=place)
    account = tables.Number("Аккаунт", accessor="main_account_number", html=account_link)
    active = tables.Date("Активность", order_by="last_active_on", keyset=True, value=lambda c: _known(c.last_active_on))
    why = tables.Column("Нет лицензии", value=lambda c: WITHOUT_LICENCE.get(c.trial_reason, ""), css="nw")
    phone = tables.Phone("Телефон", accessor="phone_tail", low=1)
    contact = tables.Date(
        "Следующий контакт",
        order_by="next_contact_on",
        keyset=True,
        value=lambda c: _known(c.next_contact_on),
        hidden=True,
    )
    resp = tables.Column("Ответственный", value=responsible_value, html=responsible_cell, css="c-who")
    inn = tables.Column("ИНН", accessor="inn", hidden=True)
