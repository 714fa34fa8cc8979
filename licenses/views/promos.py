"""«Акции» for the operator."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from core import tables
from core.lists import HeadAction, ListPage, Segment
from core.pages import FormPage
from licenses import price_forms as forms
from licenses.models import Promo
from licenses.services.promos import promo_save
from partners.rights import Right

from .prices import TABS


def _discount(promo: Promo) -> str:
    return (
        f"{promo.percent.normalize():f} %".replace(".", ",")
        if promo.percent is not None
        else f"{promo.amount} ₽".replace(".", ",")
    )


class PromoTable(tables.Table):
    title = tables.Link("Акция", order_by="title", sub=lambda p: p.code)
    discount = tables.Column("Скидка", value=_discount, css="num")
    valid_from = tables.Date("С", order_by="valid_from")
    valid_to = tables.Date("По", order_by="valid_to")
    used = tables.Number("Применена", order_by="used")
    max_uses = tables.Number("Не больше")
    new_clients_only = tables.Flag("Только новым")


class Promos(ListPage):
    title, section, right = "Акции", "promos", Right.PRICE_CHANGE
    noun = ("акция", "акции", "акций")
    table_class, order, tabs = PromoTable, "-valid_to", TABS
    parents = (("Прайс-листы", "/prices/lists/"),)
    segments = (
        Segment("", "Все"),
        Segment("now", "Действуют", lambda page: Q(valid_from__lte=page.today, valid_to__gte=page.today)),
        Segment("past", "Закончились", lambda page: Q(valid_to__lt=page.today)),
    )
    head_actions = (HeadAction("Новая акция", "/promos/add/", Right.PRICE_CHANGE),)
    empty_text = "Акций нет."

    def get_queryset(self) -> QuerySet[Promo]:
        return Promo.objects.all()

    def row_url(self, row: Promo) -> str:
        return f"/promos/{row.pk}/"


class PromoForm(FormPage, abstract=True):
    right, form_class, success_url = Right.PRICE_CHANGE, forms.PromoForm, "/promos/"
    promo: Promo | None = None

    def get_cancel_url(self) -> str:
        return self.success_url

    def perform(self, form: forms.PromoForm) -> Promo:
        data = form.cleaned_data
        items, regions = [item.pk for item in data.pop("items")], [region.code for region in data.pop("regions")]
        return promo_save(
            **data, items=items, regions=regions, promo_id=self.promo.pk if self.promo else None, by=self.request.user
        )


class PromoAdd(PromoForm):
    title, submit, success_text, creates = "Новая акция", "Создать", "Акция создана", True


class PromoEdit(PromoForm):
    title, success_text = "Акция", "Акция изменена"

    def get_object(self) -> Promo:
        self.promo = get_object_or_404(Promo, pk=self.kwargs["pk"])
        return self.promo

    def get_initial(self) -> dict[str, Any]:
        return forms.PromoForm.initial_of(self.promo)
