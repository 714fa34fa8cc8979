"""«Прайс-листы» for the operator: versions, prices, Excel there and back with the differences shown first (R2.86)."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.db.models import Count, Max, Min, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from core import filters, htmx, tables
from core.errors import DomainError
from core.lists import HeadAction, ListPage, Tab
from core.pages import FormPage, Page
from licenses import price_forms as forms
from licenses.choices import ItemKind, ListState, PayerKind, PriceScope
from licenses.importers.price_sheet import SheetPrice, read_price_sheet
from licenses.models import Price, PriceList, ProductLine
from licenses.selectors.price_lists import ScopeWords, compare
from licenses.services import price_lists as services
from partners.rights import Right

TABS = (Tab("Прайс-листы", "/prices/lists/"), Tab("Цены", "/prices/"), Tab("Акции", "/promos/"))
TONES = {"draft": "", "published": "ok", "archived": ""}
SALT = "licenses.price_sheet"


class PriceListTable(tables.Table):
    title = tables.Link("Прайс-лист", order_by="title")
    state = tables.Badge("Состояние", tones=TONES)
    prices_count = tables.Number("Цен")
    first = tables.Date("Действует с")
    last = tables.Date("Действует по")
    created_at = tables.Moment("Создан", order_by="created_at")
    published_at = tables.Moment("Опубликован", order_by="published_at", low=1)
    published_by = tables.Person("Кто опубликовал", empty="", low=1)


class PriceLists(ListPage):
    title, section, right = "Прайс-листы", "price-lists", Right.PRICE_CHANGE
    noun = ("прайс-лист", "прайс-листа", "прайс-листов")
    table_class, order, tabs = PriceListTable, "-created_at", TABS
    head_actions = (HeadAction("Новый прайс-лист", "/prices/lists/add/", Right.PRICE_CHANGE),)
    empty_text = "Прайс-листов еще нет: создайте первый и загрузите в него цены."

    def get_queryset(self) -> QuerySet[PriceList]:
        rows = PriceList.objects.select_related("published_by")
        return rows.annotate(
            prices_count=Count("prices"), first=Min("prices__valid_from"), last=Max("prices__valid_to")
        )

    def row_url(self, row: PriceList) -> str:
        return f"/prices/lists/{row.pk}/"


class PriceFilter(filters.FilterSet):
    list = filters.Choice(
        "Прайс-лист", choices=lambda: [(p.pk, p.title) for p in PriceList.objects.all()], field_name="price_list"
    )
    state = filters.Checks("Состояние", choices=ListState.choices)
    line = filters.Choice(
        "Линейка", choices=lambda: [(row.pk, row.title) for row in ProductLine.objects.all()], field_name="item__line"
    )
    kind = filters.Checks("Вид", choices=ItemKind.choices, field_name="item__kind")
    name = filters.Text("Позиция", field_name="item__title")
    scope = filters.Checks("Область", choices=PriceScope.choices)
    payer = filters.Checks("Плательщик", choices=PayerKind.choices, field_name="payer_kind")
    months = filters.Whole("Месяцев")


class PriceTable(tables.Table):
    item = tables.Link("Позиция", value=lambda p: str(p.item), sub=lambda p: p.item.line.title)
    code = tables.Column("Код", value=lambda p: p.item.code, hidden=True)
    scope = tables.Column("Область", value=lambda p: p.get_scope_display())
    scope_code = tables.Column("Код области", value=lambda p: p.place_code, css="num")
    payer_kind = tables.Column("Плательщик", value=lambda p: p.get_payer_kind_display())
    months = tables.Number("Месяцев", order_by="months")
    valid_from = tables.Date("Действует с", order_by="valid_from")
    valid_to = tables.Date("Действует по", order_by="valid_to")
    amount = tables.Money("Цена, ₽", order_by="amount")
    price_list = tables.Column("Прайс-лист", value=lambda p: p.price_list.title, low=1)
    state = tables.Badge("Состояние", tones=TONES, low=1)


class Prices(ListPage):
    """Excel of this list is what «Загрузить из Excel» reads."""

    title, section, right = "Цены", "prices", Right.PRICE_CHANGE
    noun = ("цена", "цены", "цен")
    table_class, filterset_class, order, tabs = PriceTable, PriceFilter, "valid_from", TABS
    parents = (("Прайс-листы", "/prices/lists/"),)
    default_query = "state=published"
    empty_text = "Цен по условиям нет."

    def get_queryset(self) -> QuerySet[Price]:
        return Price.objects.select_related("item__line", "price_list").annotate(
            place_code=ScopeWords.code_expression()
        )

    def row_url(self, row: Price) -> str:
        return f"/prices/{row.pk}/" if row.state == ListState.DRAFT else f"/prices/lists/{row.price_list_id}/"


class PriceListAdd(FormPage):
    title, right, submit, stay, creates = "Новый прайс-лист", Right.PRICE_CHANGE, "Создать", False, True
    form_class, success_text = forms.PriceListForm, "Прайс-лист создан"

    def get_cancel_url(self) -> str:
        return "/prices/lists/"

    def perform(self, form: forms.PriceListForm) -> str:
        data = form.cleaned_data
        source = data["source"].pk if data["source"] else None
        made = services.price_list_create(
            title=data["title"], copy_of=source, valid_from=data["valid_from"], by=self.request.user
        )
        return f"/prices/lists/{made.pk}/"

    def get_success_url(self) -> str:
        return self.result


class PriceListPage(Page):
    """One version: how many prices, what can be done with it."""

    right, template_name = Right.PRICE_CHANGE, "licenses/price_list_card.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = get_object_or_404(PriceList.objects.select_related("created_by", "published_by"), pk=pk)
        self.title = found.title
        rows = found.prices.aggregate(
            n=Count("pk"), items=Count("item", distinct=True), first=Min("valid_from"), last=Max("valid_to")
        )
        return self.render(price_list=found, rows=rows, is_draft=found.state == ListState.DRAFT)


class PriceListStep(Page, abstract=True):
    """Publish or put away: a POST of the card."""

    right, done = Right.PRICE_CHANGE, ""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        get_object_or_404(PriceList, pk=pk)
        self.perform(pk)
        return htmx.done(request, self.done, url=f"/prices/lists/{pk}/")

    def perform(self, pk: int) -> None:
        raise NotImplementedError


class Publish(PriceListStep):
    done = "Прайс-лист опубликован"

    def perform(self, pk: int) -> None:
        services.price_list_publish(price_list_id=pk, by=self.request.user, on=self.today)


class Archive(PriceListStep):
    done = "Прайс-лист в архиве"

    def perform(self, pk: int) -> None:
        services.price_list_archive(price_list_id=pk, by=self.request.user)


class Import(FormPage):
    """Upload → differences → «Применить». The sheet travels signed in the form: nothing is kept until it is applied."""

    title, right, submit, template_name = (
        "Загрузить цены из Excel",
        Right.PRICE_CHANGE,
        "Показать отличия",
        "licenses/price_import.html",
    )
    form_class = forms.SheetForm
    lead = "Выгрузите цены этого прайс-листа в Excel, измените и загрузите: до применения вы увидите отличия."

    def get_object(self) -> PriceList:
        return get_object_or_404(PriceList, pk=self.kwargs["pk"], state=ListState.DRAFT)

    def get_cancel_url(self) -> str:
        return f"/prices/lists/{self.kwargs['pk']}/"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        _ = self.object
        if "sheet" in request.POST:
            return self._apply(request)
        return super().post(request, *args, **kwargs)

    def perform(self, form: forms.SheetForm) -> Any:
        return read_price_sheet(form.cleaned_data["file"].read())

    def success(self, sheet: Any) -> HttpResponse:
        found = compare(self.object, sheet.prices)
        packed = signing.dumps([_packed(p) for p in sheet.prices], salt=SALT, compress=True) if not sheet.errors else ""
        return self.show(
            self.get_form(),
            sheet=packed,
            found=found,
            shown=found.rows[:500],
            errors=sheet.errors[:100],
            errors_total=len(sheet.errors),
        )

    def _apply(self, request: HttpRequest) -> HttpResponse:
        try:
            rows = signing.loads(request.POST["sheet"], salt=SALT, max_age=3600)
        except signing.BadSignature:
            raise DomainError("Отличия устарели: загрузите файл еще раз.", code="sheet") from None
        counts = services.price_list_import(
            price_list_id=self.object.pk, prices=[_unpacked(row) for row in rows], by=request.user
        )
        text = f"Цены загружены: новых {counts['added']}, изменено {counts['changed']}, убрано {counts['gone']}"
        return htmx.done(request, text, url=self.get_cancel_url(), stay=False)


def _packed(price: SheetPrice) -> list:
    return [*price.key[:5], price.valid_from.isoformat(), price.valid_to.isoformat(), str(price.amount)]


def _unpacked(row: list) -> SheetPrice:
    return forms.sheet_price(*row)


class PriceForm(FormPage, abstract=True):
    right, form_class = Right.PRICE_CHANGE, forms.PriceForm
    price: Price | None = None

    @cached_property
    def list_id(self) -> int:
        return self.price.price_list_id if self.price else self.kwargs["pk"]

    def get_cancel_url(self) -> str:
        return f"/prices/lists/{self.list_id}/"

    def get_success_url(self) -> str:
        return f"/prices/?list={self.list_id}&state=draft"

    def perform(self, form: forms.PriceForm) -> Any:
        return services.price_set(
            price_list_id=self.list_id,
            price=form.price(),
            price_id=self.price.pk if self.price else None,
            by=self.request.user,
        )


class PriceAdd(PriceForm):
    title, submit, success_text, creates = "Добавить цену", "Добавить", "Цена добавлена", True

    def get_object(self) -> PriceList:
        return get_object_or_404(PriceList, pk=self.kwargs["pk"], state=ListState.DRAFT)


class PriceEdit(PriceForm):
    title, success_text = "Изменить цену", "Цена изменена"

    def get_object(self) -> Price:
        self.price = get_object_or_404(Price, pk=self.kwargs["pk"], state=ListState.DRAFT)
        return self.price

    def get_initial(self) -> dict[str, Any]:
        return forms.PriceForm.initial_of(self.price)


class PriceRemove(Page):
    right = Right.PRICE_CHANGE

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        price = get_object_or_404(Price, pk=pk, state=ListState.DRAFT)
        services.price_remove(price_id=price.pk, by=request.user)
        return htmx.done(request, "Цена убрана", url=f"/prices/?list={price.price_list_id}&state=draft")
