"""What is typed on the pages of price lists and promotions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from core.forms import DateField, MoneyField, SearchSelect
from licenses.choices import PayerKind, PriceScope
from licenses.importers.price_sheet import SheetPrice
from licenses.models import Item, Price, PriceList, Promo
from partners.models import Region, SalesPoint

SOME_DAY = date(2099, 12, 31)


class PriceListForm(forms.Form):
    """A draft, empty or with the prices of another list."""

    title = forms.CharField(label="Название", max_length=120, error_messages={"required": "Назовите прайс-лист."})
    source = forms.ModelChoiceField(
        label="Взять цены из", queryset=PriceList.objects.all(), required=False, empty_label="Пустой прайс-лист"
    )
    valid_from = DateField(
        label="Цены действуют с", required=False, help_text="Если берете цены из другого прайс-листа."
    )


class SheetForm(forms.Form):
    file = forms.FileField(
        label="Файл Excel (.xlsx)",
        error_messages={"required": "Выберите файл.", "empty": "Файл пуст: выберите другой."},
    )


def sheet_price(
    item_id: int, scope: str, scope_id: int, payer_kind: str, months: int, since: str, until: str, amount: str
) -> SheetPrice:
    """A row as it travels in the form of the import."""
    return SheetPrice(
        item_id,
        scope,
        scope_id,
        payer_kind,
        months,
        date.fromisoformat(since),
        date.fromisoformat(until),
        Decimal(amount),
    )


class PriceForm(forms.Form):
    """One price; a region and a sales point exclude each other, none means everywhere."""

    item = forms.ModelChoiceField(label="Позиция", queryset=Item.objects.select_related("line"), widget=SearchSelect(),
                                  error_messages={"required": "Выберите позицию."})  # fmt: skip
    region = forms.ModelChoiceField(
        label="Только в регионе",
        queryset=Region.objects.all(),
        required=False,
        empty_label="Везде",
        widget=SearchSelect(),
    )
    point = forms.ModelChoiceField(
        label="Только в точке продаж", queryset=SalesPoint.objects.all(), required=False, empty_label="Во всех"
    )
    payer_kind = forms.ChoiceField(label="Плательщик", choices=PayerKind.choices)
    months = forms.IntegerField(label="Месяцев", min_value=1, max_value=60, initial=12)
    valid_from = DateField(
        label="Действует с", error_messages={"required": "Укажите дату.", "invalid": "Введите дату в виде 31.12.2026."}
    )
    valid_to = DateField(
        label="Действует по",
        initial=SOME_DAY,
        error_messages={"required": "Укажите дату.", "invalid": "Введите дату в виде 31.12.2026."},
    )
    amount = MoneyField(label="Цена, ₽", min_value=Decimal("0.01"), error_messages={"required": "Укажите цену."})

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("region") and data.get("point"):
            self.add_error("point", "Выберите либо регион, либо точку продаж.")
        if data.get("valid_from") and data.get("valid_to") and data["valid_to"] < data["valid_from"]:
            self.add_error("valid_to", "Дата окончания раньше даты начала.")
        return data

    def price(self) -> SheetPrice:
        data = self.cleaned_data
        scope, scope_id = PriceScope.ALL, 0
        if data["region"]:
            scope, scope_id = PriceScope.REGION, int(data["region"].code)
        elif data["point"]:
            scope, scope_id = PriceScope.SALESPOINT, data["point"].pk
        return SheetPrice(
            data["item"].pk,
            scope,
            scope_id,
            data["payer_kind"],
            data["months"],
            data["valid_from"],
            data["valid_to"],
            data["amount"],
        )

    @staticmethod
    def initial_of(price: Price) -> dict[str, Any]:
        return {
            "item": price.item_id,
            "region": f"{price.scope_id:02}" if price.scope == PriceScope.REGION else None,
            "point": price.scope_id if price.scope == PriceScope.SALESPOINT else None,
            "payer_kind": price.payer_kind,
            "months": price.months,
            "valid_from": price.valid_from,
            "valid_to": price.valid_to,
            "amount": price.amount,
        }


class PromoForm(forms.Form):
    """A discount by code: per cent or roubles."""

    title = forms.CharField(label="Название", max_length=120, error_messages={"required": "Назовите акцию."})
    code = forms.CharField(label="Код", max_length=40, error_messages={"required": "Укажите код."})
    percent = forms.DecimalField(
        label="Скидка, %",
        min_value=Decimal("0.01"),
        max_value=100,
        max_digits=5,
        decimal_places=2,
        required=False,
        localize=True,
    )
    amount = MoneyField(label="или скидка, ₽", min_value=Decimal("0.01"), required=False)
    valid_from = DateField(
        label="Действует с", error_messages={"required": "Укажите дату.", "invalid": "Введите дату в виде 31.12.2026."}
    )
    valid_to = DateField(
        label="Действует по", error_messages={"required": "Укажите дату.", "invalid": "Введите дату в виде 31.12.2026."}
    )
    items = forms.ModelMultipleChoiceField(label="Только на позиции", queryset=Item.objects.select_related("line"), required=False,
                                           widget=forms.SelectMultiple(attrs={"data-ts": True}))  # fmt: skip
    regions = forms.ModelMultipleChoiceField(label="Только в регионах", queryset=Region.objects.all(), required=False,
                                             widget=forms.SelectMultiple(attrs={"data-ts": True}))  # fmt: skip
    max_uses = forms.IntegerField(label="Не больше применений", min_value=1, max_value=1_000_000, required=False)
    new_clients_only = forms.BooleanField(label="Только новым клиентам", required=False)

    @staticmethod
    def initial_of(promo: Promo) -> dict[str, Any]:
        names = ("title", "code", "percent", "amount", "valid_from", "valid_to", "max_uses", "new_clients_only")
        return {name: getattr(promo, name) for name in names} | {
            "items": promo.items.all(),
            "regions": promo.regions.all(),
        }
