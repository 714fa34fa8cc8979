"""Tables of the kernel: journal, jobs, form tokens, preferences, saved selections, exports, counters, the demo clock."""

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q

USER = settings.AUTH_USER_MODEL


class JournalEntry(models.Model):
    """One change of one subject. Never updated or deleted (trigger in 0002)."""

    at = models.DateTimeField()
    by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=200, blank=True)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    client_id = models.BigIntegerField(null=True)
    account_id = models.BigIntegerField(null=True)
    code = models.CharField(max_length=60)
    data = models.JSONField(default=dict)
    source = models.CharField(max_length=10, default="ui")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-at", "-id"], name="journal_subject"),
            models.Index(
                fields=["client_id", "-at", "-id"], name="journal_client", condition=Q(client_id__isnull=False)
            ),
            models.Index(
                fields=["account_id", "-at", "-id"], name="journal_account", condition=Q(account_id__isnull=False)
            ),
            models.Index(fields=["by", "-at"], name="journal_by"),
        ]


class ViewEntry(models.Model):
    """Who looked at whose contacts (152-ФЗ). Written by GET, exempt from the guard (decision 27)."""

    at = models.DateTimeField()
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    what = models.CharField(max_length=30)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["subject_type", "subject_id", "-at"], name="view_subject")]


class JobRun(models.Model):
    """One run of a job: a business date of a scheduled one, or a piece of work that a person waits for."""

    class State(models.TextChoices):
        QUEUED = "queued", "В очереди"
        RUNNING = "running", "Выполняется"
        DONE = "done", "Готово"
        FAILED = "failed", "Ошибка"
        PARKED = "parked", "Остановлено после трех попыток"
        CANCELLED = "cancelled", "Отменено"

    job = models.CharField(max_length=60)
    business_date = models.DateField(null=True)
    scope = models.CharField(max_length=60, blank=True, default="")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(null=True)
    counts = models.JSONField(default=dict)
    params = models.JSONField(default=dict)
    checkpoint = models.JSONField(default=dict)
    result_file = models.CharField(max_length=300, blank=True)
    result_url = models.CharField(max_length=300, blank=True)
    message = models.TextField(blank=True)
    owner = models.ForeignKey(USER, models.PROTECT, null=True, related_name="job_runs")
    cancel_requested_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["job", "business_date", "scope"],
                condition=Q(business_date__isnull=False),
                name="job_once_per_date",
            ),
            models.CheckConstraint(condition=Q(attempts__lte=3), name="job_attempts"),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "done", "failed", "parked", "cancelled"]), name="job_state"
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "heartbeat_at"], name="job_open", condition=Q(state__in=["queued", "running"])
            ),
            models.Index(fields=["owner", "-created_at"], name="job_owner"),
        ]


class IdempotencyKey(models.Model):
    """A form token: the second submit gets the first result (F11)."""

    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    token = models.UUIDField()
    name = models.CharField(max_length=60)
    payload_hash = models.CharField(max_length=64)
    result = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "token"], name="idempotency_user_token")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_created")]


class Preference(models.Model):
    """What a person set for a section: columns, density, hot keys."""

    employee = models.ForeignKey(USER, models.PROTECT, related_name="preferences")
    section = models.CharField(max_length=60)
    key = models.CharField(max_length=40)
    value = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["employee", "section", "key"], name="preference_once")]


class SavedSelection(models.Model):
    """A named filter of a list (R0.6): personal, shared with the sales point, or built in."""

    class Scope(models.TextChoices):
        PERSONAL = "personal", "Личный"
        SHARED = "shared", "Общий"
        SYSTEM = "system", "Встроенный"

    section = models.CharField(max_length=60)
    title = models.CharField(max_length=100)
    query = models.TextField()
    owner = models.ForeignKey(USER, models.PROTECT, null=True, related_name="saved_selections")
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.PERSONAL)
    is_default = models.BooleanField(default=False)
    shared_with = models.BigIntegerField(null=True, help_text="pk of the unit the selection is shared with")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["scope", "title"]
        constraints = [
            models.UniqueConstraint(fields=["section", "owner", "title"], name="selection_title"),
            models.CheckConstraint(condition=Q(scope="system") | Q(owner__isnull=False), name="selection_owner"),
        ]


class ExportRecord(models.Model):
    """Who exported what (152-ФЗ, T3)."""

    at = models.DateTimeField()
    by = models.ForeignKey(USER, models.PROTECT, related_name="exports")
    section = models.CharField(max_length=60)
    query = models.TextField(blank=True)
    rows = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    job = models.ForeignKey(JobRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["by", "-at"], name="export_by")]


class Counter(models.Model):
    """A gapless series: updated in the transaction that uses the number, so a rollback returns it."""

    series = models.CharField(max_length=60, primary_key=True)
    value = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(value__gte=0), name="counter_positive")]


class ClockOffset(models.Model):
    """The demo installation's business clock: one row, days ahead of system time."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    days = models.IntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="clock_one_row")]


class ReferenceChange(models.Model):
    """A statement that changed reference data, written by triggers alone: see `core.reference`."""

    mark = models.UUIDField(db_default=RandomUUID())
