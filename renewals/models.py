"""Renewals and inactivity (manual ch. 3, 4.1): outcomes, and the stored category of each term for hot lists."""

from django.db import models
from django.db.models import F, Q

from partners.scopes import ScopeFacts

from .choices import INACTIVITY_ONLY, Category, Effect, InactivityState, Move
from .models_options import OutcomeExtract, OutcomeOption  # noqa: F401  (part of this app's models)
from .querysets import RenewalRowQuerySet


class Competitor(models.Model):
    """To whom clients leave."""

    name = models.CharField("название", max_length=120, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name, verbose_name_plural = "конкурент", "конкуренты"

    def __str__(self) -> str:
        return self.name


class _Outcome(models.Model):
    """What the client said. Append-only: the last one not withdrawn counts.

    `title` and `effect` are the option's of that day, copied by a trigger where nobody wrote them.
    """

    kind = models.ForeignKey(
        OutcomeOption,
        models.PROTECT,
        to_field="code",
        db_column="kind",
        db_index=False,
        related_name="+",
        verbose_name="итог",
    )
    title = models.CharField("как назывался", max_length=60, db_default="")
    effect = models.CharField("что сделал", max_length=8, choices=Effect, db_default="")
    comment = models.TextField("комментарий", blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True
        ordering = ["-at", "-id"]


class Outcome(_Outcome):
    """Per (account, direction, term): the term names all three (decision 20)."""

    term = models.ForeignKey("licenses.Term", models.PROTECT, related_name="outcomes")
    competitor = models.ForeignKey(Competitor, models.PROTECT, null=True, related_name="+", verbose_name="к кому ушли")
    reason = models.CharField("причина", max_length=200, blank=True, default="")
    target_account = models.ForeignKey(
        "accounts.Account", models.PROTECT, null=True, related_name="+", verbose_name="новый аккаунт"
    )
    move = models.CharField("как сменили", max_length=10, choices=Move, blank=True, db_default="")
    register_state = models.CharField("состояние по реестру", max_length=300, blank=True, default="")
    invoice = models.ForeignKey("licenses.Invoice", models.PROTECT, null=True, related_name="+")
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", help_text="the one that stood before it"
    )

    class Meta(_Outcome.Meta):
        abstract = False
        verbose_name, verbose_name_plural = "итог продления", "итоги продления"
        constraints = [
            models.UniqueConstraint(fields=["term"], condition=Q(withdrawn_at__isnull=True), name="outcome_one_open"),
            models.CheckConstraint(condition=~Q(kind__in=sorted(INACTIVITY_ONLY)), name="outcome_not_inactivity"),
            models.CheckConstraint(
                condition=~Q(effect=Effect.NEGATIVE) | Q(comment__regex=r"(\S\s*){10}"),
                name="outcome_negative_comment",
            ),
            models.CheckConstraint(
                condition=~Q(kind="left_us") | (Q(competitor__isnull=False) & ~Q(reason="")),
                name="outcome_left_evidence",
            ),
            models.CheckConstraint(
                condition=~Q(kind="moved_account") | Q(target_account__isnull=False), name="outcome_moved_target"
            ),
        ]
        indexes = [models.Index(fields=["kind"], name="outcome_kind")]


class InactivityOutcome(_Outcome):
    """The outcome of a silent licence; expires when activity resumes."""

    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="inactivity_outcomes")
    product = models.ForeignKey("licenses.Product", models.PROTECT, related_name="+")
    expired_on = models.DateField(null=True)

    class Meta(_Outcome.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["account", "product"],
                condition=Q(withdrawn_at__isnull=True, expired_on__isnull=True),
                name="inactivity_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(effect=Effect.NEGATIVE) | Q(comment__regex=r"(\S\s*){10}"),
                name="inactivity_negative_comment",
            ),
        ]
        indexes = [models.Index(fields=["kind"], name="inactivity_kind")]


