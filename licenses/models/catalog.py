"""What is sold: directions, product lines, items (tariffs, extensions, services), entitlements, change policies."""

from django.db import models
from django.db.models import F, Q

from licenses.choices import Credit, EndRule, ItemKind, Limit, NewPrice, Surplus, VatKind


class Product(models.Model):
    """What usage, charges, blocks and statistics name (decision 9). Subsystems have a parent."""

    code = models.SlugField("код", max_length=40, unique=True)
    title = models.CharField("название", max_length=80)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="часть продукта"
    )
    order = models.PositiveSmallIntegerField("порядок", default=0)
    is_two_sided = models.BooleanField("исходящие и входящие", default=False)
    silent_days = models.PositiveSmallIntegerField("дней молчания до «неактивный»", default=30)

    class Meta:
        ordering = ["order", "title"]
        verbose_name, verbose_name_plural = "продукт", "продукты"

    def __str__(self) -> str:
        return self.title


class Direction(models.Model):
    """In an account the licences of one direction stand in one period (R2.88)."""

    code = models.SlugField("код", max_length=40, unique=True)
    title = models.CharField("название", max_length=80)
    order = models.PositiveSmallIntegerField("порядок", default=0)
    topic = models.ForeignKey(
        "clients.BindingTopic", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="тема закрепления"
    )

    class Meta:
        ordering = ["order", "title"]
        verbose_name, verbose_name_plural = "направление", "направления"

    def __str__(self) -> str:
        return self.title


class ProductLine(models.Model):
    """Линейка: owns the change policy; the target line's policy governs a change (decision 2)."""

    code = models.SlugField("код", max_length=40, unique=True)
    title = models.CharField("название", max_length=80)
    direction = models.ForeignKey(Direction, models.PROTECT, related_name="lines", verbose_name="направление")
    product = models.ForeignKey(Product, models.PROTECT, related_name="lines", verbose_name="продукт")
    order = models.PositiveSmallIntegerField("порядок", default=0)

    class Meta:
        ordering = ["direction", "order", "title"]
        verbose_name, verbose_name_plural = "линейка", "линейки"

    def __str__(self) -> str:
        return self.title


class Item(models.Model):
    """A position of the price list: a tariff, an extension or a service."""

    code = models.SlugField("код", max_length=60, unique=True)
    line = models.ForeignKey(ProductLine, models.PROTECT, related_name="items", verbose_name="линейка")
    kind = models.CharField("вид", max_length=10, choices=ItemKind)
    title = models.CharField("название", max_length=120)
    description = models.CharField("описание", max_length=300, blank=True, default="")
    rank = models.PositiveSmallIntegerField(
        "старшинство", default=0, help_text="для сравнения тарифов: больше — старше"
    )
    order = models.PositiveSmallIntegerField("порядок", default=0)
    is_countable = models.BooleanField("с количеством", default=False)
    min_quantity = models.PositiveIntegerField("не меньше", default=1)
    max_quantity = models.PositiveIntegerField("не больше", default=9999)
    unit = models.CharField("единица", max_length=20, default="шт")
    okei = models.CharField("код ОКЕИ", max_length=3, default="796")
    requires_tariff = models.BooleanField("только к тарифу", default=False)
    needs_visit = models.BooleanField("нужен визит", default=False)
    is_trial = models.BooleanField("пробный", default=False)
    is_promo = models.BooleanField("акционный", default=False)
    is_archived = models.BooleanField("снят с продажи", default=False)
    vat_kind = models.CharField("НДС", max_length=10, choices=VatKind, default=VatKind.EXEMPT)
    vat_ground = models.CharField("основание без НДС", max_length=120, blank=True, default="пп. 26 п. 2 ст. 149 НК РФ")

    class Meta:
        ordering = ["line", "kind", "order", "title"]
        verbose_name, verbose_name_plural = "позиция прайса", "позиции прайса"
        constraints = [
            models.CheckConstraint(
                condition=Q(min_quantity__gte=1) & Q(max_quantity__gte=F("min_quantity")), name="item_quantities"
            ),
            models.CheckConstraint(condition=Q(kind__in=ItemKind.values), name="item_kind"),
        ]

    def __str__(self) -> str:
        if self.kind != ItemKind.TARIFF or self.title == self.line.title:
            return self.title
        return f"{self.line.title} «{self.title}»"


