"""The network: legal entities, partners, sales points, departments, regions."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length

from partners.querysets import SalesPointQuerySet
from partners.scopes import ScopeFacts

models.CharField.register_lookup(Length)


class Region(models.Model):
    """A constituent entity of Russia by its tax code."""

    code = models.CharField("код", max_length=2, primary_key=True)
    name = models.CharField("название", max_length=60)
    zone = models.CharField("часовой пояс", max_length=40)

    class Meta:
        ordering = ["code"]
        verbose_name, verbose_name_plural = "регион", "регионы"

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class LegalEntity(models.Model):
    """Who issues invoices: requisites, bank account, VAT mode (decision 19)."""

    class VatMode(models.TextChoices):
        GENERAL = "general", "ОСНО: ставка по строке"
        USN_EXEMPT = "usn_exempt", "УСН без НДС"
        USN_5 = "usn_5", "УСН, НДС 5 %"
        USN_7 = "usn_7", "УСН, НДС 7 %"

    name = models.CharField("название", max_length=200)
    full_name = models.CharField("полное название", max_length=400, blank=True)
    inn = models.CharField("ИНН", max_length=12, unique=True)
    kpp = models.CharField("КПП", max_length=9, blank=True)
    ogrn = models.CharField("ОГРН", max_length=15, blank=True)
    address = models.CharField("адрес", max_length=400, blank=True)
    phone = models.CharField("телефон", max_length=40, blank=True)
    email = models.EmailField("email", blank=True)
    zone = models.CharField("часовой пояс", max_length=40, default="Europe/Kaliningrad")
    vat_mode = models.CharField("НДС", max_length=12, choices=VatMode, default=VatMode.GENERAL)
    invoice_prefix = models.CharField("префикс номера счета", max_length=10, blank=True)
    bank_name = models.CharField("банк", max_length=200, blank=True)
    bik = models.CharField("БИК", max_length=9, blank=True)
    bank_account = models.CharField("расчетный счет", max_length=20, blank=True)
    corr_account = models.CharField("корр. счет", max_length=20, blank=True)
    director = models.CharField("руководитель", max_length=200, blank=True)
    accountant = models.CharField("бухгалтер", max_length=200, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name, verbose_name_plural = "юридическое лицо", "юридические лица"

    def __str__(self) -> str:
        return self.name


class Partner(models.Model):
    """The company itself or a partner; partners form a tree."""

    class Kind(models.TextChoices):
        COMPANY = "company", "Наша компания"
        PARTNER = "partner", "Партнер"

    name = models.CharField("название", max_length=200)
    kind = models.CharField("вид", max_length=10, choices=Kind, default=Kind.PARTNER)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="входит в"
    )

    class Meta:
        ordering = ["name"]
        verbose_name, verbose_name_plural = "партнер", "партнеры"
        constraints = [models.CheckConstraint(condition=~Q(parent=models.F("id")), name="partner_not_own_parent")]

    def __str__(self) -> str:
        return self.name


class SalesPoint(models.Model):
    """A point of sale: «7699 Центральный офис» (R1.17). Its zone gives the business day of its objects."""

    class Kind(models.TextChoices):
        OWN = "own", "Свой офис"
        PARTNER = "partner", "Партнерский"

    class State(models.TextChoices):
        ACTIVE = "active", "Работает"
        CLOSED = "closed", "Закрыта"

    code = models.CharField("код", max_length=4, unique=True)
    name = models.CharField("название", max_length=120)
    kind = models.CharField("вид", max_length=10, choices=Kind, default=Kind.OWN)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="points", verbose_name="партнер")
    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="points", verbose_name="юридическое лицо"
    )
    regions = models.ManyToManyField(Region, related_name="points", blank=True, verbose_name="обслуживает регионы")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="регион")
    zone = models.CharField("часовой пояс", max_length=40)
    calendar = models.CharField("рабочая неделя", max_length=40, default="5x2 09:00-18:00")
    head = models.ForeignKey(
        "partners.Employee",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="headed_points",
        verbose_name="руководитель",
    )
    phone = models.CharField("телефон", max_length=40, blank=True)
    email = models.EmailField("email", blank=True)
    state = models.CharField("состояние", max_length=10, choices=State, default=State.ACTIVE)
    closed_on = models.DateField("закрыта с", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = SalesPointQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name, verbose_name_plural = "точка продаж", "точки продаж"
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9]{4}$"), name="salespoint_code"),
            models.CheckConstraint(
                condition=Q(state="active", closed_on__isnull=True) | Q(state="closed", closed_on__isnull=False),
                name="salespoint_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return f"/partners/{self.pk}/"

    def scope_facts(self) -> ScopeFacts:
        return ScopeFacts(self.pk)


class Department(models.Model):
    """A department of a sales point; tickets may be performed by one."""

    salespoint = models.ForeignKey(SalesPoint, models.PROTECT, related_name="departments", verbose_name="точка продаж")
    name = models.CharField("название", max_length=120)

    class Meta:
        ordering = ["name"]
        verbose_name, verbose_name_plural = "отдел", "отделы"
        constraints = [models.UniqueConstraint(fields=["salespoint", "name"], name="department_once")]

    def __str__(self) -> str:
        return self.name
