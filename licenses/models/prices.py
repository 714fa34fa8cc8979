"""Price lists: versions, scopes, dates. Two prices on one day are impossible in the schema (decision 8)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from core.fields import DateRange, MoneyField
from licenses.choices import ListState, PayerKind, PriceScope


class PriceList(models.Model):
    """A version: draft → published → archived; immutable when published."""

    title = models.CharField("название", max_length=120)
    state = models.CharField("состояние", max_length=10, choices=ListState, default=ListState.DRAFT)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-created_at"]
        verbose_name, verbose_name_plural = "прайс-лист", "прайс-листы"

    def __str__(self) -> str:
        return self.title


SAME_PRICE = [
    (F("item"), RangeOperators.EQUAL),
    (F("scope"), RangeOperators.EQUAL),
    (F("scope_id"), RangeOperators.EQUAL),
    (F("payer_kind"), RangeOperators.EQUAL),
    (F("months"), RangeOperators.EQUAL),
    (DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
]


class Price(models.Model):
    """Roubles, VAT included, for one unit and the whole term. `scope_id`: 0, a region code as a number, or a sales point pk."""

    price_list = models.ForeignKey(PriceList, models.PROTECT, related_name="prices")
    state = models.CharField(
        max_length=10, choices=ListState, default=ListState.DRAFT, help_text="copy of the list's state"
    )
    item = models.ForeignKey("licenses.Item", models.PROTECT, related_name="prices")
    scope = models.CharField("область", max_length=10, choices=PriceScope, default=PriceScope.ALL)
    scope_id = models.IntegerField(default=0)
    payer_kind = models.CharField("плательщик", max_length=6, choices=PayerKind, default=PayerKind.ANY)
    months = models.PositiveSmallIntegerField("месяцев")
    valid_from = models.DateField("действует с")
    valid_to = models.DateField("действует по")
    amount = MoneyField("цена, ₽")

    class Meta:
        verbose_name, verbose_name_plural = "цена", "цены"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="price_positive"),
            models.CheckConstraint(condition=Q(months__gte=1, months__lte=60), name="price_months"),
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="price_dates"),
            models.CheckConstraint(
                condition=Q(scope="all", scope_id=0) | (~Q(scope="all") & Q(scope_id__gt=0)), name="price_scope"
            ),
            ExclusionConstraint(name="price_one_per_day", expressions=SAME_PRICE, condition=Q(state="published")),
            ExclusionConstraint(
                name="price_one_per_day_in_list", expressions=[(F("price_list"), RangeOperators.EQUAL), *SAME_PRICE]
            ),
        ]
        indexes = [
            models.Index(fields=["item", "months", "payer_kind"], name="price_lookup", condition=Q(state="published"))
        ]
