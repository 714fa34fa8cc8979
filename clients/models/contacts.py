"""People and phones: personal data with source and basis (152-ФЗ)."""

from django.db import models
from django.db.models import Q

from clients.choices import PersonRole


class Source(models.TextChoices):
    MANAGER = "manager", "Внес сотрудник"
    CLIENT = "client", "Сообщил клиент"
    REGISTRY = "registry", "Реестр"
    IMPORT = "import", "Загрузка"
    API = "api", "Продукт"


class Person(models.Model):
    """A contact person: one record, linked to clients and accounts (R2.51)."""

    full_name = models.CharField("ФИО", max_length=200)
    name_norm = models.CharField(max_length=200, db_index=True)
    phone = models.CharField("телефон", max_length=16, blank=True, default="")
    extension = models.CharField("доб.", max_length=10, blank=True, default="")
    email = models.EmailField("email", blank=True, default="")
    email_is_wrong = models.BooleanField("email неверный", default=False)
    note = models.CharField("заметка", max_length=300, blank=True, default="")
    do_not_call = models.BooleanField("не звонить", default=False)
    source = models.CharField("источник", max_length=10, choices=Source, default=Source.MANAGER)
    basis = models.CharField("основание", max_length=200, blank=True, default="")
    created_at = models.DateTimeField("добавлен")
    created_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    erased_at = models.DateTimeField("стерт", null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name, verbose_name_plural = "контактное лицо", "контактные лица"
        constraints = [
            models.UniqueConstraint(
                fields=["phone", "name_norm"], condition=~Q(phone="") & Q(erased_at__isnull=True), name="person_once"
            ),
            models.CheckConstraint(condition=Q(phone="") | Q(phone__regex=r"^\+[0-9]{8,15}$"), name="person_phone"),
        ]

    def __str__(self) -> str:
        return self.full_name


class ClientPerson(models.Model):
    """A person's part at a client."""

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="persons")
    person = models.ForeignKey(Person, models.PROTECT, related_name="client_links")
    role = models.CharField("роль", max_length=10, choices=PersonRole, default=PersonRole.OTHER)
    registers = models.BooleanField("будет регистрировать", default=False)
    is_preferred = models.BooleanField("основной", default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "person"], name="client_person_once")]


class ClientPhone(models.Model):
    """A phone of an organisation; wrong ones stay, marked, and do not count as «с телефоном» (R2.10, R2.44)."""

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="phones")
    number = models.CharField("номер", max_length=16)
    extension = models.CharField("доб.", max_length=10, blank=True, default="")
    raw = models.CharField(max_length=60, blank=True, default="")
    comment = models.CharField("чей", max_length=120, blank=True, default="")
    source = models.CharField("источник", max_length=10, choices=Source, default=Source.MANAGER)
    basis = models.CharField("основание", max_length=200, blank=True, default="")
    is_wrong = models.BooleanField("неверный", default=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["is_wrong", "id"]
        constraints = [
            models.UniqueConstraint(fields=["client", "number", "extension"], name="client_phone_once"),
            models.CheckConstraint(condition=Q(number__regex=r"^\+[0-9]{8,15}$"), name="client_phone_number"),
        ]
        indexes = [models.Index(fields=["number"], name="client_phone_number_ix")]
