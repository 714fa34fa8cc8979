"""What products ask about licences (JSON, /api/v1/). Keys, refusals and reading of fields: clients.api."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from clients.api import ApiView, client_of, day, number, text
from clients.api_docs import DATE, FLAG, INTEGER, Answer, Doc, Field, organisation
from core import clock
from core.errors import DomainError
from licenses.models import Item, License
from licenses.selectors.changes import ChangePlan, change_calendar, plan_change, targets_for
from licenses.selectors.organisations import tariff_of


class TariffChangeQuote(ApiView):
    """POST /api/v1/tariff-changes/quote/: {account, license | client: {inn, kpp}, item, quantity, on, calendar}: what a change
    of tariff costs on the day `on` (today by default) and why; nothing is saved. Without `item`: every tariff one may
    change to. With `calendar: true`: the sum on each day until the end. The screen, the print and this answer are one
    calculation (R2.124, R2.127)."""

    doc = Doc(
        "Сколько стоит сменить тариф",
        "Расчет смены тарифа на день, ничего не сохраняется. Лицензию называют номером или организацией аккаунта. Без item — все тарифы, на "
        "которые можно перейти; с calendar — суммы по дням до конца срока.",
        (
            Field("account", "Номер аккаунта", INTEGER, required=True, highest=9_999_999),
            Field("license", "Номер лицензии", INTEGER, highest=2**62),
            organisation("client", "Организация аккаунта, если лицензия не названа", required=False),
            Field("item", "Код тарифа в прайсе", longest=60),
            Field("quantity", "Количество", INTEGER, highest=1_000_000),
            Field("on", "День смены; иначе сегодня", DATE),
            Field("calendar", "Суммы по дням", FLAG),
        ),
        {"account": 1000017, "client": {"inn": "7718159470"}, "item": "eo-corporate", "on": "2026-12-01"},
        (
            Answer(
                200,
                "Расчет: offer или offers",
                {"license": 41, "tariff": "eo-basic", "offer": {"item": "eo-corporate", "due": "3008.22"}},
            ),
        ),
    )

    def call(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        license, client_id = self.license(body)
        on = self.on(body, license)
        options = {"on": on, "client_id": client_id, "quantity": number(body, "quantity") or None}
        head = {
            "license": license.pk, "tariff": license.item.code, "title": str(license.item), "starts_on": license.starts_on.isoformat(),
            "ends_on": license.ends_on.isoformat(), "on": on.isoformat(),
        }  # fmt: skip
        code = text(body, "item", longest=60)
        if not code:
            return 200, head | {"offers": [self.offer(license, item, options) for item in targets_for(license)]}
        item = Item.objects.select_related("line__direction").filter(code=code).first()
        if item is None:
            raise DomainError("Такой позиции в прайсе нет: проверьте код.", field="item", code="unknown")
        plan = plan_change(license, item, **options)
        days = _days(plan) if body.get("calendar") is True else {}
        return 200, head | {"offer": _offer(plan) | days}

    def license(self, body: dict[str, Any]) -> tuple[License, int | None]:
        """The licence by its number, or the tariff that an organisation of the account holds."""
        rows = License.objects.filter(account__number=number(body, "account", highest=9_999_999)).select_related(
            "item__line__direction", "term", "account__salespoint"
        )
        if pk := number(body, "license", highest=2**62):
            found = rows.filter(pk=pk).first()
            if found is None:
                raise DomainError("Такой лицензии в аккаунте нет.", field="license", code="unknown")
            return found, None
        client = client_of(body)
        held = tariff_of(rows, client.pk, on=self.today)
        if held is None:
            raise DomainError("У организации в этом аккаунте нет своего тарифа.", field="client", code="no_tariff")
        return held, client.pk

    @staticmethod
    def on(body: dict[str, Any], license: License) -> date:
        today = clock.today(license.account.salespoint.zone)
        asked = day(body, "on") or today
        if asked < today:
            raise DomainError("Дата смены уже прошла: укажите сегодня или позже.", field="on", code="past")
        return asked

    @staticmethod
    def offer(license: License, item: Item, options: dict[str, Any]) -> dict[str, Any]:
        quantity = options["quantity"] if item.is_countable else None
        try:
            return _offer(plan_change(license, item, **options | {"quantity": quantity}))
        except DomainError as error:
            return {"item": item.code, "title": str(item), "refusal": error.message}


def _offer(plan: ChangePlan) -> dict[str, Any]:
    return {
        "item": plan.item.code, "title": str(plan.item), "quantity": plan.quantity, "starts_on": plan.starts_on.isoformat(),
        "ends_on": plan.ends_on.isoformat(), "new_term": plan.is_new_term, "price": _sum(plan.price), "credit": _sum(plan.credit),
        "due": _sum(plan.due), "surplus": _sum(plan.surplus), "explanation": plan.explanation, "notes": plan.notes,
    }  # fmt: skip


def _days(plan: ChangePlan) -> dict[str, Any]:
    days = [
        {"on": on.isoformat(), "credit": _sum(quote.credit), "due": _sum(quote.due), "surplus": _sum(quote.surplus)}
        for on, quote in change_calendar(plan)
    ]
    return {"calendar": days}


def _sum(amount: Decimal) -> str:
    """Roubles as text, as the API reads them: "3008.22"."""
    return f"{amount:.2f}"
