"""Tickets and their steps (rule C2). Invariant: unresolved ⇔ exactly one performer, a person or a unit."""

from django.db import models
from django.db.models import F, Q

from partners.scopes import ScopeFacts
from tickets.choices import UNRESOLVED, ClockKind, Priority, TicketState, Topic
from tickets.querysets import TicketQuerySet

NOBODY = Q(performer__isnull=True, unit_department__isnull=True, unit_salespoint__isnull=True)
ONE_PERFORMER = (
    Q(performer__isnull=False, unit_department__isnull=True, unit_salespoint__isnull=True)
    | Q(performer__isnull=True, unit_department__isnull=False, unit_salespoint__isnull=True)
    | Q(performer__isnull=True, unit_department__isnull=True, unit_salespoint__isnull=False)
)


class Ticket(models.Model):
    """A request of a client or of a colleague. The number (8 digits) is given on registration."""

    number = models.IntegerField("номер", unique=True, null=True)
    state = models.CharField("состояние", max_length=9, choices=TicketState, default=TicketState.DRAFT)
    topic = models.CharField("тема", max_length=14, choices=Topic, default=Topic.TECHNICAL)
    is_internal = models.BooleanField("внутреннее", default=False)
    client = models.ForeignKey("clients.Client", models.PROTECT, null=True, related_name="tickets")
    account = models.ForeignKey("accounts.Account", models.PROTECT, null=True, related_name="tickets")
    contact = models.ForeignKey("clients.Person", models.PROTECT, null=True, related_name="+")
    contact_text = models.CharField("контактное лицо", max_length=200, blank=True, default="")
    description = models.TextField("описание", blank=True, default="")
    problem = models.ForeignKey("tickets.ProblemKind", models.PROTECT, null=True, related_name="+")
    solution = models.TextField("ход решения", blank=True, default="")
    author = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="authored_tickets")
    salespoint = models.ForeignKey("partners.SalesPoint", models.PROTECT, related_name="+")
    performer = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="performed_tickets")
    unit_department = models.ForeignKey("partners.Department", models.PROTECT, null=True, related_name="+")
    unit_salespoint = models.ForeignKey("partners.SalesPoint", models.PROTECT, null=True, related_name="+")
    contract = models.ForeignKey("tickets.ServiceContract", models.PROTECT, null=True, related_name="+")
    term = models.DurationField(null=True)
    clock = models.CharField(max_length=8, choices=ClockKind, default=ClockKind.CALENDAR)
    priority = models.CharField(max_length=8, choices=Priority, default=Priority.STANDARD)
    created_at = models.DateTimeField()
    registered_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField("срок", null=True)
    work_done_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    wake_on = models.DateField(null=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    continues = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    reopen_count = models.PositiveSmallIntegerField(default=0)
    return_count = models.PositiveSmallIntegerField(default=0)
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        verbose_name, verbose_name_plural = "обращение", "обращения"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=UNRESOLVED) & ONE_PERFORMER | ~Q(state__in=UNRESOLVED),
                name="ticket_one_performer",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "cancelled"]) | Q(number__isnull=False, registered_at__isnull=False),
                name="ticket_registered",
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True) | Q(number__gte=10_000_000, number__lte=99_999_999),
                name="ticket_number",
            ),
            models.CheckConstraint(
                condition=~Q(state="resolved")
                | (Q(resolved_at__isnull=False, problem__isnull=False) & ~Q(solution="")),
                name="ticket_resolved",
            ),
            models.CheckConstraint(
                condition=Q(is_internal=True) | Q(client__isnull=False) | Q(state="draft"), name="ticket_has_client"
            ),
            models.CheckConstraint(condition=~Q(state="merged") | Q(merged_into__isnull=False), name="ticket_merged"),
        ]
        indexes = [
            models.Index("performer", "due_at", "id", name="ticket_on_me", condition=Q(state__in=UNRESOLVED)),
            models.Index("unit_department", "due_at", "id", name="ticket_on_unit", condition=Q(state__in=UNRESOLVED)),
            models.Index("unit_salespoint", "due_at", "id", name="ticket_on_point", condition=Q(state__in=UNRESOLVED)),
            models.Index("author", F("created_at").desc(), F("id").desc(), name="ticket_author"),
            models.Index("client", F("created_at").desc(), name="ticket_client"),
            models.Index("account", F("created_at").desc(), name="ticket_account"),
            models.Index("salespoint", F("created_at").desc(), F("id").desc(), name="ticket_point"),
        ]

    def scope_facts(self) -> ScopeFacts:
        return ScopeFacts(self.salespoint_id, self.performer_id)

    def get_absolute_url(self) -> str:
        return f"/tickets/{self.number}/"


class TicketEvent(models.Model):
    """A transition of table C2. Append-only."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="events")
    sequence = models.PositiveIntegerField()
    action = models.CharField(max_length=20)
    from_state = models.CharField(max_length=9, blank=True)
    to_state = models.CharField(max_length=9)
    by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["sequence"]
        constraints = [models.UniqueConstraint(fields=["ticket", "sequence"], name="ticket_event_once")]


class TicketAssignment(models.Model):
    """Who performed it when; closed rows are the intermediate performers."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="assignments")
    performer = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    unit_department = models.ForeignKey("partners.Department", models.PROTECT, null=True, related_name="+")
    unit_salespoint = models.ForeignKey("partners.SalesPoint", models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=Q(until__isnull=True), name="assignment_open_once"),
            models.CheckConstraint(condition=ONE_PERFORMER, name="assignment_one_performer"),
        ]


class TicketPause(models.Model):
    """Time that does not count: intervals, not a sum, so that a deadline can be recomputed."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="pauses")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=Q(ends_at__isnull=True), name="pause_open_once")
        ]
