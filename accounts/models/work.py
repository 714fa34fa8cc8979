"""Work with clients and accounts: tasks, calls, notes, the next contact (decision 29). Client required, account optional."""

from django.db import models
from django.db.models import Q

from accounts.choices import CallResult, TaskKind
from accounts.querysets import WorkQuerySet
from partners.scopes import ScopeFacts


class Task(models.Model):
    """What somebody has to do. Generated tasks carry `key`, unique, so re-runs never duplicate (C7)."""

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="tasks")
    account = models.ForeignKey("accounts.Account", models.PROTECT, null=True, related_name="tasks")
    kind = models.CharField("вид", max_length=20, choices=TaskKind, default=TaskKind.OTHER)
    title = models.CharField("что сделать", max_length=200)
    assignee = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="tasks")
    salespoint = models.ForeignKey("partners.SalesPoint", models.PROTECT, related_name="+")
    due_on = models.DateField("срок")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    result = models.CharField(max_length=300, blank=True, default="")
    key = models.CharField(max_length=120, unique=True, null=True)

    objects = WorkQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        verbose_name, verbose_name_plural = "задача", "задачи"
        indexes = [
            models.Index(fields=["assignee", "due_on", "id"], name="task_mine", condition=Q(done_at__isnull=True)),
            models.Index(fields=["account", "due_on"], name="task_account", condition=Q(done_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.title

    def scope_facts(self) -> ScopeFacts:
        return ScopeFacts(self.salespoint_id, self.assignee_id)


class CallLog(models.Model):
    """A logged call."""

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="calls")
    account = models.ForeignKey("accounts.Account", models.PROTECT, null=True, related_name="calls")
    person = models.ForeignKey("clients.Person", models.PROTECT, null=True, related_name="+")
    result = models.CharField("результат", max_length=12, choices=CallResult)
    comment = models.TextField("комментарий", blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey("partners.Employee", models.PROTECT, related_name="calls")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["client", "-at"], name="call_client"),
            models.Index(fields=["account", "-at"], name="call_account"),
        ]


class Note(models.Model):
    """A note; «История заметок» of the card. A pinned one stands first."""

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="notes")
    account = models.ForeignKey("accounts.Account", models.PROTECT, null=True, related_name="notes")
    text = models.TextField("заметка")
    is_pinned = models.BooleanField(default=False)
    at = models.DateTimeField()
    by = models.ForeignKey("partners.Employee", models.PROTECT, related_name="notes")

    class Meta:
        ordering = ["-is_pinned", "-at", "-id"]
        indexes = [
            models.Index(fields=["client", "-at"], name="note_client"),
            models.Index(fields=["account", "-at"], name="note_account"),
        ]


class NextContact(models.Model):
    """«Следующий контакт»: one date per client and topic (C7)."""

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="next_contacts")
    topic = models.ForeignKey("clients.BindingTopic", models.PROTECT, related_name="+")
    on = models.DateField("следующий контакт")
    comment = models.CharField(max_length=200, blank=True, default="")
    by = models.ForeignKey("partners.Employee", models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "topic"], name="next_contact_once")]
        indexes = [models.Index(fields=["by", "on"], name="next_contact_by")]