class Entitlement(models.Model):
    """What one unit of an item gives: allowed = Σ amount × quantity over active licences."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="entitlements")
    limit = models.CharField("лимит", max_length=14, choices=Limit)
    amount = models.PositiveIntegerField("сколько")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "limit"], name="entitlement_once")]


class ChangePolicy(models.Model):
    """How a change INTO a line goes; `from_item`/`to_item` NULL mean any, the most specific row wins (billing 3.6)."""

    line = models.ForeignKey(ProductLine, models.PROTECT, related_name="change_policies")
    from_item = models.ForeignKey(Item, models.PROTECT, null=True, blank=True, related_name="+")
    to_item = models.ForeignKey(Item, models.PROTECT, null=True, blank=True, related_name="+")
    is_allowed = models.BooleanField("разрешена", default=True)
    refusal = models.CharField("почему нельзя", max_length=200, blank=True, default="")
    end_rule = models.CharField(max_length=10, choices=EndRule, default=EndRule.KEEP_END)
    new_price = models.CharField(max_length=10, choices=NewPrice, default=NewPrice.REMAINING)
    credit = models.CharField(max_length=10, choices=Credit, default=Credit.UNUSED)
    surplus = models.CharField(max_length=10, choices=Surplus, default=Surplus.BALANCE)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "from_item", "to_item"], nulls_distinct=False, name="change_policy_once"
            )
        ]
        verbose_name, verbose_name_plural = "правило смены тарифа", "правила смены тарифа"


class VatRate(models.Model):
    """Dated VAT rates: the rate of the shipment day is fixed on the line (decision 4)."""

    kind = models.CharField("вид", max_length=10, choices=VatKind)
    rate = models.DecimalField("ставка, %", max_digits=4, decimal_places=2, null=True)
    valid_from = models.DateField("действует с")

    class Meta:
        ordering = ["kind", "-valid_from"]
        constraints = [models.UniqueConstraint(fields=["kind", "valid_from"], name="vat_rate_once")]
        verbose_name, verbose_name_plural = "ставка НДС", "ставки НДС"


class Promo(models.Model):
    """A discount by code: reserved on issue, consumed on shipment, released on cancel."""

    code = models.CharField("код", max_length=40, unique=True)
    title = models.CharField("название", max_length=120)
    valid_from = models.DateField("с")
    valid_to = models.DateField("по")
    percent = models.DecimalField("скидка, %", max_digits=5, decimal_places=2, null=True, blank=True)
    amount = models.DecimalField("скидка, ₽", max_digits=14, decimal_places=2, null=True, blank=True)
    items = models.ManyToManyField(Item, blank=True, related_name="promos", verbose_name="позиции")
    regions = models.ManyToManyField("partners.Region", blank=True, related_name="+", verbose_name="регионы")
    new_clients_only = models.BooleanField("только новым клиентам", default=False)
    max_uses = models.PositiveIntegerField("не больше применений", null=True, blank=True)
    used = models.PositiveIntegerField("применено", default=0)

    class Meta:
        ordering = ["-valid_to", "title"]
        verbose_name, verbose_name_plural = "акция", "акции"
        constraints = [
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="promo_dates"),
            models.CheckConstraint(
                condition=Q(percent__gt=0, percent__lte=100, amount__isnull=True)
                | Q(amount__gt=0, percent__isnull=True),
                name="promo_value",
            ),
            models.CheckConstraint(condition=Q(max_uses__isnull=True) | Q(used__lte=F("max_uses")), name="promo_uses"),
        ]