class RenewalRow(models.Model):
    """The stored category of one term: a copy of `rules.category`, told anew when a fact or the date changes it; drift reported.

    salespoint and manager copy the account's (trigger), so that «мои на 60 дней» is one index walk.
    """

    term = models.OneToOneField("licenses.Term", models.CASCADE, primary_key=True, related_name="renewal")
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="renewals", db_index=False)
    direction = models.ForeignKey("licenses.Direction", models.PROTECT, related_name="+", db_index=False)
    ends_on = models.DateField()
    category = models.CharField(max_length=12, choices=Category)
    outcome = models.CharField(max_length=24, blank=True, default="")
    is_worst = models.BooleanField(default=False, help_text="the row that stands for its account in lists")
    amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    account_due = models.DecimalField(
        max_digits=14, decimal_places=2, default=0, help_text="all that waits in the account; on its worst row, else 0"
    )
    salespoint = models.ForeignKey("partners.SalesPoint", models.PROTECT, related_name="+", db_index=False)
    manager = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+", db_index=False)
    as_of = models.DateField()

    objects = RenewalRowQuerySet.as_manager()

    class Meta:
        indexes = [
            # Behind the order what lists leave out rows by; with the sum beside it counters and «Распределение» count in them.
            models.Index(fields=["manager", "ends_on", "term", "category", "outcome", "is_worst"], include=["account_due"], name="renewal_mine", condition=Q(category__in=["requires", "not_renewed", "terminated"])),
            models.Index(fields=["salespoint", "ends_on", "term", "category", "outcome", "manager", "is_worst"], include=["account_due"], name="renewal_point", condition=Q(category__in=["requires", "not_renewed", "terminated"])),
            models.Index(fields=["salespoint", "ends_on", "term", "category", "outcome", "manager"], name="renewal_past", condition=Q(category__in=["renewed", "renewed_late", "won_back", "transferred", "reduced", "settled"])),
            models.Index(fields=["category", "ends_on", "term", "outcome", "is_worst"], include=["account_due"], name="renewal_category"),
            models.Index("account", F("ends_on").desc(), name="renewal_account"),
        ]  # fmt: skip

    def scope_facts(self) -> ScopeFacts:
        return ScopeFacts(self.salespoint_id, self.manager_id)


class AccountChange(models.Model):
    """A fact that a stored category or sum follows from was changed: the next night tells this account again.

    Written by triggers (migration 0004), so that no service can forget; no constraint, so that none ever waits for another.
    """

    account = models.ForeignKey("accounts.Account", models.DO_NOTHING, related_name="+", db_constraint=False)

    class Meta:
        verbose_name, verbose_name_plural = "изменение для продлений", "изменения для продлений"


class SweepMark(models.Model):
    """What the last nightly sweep of a zone saw, and when everything was compared there."""

    zone = models.CharField(primary_key=True, max_length=40)
    prices = models.JSONField(default=dict, help_text="{item:months:scope:place: the prices of that day}")
    compared_on = models.DateField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = "отметка сверки продлений", "отметки сверки продлений"


class InactivityRow(models.Model):
    """The stored inactivity state per account and product (chapter 4.1)."""

    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="inactivity")
    product = models.ForeignKey("licenses.Product", models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=InactivityState)
    last_day = models.DateField(null=True)
    licensed_until = models.DateField()
    salespoint = models.ForeignKey("partners.SalesPoint", models.PROTECT, related_name="+", db_index=False)
    manager = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+", db_index=False)
    as_of = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "product"], name="inactivity_once")]
        indexes = [
            models.Index("manager", "last_day", "id", name="inactivity_mine", condition=~Q(state="active")),
            models.Index("salespoint", "last_day", "id", name="inactivity_point", condition=~Q(state="active")),
        ]


class LetterTemplate(models.Model):
    """A letter to the client on a day of the window; {client}, {account}, {licences}, {until}, {days}, {manager}, {phone} are filled in."""

    days_left = models.SmallIntegerField(
        "за сколько дней до окончания", unique=True, help_text="below zero: days after the end"
    )
    subject = models.CharField("тема", max_length=150)
    body = models.TextField("текст", max_length=4000)
    is_active = models.BooleanField("отправлять", default=True)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-days_left"]
        verbose_name, verbose_name_plural = "письмо о продлении", "письма о продлении"
        constraints = [models.CheckConstraint(condition=Q(days_left__gte=-90, days_left__lte=60), name="letter_days")]


class Reminder(models.Model):
    """A reminder by e-mail, once per key: a letter to a client about a term, or a manager's digest of a day.

    Written first, sent by a job of its own: a mail server that is down loses nothing and doubles nothing.
    """

    class Kind(models.TextChoices):
        CLIENT = "client", "Письмо клиенту"
        DIGEST = "digest", "Сводка менеджеру"

    key = models.CharField(max_length=120, unique=True)
    account = models.ForeignKey("accounts.Account", models.PROTECT, null=True, related_name="reminders")
    term = models.ForeignKey("licenses.Term", models.PROTECT, null=True, related_name="+")
    employee = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="reminders")
    kind = models.CharField(max_length=20, choices=Kind)
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, default="")
    text = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True, help_text="not needed any more when its turn came")

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["id"], name="reminder_waits", condition=Q(sent_at__isnull=True, dropped_at__isnull=True)
            ),
            models.Index(fields=["account", "-created_at"], name="reminder_account"),
        ]
