"""Terms, licences, their allocation between organisations, signature certificates (billing 3.3, decision 5)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from core.fields import DateRange, MoneyField
from licenses.choices import LicenseState, PayerKind
from licenses.querysets import LicenseQuerySet, TermQuerySet
from partners.scopes import ScopeFacts


class Term(models.Model):
    """The one period of a direction in an account; a renewal is the next Term. Planned and live ones never overlap."""

    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="terms")
    direction = models.ForeignKey("licenses.Direction", models.PROTECT, related_name="+")
    starts_on = models.DateField("с")
    ends_on = models.DateField("по")
    anchor_day = models.PositiveSmallIntegerField(help_text="day of month the chain began with: 31.01 → 28.02 → 31.03")
    months = models.PositiveSmallIntegerField("месяцев")
    renews = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="renewed_by")
    cuts = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="term that this one ends when it is shipped",
    )
    is_waiting = models.BooleanField(
        default=False, help_text="a new term of a change, not shipped yet: the old one still stands"
    )
    is_cancelled = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    objects = TermQuerySet.as_manager()

    class Meta:
        ordering = ["direction", "starts_on"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="term_dates"),
            ExclusionConstraint(
                name="term_one_period",
                expressions=[
                    (F("account"), RangeOperators.EQUAL),
                    (F("direction"), RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                condition=Q(is_cancelled=False, is_waiting=False),
                violation_error_message="В этом направлении у аккаунта уже есть период на эти дни: выберите другое начало или срок.",
            ),
            models.CheckConstraint(condition=Q(is_waiting=False) | Q(cuts__isnull=False), name="term_waits_for_cut"),
        ]
        indexes = [models.Index(fields=["ends_on", "account"], name="term_ends", condition=Q(is_cancelled=False))]

    def __str__(self) -> str:
        return f"{self.direction} {self.starts_on:%d.%m.%Y}–{self.ends_on:%d.%m.%Y}"

    def scope_facts(self) -> ScopeFacts:
        return self.account.scope_facts()


class License(models.Model):
    """A bought item inside a term. `amount` = roubles charged for this segment, VAT included, after discounts."""

    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="licenses")
    term = models.ForeignKey(
        Term,
        models.PROTECT,
        null=True,
        related_name="licenses",
        help_text="NULL for services: they have a day, no term",
    )
    item = models.ForeignKey("licenses.Item", models.PROTECT, related_name="licenses")
    quantity = models.PositiveIntegerField("количество", default=1)
    starts_on = models.DateField("с")
    ends_on = models.DateField("по")
    full_days = models.PositiveSmallIntegerField(
        null=True, help_text="days of the term the list price is for; NULL: not by day"
    )
    price = models.ForeignKey("licenses.Price", models.PROTECT, null=True, related_name="+")
    list_amount = MoneyField("по прайсу, ₽", help_text="full price of the whole term for the quantity")
    amount = MoneyField("стоимость, ₽")
    credited = MoneyField("зачтено, ₽", default=0, help_text="already credited to a later tariff")
    payer_kind = models.CharField("форма плательщика", max_length=6, choices=PayerKind, default=PayerKind.ANY)
    closes = models.JSONField(
        default=list, help_text="a change: [{license, quantity, credit}] that end when this is shipped"
    )
    explanation = models.JSONField(default=list, help_text="rows of the arithmetic shown on screen and in print")
    state = models.CharField("состояние", max_length=10, choices=LicenseState, default=LicenseState.SELECTED)
    payer = models.ForeignKey("clients.Client", models.PROTECT, related_name="+")
    replaces = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    renews = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="renewed_by")
    original_ends_on = models.DateField(null=True, help_text="the end before a change shortened the segment")
    shipped_on = models.DateField("отгружена", null=True)
    activated_at = models.DateTimeField("активирована", null=True)
    activated_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = LicenseQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "id"]
        verbose_name, verbose_name_plural = "лицензия", "лицензии"
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1, quantity__lte=9999), name="license_quantity"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="license_dates"),
            models.CheckConstraint(
                condition=Q(amount__gte=0, credited__gte=0, list_amount__gte=0), name="license_amounts"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["active", "replaced"], activated_at__isnull=False, shipped_on__isnull=False)
                | ~Q(state__in=["active", "replaced"]),
                name="license_active_is_shipped",
            ),
            models.CheckConstraint(
                condition=~Q(state="shipped") | Q(shipped_on__isnull=False, activated_at__isnull=True),
                name="license_shipped_on",
            ),
            models.UniqueConstraint(
                fields=["replaces"],
                condition=Q(state__in=["selected", "invoiced", "shipped", "active"]),
                name="license_replaced_once",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "state"], name="license_account"),
            models.Index(fields=["term"], name="license_term"),
        ]

    def __str__(self) -> str:
        return str(self.item)

    def scope_facts(self) -> ScopeFacts:
        return self.account.scope_facts()


class Allocation(models.Model):
    """Which organisation uses how much of a licence, when. Σ quantity ≤ bought on every day (trigger under the licence's lock)."""

    license = models.ForeignKey(License, models.PROTECT, related_name="allocations")
    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="allocations")
    quantity = models.PositiveIntegerField("количество", default=1)
    starts_on = models.DateField("с")
    ends_on = models.DateField("по")
    at = models.DateTimeField()
    by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="allocation_quantity"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="allocation_dates"),
            ExclusionConstraint(
                name="allocation_once",
                expressions=[
                    (F("license"), RangeOperators.EQUAL),
                    (F("client"), RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class Certificate(models.Model):
    """A signature certificate of an organisation (R0.13). A revoked one counts as expired."""

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="certificates")
    account = models.ForeignKey("accounts.Account", models.PROTECT, null=True, related_name="certificates")
    owner = models.CharField("владелец", max_length=200)
    position = models.CharField("должность", max_length=120, blank=True, default="")
    serial = models.CharField("серийный номер", max_length=80)
    issuer = models.CharField("кем выдан", max_length=200, blank=True, default="")
    on_token = models.BooleanField("на носителе", default=False)
    valid_from = models.DateField("с")
    valid_to = models.DateField("по")
    revoked_on = models.DateField("отозван", null=True)

    class Meta:
        ordering = ["valid_to"]
        verbose_name, verbose_name_plural = "сертификат", "сертификаты"
        constraints = [
            models.UniqueConstraint(fields=["issuer", "serial"], name="certificate_once"),
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="certificate_dates"),
        ]
        indexes = [models.Index(fields=["valid_to"], name="certificate_ends", condition=Q(revoked_on__isnull=True))]


class Workplace(models.Model):
    """A workplace of an organisation: where reports and documents are sent from (R2.156)."""

    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="workplaces")
    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="workplaces")
    title = models.CharField("название", max_length=120)
    kpp = models.CharField("КПП филиала", max_length=9, blank=True, default="")
    address = models.CharField("адрес", max_length=300, blank=True, default="")
    crypto = models.CharField("СКЗИ", max_length=120, blank=True, default="")
    set_up_on = models.DateField("настроено")
    by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["title", "id"]
        verbose_name, verbose_name_plural = "рабочее место", "рабочие места"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "client", "title"], name="workplace_once",
                violation_error_message="Рабочее место с таким названием уже есть: назовите иначе.",
            )
        ]  # fmt: skip
