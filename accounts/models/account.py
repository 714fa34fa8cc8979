"""An account: the cabinet of one or several organisations (R2.66)."""

from datetime import date

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from accounts.choices import Source
from accounts.querysets import AccountMemberQuerySet, AccountQuerySet
from clients.choices import PersonRole
from partners.scopes import ScopeFacts

NEVER = date(1900, 1, 1)
"""Keyset columns are NOT NULL: no licence, no activity yet."""


class Account(models.Model):
    """Paid while an active licence covers today; `paid_until` and `last_active_on` are copies kept by the apps above."""

    number = models.IntegerField("номер", unique=True)
    name = models.CharField("название", max_length=200)
    salespoint = models.ForeignKey("partners.SalesPoint", models.PROTECT, related_name="accounts")
    manager = models.ForeignKey("partners.Employee", models.PROTECT, null=True, blank=True, related_name="accounts")
    source = models.CharField("создан", max_length=8, choices=Source, default=Source.MANAGER)
    created_at = models.DateTimeField("дата создания")
    created_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    activated_at = models.DateTimeField("активирован", null=True, help_text="кто-то вошел хотя бы раз")
    region_code = models.CharField("регион", max_length=2, blank=True, default="")
    members_count = models.PositiveIntegerField("организаций", default=0)
    paid_until = models.DateField("оплачен до", default=NEVER)
    paid_since = models.DateField("платный с", null=True)
    is_promo = models.BooleanField("акционный", default=False)
    last_active_on = models.DateField("активность", default=NEVER)
    last_cloud_on = models.DateField("активность в облаке", default=NEVER)
    external_id = models.CharField("код в сервисе", max_length=64, unique=True, null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "аккаунт", "аккаунты"
        constraints = [
            models.CheckConstraint(condition=Q(number__gte=1_000_000, number__lte=9_999_999), name="account_number"),
            models.CheckConstraint(condition=Q(name__regex=r"\S.*\S"), name="account_name"),
        ]
        indexes = [
            # The country's orders; behind them the region, which leaves out rows in the index.
            models.Index(F("created_at").desc(), F("id").desc(), "region_code", name="account_recent"),
            models.Index(fields=["paid_until", "id", "region_code"], name="account_paid"),
            models.Index(fields=["last_active_on", "id", "region_code"], name="account_active"),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="account_name_trgm"),
            models.Index(
                "manager",
                F("paid_until").desc(),
                F("id").desc(),
                name="account_mine",
                condition=Q(manager__isnull=False),
            ),
            models.Index("salespoint", F("paid_until").desc(), F("id").desc(), name="account_point"),
            models.Index("salespoint", F("last_active_on").desc(), F("id").desc(), name="account_point_active"),
            # The order in which «Аккаунты» opens, for a sales point and for a manager.
            models.Index("salespoint", F("created_at").desc(), F("id").desc(), name="account_point_recent"),
            models.Index(
                "manager",
                F("created_at").desc(),
                F("id").desc(),
                name="account_mine_recent",
                condition=Q(manager__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_paid(self, on: date) -> bool:
        return self.paid_until >= on

    def scope_facts(self) -> ScopeFacts:
        return ScopeFacts(self.salespoint_id, self.manager_id)

    def get_absolute_url(self) -> str:
        return f"/accounts/{self.number}/"


class AccountMember(models.Model):
    """An organisation in an account. One main member per account while it has any."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="members")
    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="memberships")
    is_main = models.BooleanField("основная", default=False)
    kpp = models.CharField("КПП", max_length=9, blank=True, default="")
    joined_at = models.DateTimeField()
    joined_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    left_at = models.DateTimeField(null=True)
    left_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    left_reason = models.CharField(max_length=300, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    objects = AccountMemberQuerySet.as_manager()

    class Meta:
        ordering = ["-is_main", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "client"], condition=Q(left_at__isnull=True), name="member_once"
            ),
            models.UniqueConstraint(
                fields=["account"], condition=Q(is_main=True, left_at__isnull=True), name="member_one_main"
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=F("joined_at")), name="member_left_after_join"
            ),
            models.CheckConstraint(
                condition=Q(kpp="") | Q(kpp__regex=r"^[0-9]{4}[0-9A-Z]{2}[0-9]{3}$"), name="member_kpp"
            ),
        ]
        indexes = [models.Index(fields=["client"], name="member_client", condition=Q(left_at__isnull=True))]


class AccountContact(models.Model):
    """A person's part in an account; the person record is shared with client cards (R2.51)."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="contacts")
    person = models.ForeignKey("clients.Person", models.PROTECT, related_name="account_links")
    role = models.CharField("роль", max_length=10, choices=PersonRole, default=PersonRole.OTHER)
    registers = models.BooleanField("будет регистрировать", default=False)
    decides = models.BooleanField("принимает решение", default=False)
    is_preferred = models.BooleanField("основной", default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "person"], name="account_contact_once")]
