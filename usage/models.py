"""What the products report (manual ch. 4): users, activity per day, roll-ups, used limits.

`ActivityDay` is partitioned by month (migration) and has no secondary indexes: lists read `AccountProduct` only.
"""

from django.db import models
from django.db.models import F

from licenses.choices import Limit
from partners.rights import Right
from partners.scopes import scope_q


class ProductUserQuerySet(models.QuerySet):
    def visible_to(self, employee):
        return self.filter(
            scope_q(employee, Right.USAGE_VIEW, salespoint="account__salespoint", manager="account__manager")
        )


class ProductUser(models.Model):
    """A user of an account, as the service reports him."""

    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="users")
    client = models.ForeignKey("clients.Client", models.PROTECT, null=True, related_name="+")
    external_id = models.CharField(max_length=64)
    full_name = models.CharField("ФИО", max_length=200)
    role = models.CharField("роль", max_length=80, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    is_active = models.BooleanField("действует", default=True)
    registered_on = models.DateField("зарегистрирован")
    last_login_on = models.DateField("последний вход", null=True)

    objects = ProductUserQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "пользователь", "пользователи"
        constraints = [models.UniqueConstraint(fields=["account", "external_id"], name="product_user_once")]
        indexes = [models.Index(F("last_login_on").desc(nulls_last=True), F("id").desc(), name="product_user_recent")]


class ActivityDay(models.Model):
    """Actions of one user in one product on one day. Raw, partitioned by month."""

    pk = models.CompositePrimaryKey("day", "account", "product", "user")
    day = models.DateField()
    account = models.ForeignKey("accounts.Account", models.DO_NOTHING, related_name="+", db_index=False)
    product = models.ForeignKey("licenses.Product", models.DO_NOTHING, related_name="+", db_index=False)
    user = models.ForeignKey(ProductUser, models.DO_NOTHING, related_name="+", db_index=False)
    sent = models.IntegerField(default=0)
    received = models.IntegerField(default=0)
    from_cloud = models.BooleanField(default=True)

    class Meta:
        managed = False
        db_table = "usage_activityday"


class AccountProduct(models.Model):
    """Last day, users and counters of a product in an account (R2.140–R2.148): what cards and lists read."""

    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="products")
    product = models.ForeignKey("licenses.Product", models.PROTECT, related_name="+")
    last_day = models.DateField("активность", null=True)
    users_30 = models.PositiveIntegerField("пользователей за 30 дней", default=0)
    sent_month = models.PositiveIntegerField("исходящих за месяц", default=0)
    received_month = models.PositiveIntegerField("входящих за месяц", default=0)
    month = models.DateField("месяц счетчиков", null=True)
    weeks = models.JSONField("по неделям", default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "product"], name="account_product_once")]
        indexes = [models.Index(fields=["product", "last_day"], name="account_product_last")]


class UsageRollup(models.Model):
    """Distinct accounts and users of a product in a day, week or month; distinct counts do not add up, so each is stored."""

    class Period(models.TextChoices):
        DAY = "day", "День"
        WEEK = "week", "Неделя"
        MONTH = "month", "Месяц"

    period = models.CharField(max_length=5, choices=Period)
    starts_on = models.DateField()
    product = models.ForeignKey("licenses.Product", models.PROTECT, related_name="+")
    salespoint = models.ForeignKey("partners.SalesPoint", models.PROTECT, null=True, related_name="+")
    accounts = models.PositiveIntegerField(default=0)
    users = models.PositiveIntegerField(default=0)
    actions = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["period", "starts_on", "product", "salespoint"], nulls_distinct=False, name="rollup_once"
            )
        ]


class LimitUsed(models.Model):
    """How much of a limit an account uses; may exceed what is allowed: that forms a charge, never a crash."""

    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="limits_used")
    limit = models.CharField(max_length=14, choices=Limit)
    used = models.PositiveIntegerField(default=0)
    as_of = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "limit"], name="limit_used_once")]
