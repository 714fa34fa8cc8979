"""The register: one narrow row per organisation for lists, one wide row for the card (design: performance 13)."""

from datetime import date

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Reverse

from clients.choices import DeclineReason, InvitationState, Kind, LostReason, ProspectState, TrialReason, WorkState
from clients.querysets import ClientQuerySet
from partners.scopes import ScopeFacts

UNKNOWN_DATE = date(1900, 1, 1)
"""Keyset columns are NOT NULL: a registration date that no register gives."""

NO_CONTACT = date(9999, 12, 31)
"""No next contact agreed: stands behind all dates."""

POTENTIAL = ~Q(prospect_state=ProspectState.CONNECTED)
SHOWN = ~Q(prospect_state=ProspectState.MERGED)
BOUND = Q(salespoint__isnull=False)
OF_POOL = ("region_code", "salespoint", "kind", "has_phone", "ceased_on")
"""The same for the pool of a region among the potential clients of the country."""
OF_PROSPECT = (*OF_POOL, "registered_on", "work_state", "next_contact_on", "lost_reason", "decline_reason")
OF_TRIAL = (*OF_POOL, "registered_on", "work_state", "next_contact_on", "trial_reason")
"""What the lists of potential clients filter by: what few of a category have is found among its entries, not among its cards."""
UNDER_WAY = ("contacted", "agreed", "registering", "refused")
"""States of work that few cards are in."""
OF_POINT = ("prospect_state", "invite_state", "kind", "has_phone", "next_contact_on", "ceased_on")
"""What the lists of a sales point filter by, behind the order of their indexes: rows are left out, and counted, there."""


