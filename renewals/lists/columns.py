"""Columns of «Требуют продления» (R3.1, R3.23)."""

from __future__ import annotations

from datetime import date

from django.utils.safestring import SafeString

from accounts.models.account import NEVER
from core import formats, tables
from core.html import conditional_escape, format_html
from core.icons import icon
from core.text import counted
from partners import known
from renewals import rules
from renewals.choices import Move
from renewals.models import RenewalRow
from renewals.selectors.options import title_of, tone

MARKS = {rules.CallFlag.CALL_NOW: "пора звонить", rules.CallFlag.LATE_CALL: "просрочен контакт"}


def under_name(row: RenewalRow) -> str:
    """«7699004461 · № 1 187 702»; of a group of companies «ГК: 4 · № 1 187 702», which has no INN of its own (R3.31)."""
    members = row.account.members_count
    who = f"ГК:\u00a0{members}" if members > 1 else row.inn
    return " · ".join(filter(None, (who, f"№\u00a0{formats.group(row.account.number)}")))


def group_words(members: int) -> str:
    """An account of several organisations is a group of companies (R3.31)."""
    return f"ГК: {counted(members, 'организация', 'организации', 'организаций')}" if members > 1 else ""


def left_words(days: int) -> str:
    """«через 4 дня», «сегодня», «3 дня назад»."""
    if days == 0:
        return "сегодня"
    words = counted(abs(days), "день", "дня", "дней")
    return f"через {words}" if days > 0 else f"{words} назад"


def ends_cell(row: RenewalRow) -> str:
    """The end, how soon it is, and a telephone when nobody has called."""
    tone = " d-bad" if row.days_left <= 7 else " d-warn" if row.days_left <= 14 else ""
    mark = MARKS.get(row.call, "")
    call = (
        format_html(
            ' <span title="{0}">{1}<span class="visually-hidden">{0}</span></span>', mark, icon("phone", "ico-s")
        )
        if mark
        else ""
    )
    return format_html(
        '{}<span class="sub{} nw">{}{}</span>', formats.day(row.ends_on), tone, left_words(row.days_left), call
    )


def licence_words(row: RenewalRow) -> str:
    return ", ".join(row.licences) or str(row.direction)


def licence_cell(row: RenewalRow) -> str:
    """The first position, the others below it with a plus."""
    first, *more = row.titles or [str(row.direction)]
    below = format_html('<span class="sub ell" title="{0}">{0}</span>', "+ " + ", + ".join(more)) if more else ""
    return format_html('<span class="ell" title="{0}">{0}</span>{1}', first, below)


def outcome_words(row: RenewalRow) -> str:
    return title_of(row.outcome)


def moved_words(row: RenewalRow) -> str:
    """«№ 1 187 703, вошли в ГК»: where «Сменили аккаунт» went (R3.31)."""
    if not row.said:
        return ""
    how = {Move.ADDITIONAL: "доп. абонент", Move.GROUP: "вошли в ГК"}.get(row.said["move"], "")
    number = f"№\u00a0{formats.group(row.said['target'])}" if row.said["target"] else ""
    return ", ".join(filter(None, (number, how)))


def outcome_cell(row: RenewalRow) -> str:
    """«Без итога», the outcome's badge; below it the invoice's number or the other account's. It opens the dialog."""
    url = f"/accounts/{row.account.number}/outcome/?term={row.pk}"
    invoice = row.said["invoice"] if row.said else ""
    below = f"№\u00a0{invoice}" if invoice else moved_words(row)
    below = format_html('<span class="sub num">{}</span>', below) if below else ""
    if not row.may_set:  # a colleague's row is only looked at
        return format_html('<span class="{}">{}</span>{}', tone(row.outcome), outcome_words(row), below)
    return format_html(
        '<a class="{}" href="{}" hx-get="{}" hx-target="#dlg-body" hx-swap="innerHTML" data-key="outcome">{}</a>{}',
        tone(row.outcome) if row.outcome else "bdg bdg-none", url, url, outcome_words(row), below,
    )  # fmt: skip


def row_buttons(row: RenewalRow, url: str) -> SafeString:
    """«Продлить» and «Указать итог», where the viewer may, and «Карточка»."""
    number, name, parts = row.account.number, conditional_escape(row.account.name), []
    if row.may_renew:
        parts.append(
            f'<a class="btn btn-primary btn-xs" data-key="renew" href="/accounts/{number}/renew/" hx-get="/accounts/{number}/renew/"'
            f' hx-target="#dlg-body" hx-swap="innerHTML">{icon("refresh", "ico-s")}Продлить</a>'
        )
    if row.may_set:
        outcome = f"/accounts/{number}/outcome/?term={row.pk}"
        parts.append(
            f'<a class="btn btn-flat btn-xs btn-ico" href="{outcome}" hx-get="{outcome}" hx-target="#dlg-body" hx-swap="innerHTML"'
            f' aria-label="Указать итог: {name}" title="Указать итог">{icon("clipboard-check", "ico-s")}</a>'
        )
    parts.append(
        f'<a class="btn btn-flat btn-xs btn-ico" href="{conditional_escape(url)}" aria-label="Карточка: {name}" title="Карточка">'
        f"{icon('id', 'ico-s')}</a>"
    )
    return SafeString("".join(parts))  # numbers, and texts that are escaped


def responsible(row: RenewalRow) -> str:
    """The topic's own manager where a topic is asked for and bound, else the account's (R3.14)."""
    return known.person_name(row.topic_manager if getattr(row, "is_topic_bound", False) else row.manager_id)


def _known(day: date) -> date | None:
    return None if day == NEVER else day


class RenewalTable(tables.Table):
    """One row per account, or per direction when a topic is asked for."""

    account = tables.Link("Аккаунт", accessor="account__name", sub=under_name)
    licence = tables.Column("Лицензия", value=licence_words, html=licence_cell, css="c-from")
    ends = tables.Date("Окончание", accessor="ends_on", order_by="ends_on", keyset=True, html=ends_cell)
    due = tables.Money("К продлению, ₽", accessor="due", order_by="due", total=True)
    active = tables.Date("Активность", value=lambda r: _known(r.account.last_active_on), low=2)
    called = tables.Date("Последний звонок", accessor="called_on", low=2)
    outcome = tables.Column("Итог", value=outcome_words, html=outcome_cell, css="nw")
    manager = tables.Person("Ответственный", name=responsible)
    moved = tables.Column("Перешли в аккаунт", value=moved_words, hidden=True)
    state = tables.Column("Состояние", value=lambda r: r.get_category_display(), hidden=True)
    direction = tables.Column("Направление", value=lambda r: str(r.direction), hidden=True)
    number = tables.Number("Номер аккаунта", value=lambda r: r.account.number, hidden=True)
    inn = tables.Column("ИНН", accessor="inn", hidden=True)
    office = tables.Column("Точка продаж", value=lambda r: known.point_name(r.salespoint_id), hidden=True)
