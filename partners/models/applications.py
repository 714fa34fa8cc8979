"""«Как стать партнером»: applications for co-operation (R1.12)."""

from django.db import models

from .network import Region, SalesPoint


class PartnerApplication(models.Model):
    """A public application; duplicates of 30 days join the first one."""

    class State(models.TextChoices):
        NEW = "new", "Новая"
        IN_WORK = "in_work", "В работе"
        ACCEPTED = "accepted", "Принята"
        REJECTED = "rejected", "Отклонена"

    inn = models.CharField("ИНН", max_length=12)
    name = models.CharField("организация", max_length=200)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="регион")
    person = models.CharField("контактное лицо", max_length=200)
    phone = models.CharField("телефон", max_length=20)
    email = models.EmailField("email")
    comment = models.TextField("комментарий", blank=True)
    consent_version = models.CharField("версия согласия", max_length=20)
    consented_at = models.DateTimeField("согласие дано")
    state = models.CharField("состояние", max_length=10, choices=State, default=State.NEW)
    created_at = models.DateTimeField("создана")
    repeats = models.PositiveSmallIntegerField("повторов", default=0)
    answer = models.TextField("ответ", blank=True)
    processed_by = models.ForeignKey(
        "partners.Employee", models.PROTECT, null=True, related_name="+", verbose_name="обработал"
    )
    processed_at = models.DateTimeField("обработана", null=True)
    salespoint = models.ForeignKey(
        SalesPoint, models.PROTECT, null=True, related_name="+", verbose_name="созданная точка продаж"
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name, verbose_name_plural = "заявка партнера", "заявки партнеров"
        constraints = [
            models.UniqueConstraint(
                fields=["inn"], condition=models.Q(state__in=["new", "in_work"]), name="application_open_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/partners/applications/{self.pk}/"


class Erasure(models.Model):
    """An act of erasing a person's data on request (152-ФЗ art. 21). Holds no personal data itself."""

    number = models.CharField("номер обращения", max_length=60)
    reason = models.TextField("основание")
    by = models.ForeignKey("partners.Employee", models.PROTECT, related_name="+", verbose_name="исполнил")
    at = models.DateTimeField("исполнено")
    counts = models.JSONField("обезличено записей", default=dict)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name, verbose_name_plural = "удаление персональных данных", "удаления персональных данных"

    def __str__(self) -> str:
        return f"№ {self.number}"