class Client(models.Model):
    """An organisation: legal entity, entrepreneur or private person. About 200 bytes a row; lists read only this."""

    kind = models.CharField("вид", max_length=12, choices=Kind)
    inn = models.CharField("ИНН", max_length=12, blank=True, default="")
    kpp = models.CharField("КПП", max_length=9, blank=True, default="")
    ogrn = models.CharField("ОГРН", max_length=15, null=True, unique=True)
    name = models.CharField("название", max_length=300)
    # Byte order: one index serves the sort by name, its keyset and the search by a beginning.
    name_norm = models.CharField(max_length=300, db_collation="C")
    region_code = models.CharField("регион", max_length=2, blank=True, default="")
    city = models.CharField("город", max_length=100, blank=True, default="")
    registered_on = models.DateField("дата регистрации", default=UNKNOWN_DATE)
    ceased_on = models.DateField("прекратила деятельность", null=True)
    state_code = models.CharField("код состояния", max_length=4, blank=True, default="")
    okved = models.CharField("ОКВЭД", max_length=8, blank=True, default="")
    as_of = models.DateField("сведения на", null=True)
    record_as_of = models.DateField("последняя запись реестра", null=True)
    src_hash = models.BigIntegerField(null=True)
    is_flagged = models.BooleanField("ошибки в реквизитах", default=False)
    has_phone = models.BooleanField("с телефоном", default=False)
    phone_tail = models.CharField("основной телефон", max_length=12, blank=True, default="")
    salespoint = models.ForeignKey("partners.SalesPoint", models.PROTECT, null=True, related_name="+", db_index=False)
    manager = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+", db_index=False)
    prospect_state = models.CharField("состояние", max_length=9, choices=ProspectState, default=ProspectState.NONE)
    prospect_on = models.DateField("в состоянии с", default=UNKNOWN_DATE)
    lost_reason = models.CharField(max_length=8, choices=LostReason, blank=True, default="")
    decline_reason = models.CharField(max_length=10, choices=DeclineReason, blank=True, default="")
    trial_reason = models.CharField(max_length=7, choices=TrialReason, blank=True, default="")
    invite_state = models.CharField("приглашение", max_length=10, choices=InvitationState, blank=True, default="")
    invited_on = models.DateField("приглашен", default=UNKNOWN_DATE)
    next_contact_on = models.DateField("следующий контакт", default=NO_CONTACT)
    last_active_on = models.DateField("активность", default=UNKNOWN_DATE)
    work_state = models.CharField("работа", max_length=11, choices=WorkState, default=WorkState.NEW)
    accounts_count = models.PositiveSmallIntegerField("аккаунтов", default=0)
    main_account_number = models.IntegerField("аккаунт", null=True)
    version = models.PositiveIntegerField(default=1)

    objects = ClientQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "клиент", "клиенты"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "inn", "kpp"],
                condition=Q(ogrn__isnull=True) & ~Q(inn=""),
                name="client_hand_typed_once",
            ),
            # What a register really gives stays, flagged, even where it breaks the form (decision 15).
            models.CheckConstraint(
                condition=Q(inn="") | Q(is_flagged=True) | Q(inn__regex=r"^([0-9]{10}|[0-9]{12})$"), name="client_inn"
            ),
            models.CheckConstraint(
                condition=Q(kpp="") | Q(is_flagged=True) | Q(kpp__regex=r"^[0-9]{4}[0-9A-Z]{2}[0-9]{3}$"),
                name="client_kpp",
            ),
            models.CheckConstraint(
                condition=Q(ogrn__isnull=True) | Q(ogrn__regex=r"^([0-9]{13}|[0-9]{15})$"), name="client_ogrn"
            ),
            models.CheckConstraint(
                condition=Q(inn="")
                | Q(is_flagged=True)
                | Q(kind="legal", inn__regex=r"^[0-9]{10}$")
                | (~Q(kind="legal") & Q(inn__regex=r"^[0-9]{12}$")),
                name="client_inn_fits_kind",
            ),
            models.CheckConstraint(
                condition=Q(ceased_on__isnull=True) | Q(is_flagged=True) | Q(ceased_on__gte=F("registered_on")),
                name="client_ceased_after_start",
            ),
            models.CheckConstraint(
                condition=Q(manager__isnull=True) | Q(salespoint__isnull=False), name="client_manager_has_point"
            ),
        ]
        indexes = [
            models.Index(F("registered_on").desc(), F("id").desc(), name="client_recent", condition=SHOWN),
            models.Index("region_code", F("registered_on").desc(), F("id").desc(), name="client_region"),
            models.Index("region_code", F("registered_on").desc(), F("id").desc(), name="client_new_phone", condition=POTENTIAL & Q(has_phone=True)),
            models.Index(
                "region_code",
                F("registered_on").desc(),
                F("id").desc(),
                name="client_pool_phone",
                condition=POTENTIAL & Q(has_phone=True, salespoint__isnull=True),
            ),
            models.Index("manager", F("registered_on").desc(), F("id").desc(), name="client_mine", condition=Q(manager__isnull=False)),
            models.Index("salespoint", F("registered_on").desc(), F("id").desc(), *OF_POINT, name="client_point", condition=BOUND),
            models.Index("salespoint", "name_norm", "id", "manager", *OF_POINT, name="client_point_name", condition=BOUND),
            models.Index("salespoint", "next_contact_on", "id", "manager", "prospect_state", "kind", "has_phone", name="client_point_contact", condition=BOUND),
            models.Index(
                "prospect_state", F("prospect_on").desc(), F("id").desc(), *OF_PROSPECT, name="client_prospect",
                condition=Q(prospect_state__in=["invited", "declined", "lost", "trial"]),
            ),
            models.Index(F("last_active_on").desc(), F("id").desc(), *OF_TRIAL, name="client_trial", condition=Q(prospect_state="trial")),
            models.Index(
                "salespoint", F("last_active_on").desc(), F("id").desc(), name="client_trial_point",
                condition=Q(prospect_state="trial", salespoint__isnull=False),
            ),
            models.Index(F("invited_on").desc(), F("id").desc(), "invite_state", *OF_POOL, "registered_on", "work_state", "next_contact_on", name="client_invites", condition=~Q(invite_state="")),
            models.Index("salespoint", F("invited_on").desc(), F("id").desc(), "invite_state", "manager", name="client_point_invites", condition=BOUND & ~Q(invite_state="")),
            models.Index("manager", "next_contact_on", "id", name="client_contact", condition=Q(next_contact_on__lt=NO_CONTACT)),
            models.Index(
                "region_code", "prospect_state", F("registered_on").desc(), F("id").desc(), "kind", "has_phone",
                name="client_region_state", condition=POTENTIAL,
            ),
            models.Index(OpClass("inn", "text_pattern_ops"), name="client_inn", condition=~Q(inn="")),
            models.Index(OpClass("phone_tail", "text_pattern_ops"), name="client_phone", condition=~Q(phone_tail="")),
            models.Index(OpClass(Reverse("phone_tail"), "text_pattern_ops"), name="client_phone_tail", condition=~Q(phone_tail="")),
            models.Index("main_account_number", name="client_account", condition=Q(main_account_number__isnull=False)),
            # Behind the order what makes the pool of a region: it is walked in the index, not card by card.
            models.Index("name_norm", "id", "region_code", "salespoint", name="client_name"),
            models.Index("next_contact_on", "id", "region_code", "salespoint", name="client_next"),
            models.Index(fields=["work_state"], name="client_worked", condition=Q(work_state__in=UNDER_WAY)),
            GinIndex(OpClass("name_norm", "gin_trgm_ops"), name="client_name_trgm"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def registered(self) -> date | None:
        return None if self.registered_on == UNKNOWN_DATE else self.registered_on

    @property
    def is_ceased(self) -> bool:
        """Ceased = the register's block of ceasing exists (russia 1.5), not a status code."""
        return self.ceased_on is not None

    @property
    def is_merged(self) -> bool:
        """Emptied by a merge: the card leads to the main one."""
        return self.prospect_state == ProspectState.MERGED

    def scope_facts(self) -> ScopeFacts:
        return ScopeFacts(self.salespoint_id, self.manager_id, self.region_code)

    def get_absolute_url(self) -> str:
        return f"/clients/{self.pk}/"


class ClientDetails(models.Model):
    """The rest of the register record, read by the card only."""

    client = models.OneToOneField(Client, models.CASCADE, primary_key=True, related_name="details")
    full_name = models.TextField(blank=True, default="")
    short_name = models.TextField(blank=True, default="")
    opf = models.CharField("форма", max_length=200, blank=True, default="")
    opf_code = models.CharField(max_length=5, blank=True, default="")
    address = models.TextField(blank=True, default="")
    postal_code = models.CharField(max_length=6, blank=True, default="")
    tax_office = models.CharField(max_length=250, blank=True, default="")
    tax_office_code = models.CharField(max_length=4, blank=True, default="")
    pension_number = models.CharField(max_length=20, blank=True, default="")
    insurance_number = models.CharField(max_length=20, blank=True, default="")
    email = models.CharField(max_length=254, blank=True, default="")
    state_text = models.TextField(blank=True, default="")
    ceased_text = models.TextField(blank=True, default="")
    ceased_code = models.CharField(max_length=4, blank=True, default="")
    ceased_record = models.CharField("ГРН записи о прекращении", max_length=15, blank=True, default="")
    last_record = models.CharField("ГРН последней записи", max_length=15, blank=True, default="")
    director = models.CharField(max_length=300, blank=True, default="")
    director_inn = models.CharField(max_length=12, blank=True, default="")
    director_position = models.CharField(max_length=300, blank=True, default="")
    directors = models.JSONField(default=list)
    founders = models.JSONField(default=list)
    okveds = models.JSONField(default=list)
    okved_name = models.TextField(blank=True, default="")
    capital = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    predecessors = models.JSONField(default=list)
    successors = models.JSONField(default=list)
    is_small_business = models.BooleanField(default=False)
    msp_category = models.CharField(max_length=20, blank=True, default="")
    msp_since = models.DateField(null=True)
    employees = models.IntegerField(null=True)
    msp_as_of = models.DateField(null=True)
    bank = models.JSONField(default=dict)
    site = models.CharField(max_length=200, blank=True, default="")
    actual_address = models.TextField(blank=True, default="")
    format_version = models.CharField(max_length=10, blank=True, default="")
    life = models.JSONField("изменения в реестре", null=True)
    """The newest changes, newest first: [{code, was, now, on}]."""


class ClientBranch(models.Model):
    """A branch: a row of the head's card with a KPP of its own (decision 14)."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="branches")
    kind = models.CharField(max_length=20)
    name = models.TextField(blank=True, default="")
    kpp = models.CharField(max_length=9, blank=True, default="")
    address = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["kpp", "id"]
