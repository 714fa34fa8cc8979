"""What licences put on the account card: licences, invoices, limits, actions (R2.81, R2.84, R2.128–R2.138)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest

from accounts.cards import account_card
from accounts.facts import Fact, facts_of, head_fact, present_members
from accounts.models import Account
from core import clock
from core.cards import Action, Alert, Attention, Panel, Section
from licenses.choices import LIVE_STATES, InvoiceState, ItemKind, LicenseState, Limit
from licenses.models import Invoice, InvoiceLine, License
from licenses.selectors.limits import allowed
from licenses.selectors.movements import movements
from licenses.selectors.organisations import member_rows
from licenses.services.allocating import left_over
from licenses.services.payments import balance_of
from partners.rights import Right

TONES = {"selected": "", "invoiced": "info", "shipped": "warn", "active": "ok", "replaced": "", "cancelled": ""}


ACTIVATED = (LicenseState.ACTIVE, LicenseState.REPLACED)


def _today(request: HttpRequest):
    return clock.today(request.user.business_zone)


def period_of(request: HttpRequest, on) -> int:
    """The year of the switcher ◄ ► (R2.128); the current one by default."""
    asked = request.GET.get("year", "")
    return int(asked) if asked.isdecimal() and len(asked) == 4 and 2000 <= int(asked) <= 2100 else on.year


def licences_of(account: Account, request: HttpRequest) -> list[License]:
    """All that stands or was replaced, asked once per page: every block of the card reads this list."""
    kept = request.__dict__.setdefault("account_licences", {})
    if account.pk not in kept:
        rows = account.licenses.filter(state__in=[*LIVE_STATES, LicenseState.REPLACED])
        rows = rows.select_related("item__line", "payer").prefetch_related("allocations")
        kept[account.pk] = list(rows.order_by("starts_on", "pk"))
    return kept[account.pk]


def licenses_panel(account: Account, request: HttpRequest) -> dict[str, Any]:
    """Licences that touch the year, then those not activated, grouped by invoice."""
    on = _today(request)
    year = period_of(request, on)
    every = licences_of(account, request)
    rows = [row for row in every if row.starts_on.year <= year <= row.ends_on.year]
    invoices = _invoices_of([row.pk for row in rows if row.state not in ACTIVATED])
    renewed = {row.item.line.direction_id for row in every if row.state == LicenseState.ACTIVE and row.ends_on >= on}
    active, waiting = [], {}
    for row in rows:
        row.tone, row.text = _state(row, on)
        if row.ends_on < on and row.item.line.direction_id in renewed:
            row.tone = ""
        row.can_change = row.state == LicenseState.ACTIVE and row.starts_on <= on <= row.ends_on
        if row.state in ACTIVATED:
            active.append(row)
        else:
            waiting.setdefault(invoices.get(row.pk), []).append(row)
    may = request.user.may
    return {
        "active": active,
        "waiting": [(invoice, group, sum(r.amount for r in group)) for invoice, group in waiting.items()],
        "year": year,
        "debt": facts_of(account, request).get("debt"),
        "may_choose": may(Right.LICENSE_CHOOSE, account),
        "may_issue": may(Right.INVOICE_ISSUE, account),
        "may_ship": may(Right.INVOICE_SHIP, account),
        "may_activate": may(Right.LICENSE_ACTIVATE, account),
    }


def _invoices_of(ids: list[int]) -> dict[int, Invoice]:
    """{licence: its issued invoice} of licences that are not activated yet."""
    if not ids:
        return {}
    lines = InvoiceLine.objects.filter(license__in=ids, invoice__state=InvoiceState.ISSUED)
    pairs = dict(lines.values_list("license_id", "invoice_id"))
    found = Invoice.objects.filter(pk__in=pairs.values()).with_paid().in_bulk()
    return {license: found[invoice] for license, invoice in pairs.items()}


def _state(row: License, on) -> tuple[str, str]:
    if row.state == LicenseState.ACTIVE:
        if row.ends_on < on:
            return "bad", "Закончилась"
        if row.starts_on > on:
            return "info", f"С {row.starts_on:%d.%m.%Y}"
        left = (row.ends_on - on).days
        return ("bad" if left <= 7 else "warn" if left <= 14 else "ok"), f"Действует, {left} дн."
    return TONES[row.state], row.get_state_display()


@head_fact
def tariff(account: Account, request: HttpRequest) -> Fact | None:
    """The tariff of the cabinet itself, «Полный» (R2.131)."""
    on = _today(request)
    held = [
        row.item for row in licences_of(account, request)
        if row.item.line.code == "account" and row.item.kind == ItemKind.TARIFF and row.state == LicenseState.ACTIVE and row.starts_on <= on <= row.ends_on
    ]  # fmt: skip
    best = max(held, key=lambda item: item.rank, default=None)
    return Fact("tariff", best.title, "", "Тариф аккаунта") if best else None


def licenses_badge(account: Account, request: HttpRequest) -> int:
    on = _today(request)
    return sum(row.state in LIVE_STATES and row.ends_on >= on for row in licences_of(account, request))


def members_panel(account: Account, request: HttpRequest) -> dict[str, Any]:
    """Organisations with their tariffs, signatures and managers."""
    may = request.user.may
    held = [allocation for row in licences_of(account, request) for allocation in row.allocations.all()]
    return {
        "members": member_rows(account, on=_today(request), members=present_members(account, request), held=held),
        "may_change": may(Right.ACCOUNT_CHANGE, account),
        "may_choose": may(Right.LICENSE_CHOOSE, account),
    }


def limits_panel(account: Account, request: HttpRequest) -> dict[str, Any]:
    """Used and allowed (R2.135–R2.138); what is used, the products report."""
    may = allowed(account, on=_today(request))
    used = dict(account.limits_used.values_list("limit", "used")) | {Limit.ORGANISATIONS: account.members_count}
    order = list(Limit)
    names = sorted(
        set(may) | {name for name, n in used.items() if n and name != Limit.ORGANISATIONS},
        key=lambda name: order.index(Limit(name)),
    )
    return {"limits": [(Limit(name).label, used.get(name, 0), may.get(name, 0)) for name in names]}


def invoices_section(account: Account, request: HttpRequest) -> dict[str, Any]:
    """«Платежи и начисления»: invoices with what is paid and shipped, and the balance."""
    rows = list(
        account.invoices.with_paid()
        .exclude(state="draft")
        .prefetch_related("shipments")
        .order_by("-issued_on", "-pk")[:100]
    )
    for row in rows:
        row.shipment = next((s for s in row.shipments.all() if s.cancelled_on is None), None)
    return {"invoices": rows, "balance": balance_of(account), "movements": movements(account)}


def invoices_badge(account: Account, request: HttpRequest) -> int:
    return account.invoices.exclude(state="draft").count()


def ending(account: Account, request: HttpRequest) -> Alert | None:
    """The next step of the sale, or the licence that ends first."""
    rows = licences_of(account, request)
    states = {row.state for row in rows}
    if LicenseState.SHIPPED in states:
        return Alert(
            "Счет отгружен, лицензия не активирована", urgency=0, detail="нажмите «Активировать» в блоке «Лицензии»"
        )
    if LicenseState.SELECTED in states:
        return Alert(
            "Тарифы выбраны, счет не выставлен",
            urgency=5,
            url=f"/accounts/{account.number}/invoice/",
            action="Выставить счет",
        )
    on = _today(request)
    free = [license for license, _count in left_over(rows, on) if license.state == LicenseState.ACTIVE]
    if free:
        url = f"/accounts/{account.number}/licenses/{free[0].pk}/distribute/"
        return Alert(f"{free[0].item}: не распределено между организациями", urgency=20, url=url, action="Распределить")
    if on <= account.paid_until <= on + timedelta(days=60):
        left = (account.paid_until - on).days
        return Alert(
            f"Лицензия закончится через {left} дн.", urgency=30 + left, detail=f"{account.paid_until:%d.%m.%Y}"
        )
    return None


account_card.register(Attention(ending))
account_card.register(Panel("licenses", "licenses/panels/licenses.html", order=10, context=licenses_panel))
account_card.register(Panel("members", "licenses/panels/members.html", order=50, context=members_panel))
account_card.register(
    Section(
        "members",
        "Контрагенты",
        "licenses/sections/members.html",
        order=20,
        context=lambda a, r: {"data": members_panel(a, r)},
        badge=lambda a, r: a.members_count,
    )
)
account_card.register(Panel("limits", "licenses/panels/limits.html", order=40, place="side", context=limits_panel))
account_card.register(
    Section(
        "licenses",
        "Лицензии",
        "licenses/sections/licenses.html",
        order=30,
        context=lambda a, r: {"data": licenses_panel(a, r)},
        badge=licenses_badge,
    )
)
account_card.register(
    Section(
        "payments",
        "Платежи и начисления",
        "licenses/sections/invoices.html",
        order=40,
        context=invoices_section,
        badge=invoices_badge,
    )
)
account_card.register(
    Action(
        "Добавить тариф",
        lambda a: f"/accounts/{a.number}/licenses/add/",
        right=Right.LICENSE_CHOOSE,
        icon="plus",
        order=10,
        main=True,
        dialog=False,
    )
)
