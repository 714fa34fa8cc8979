"""What the register importer remembers: runs, the manifest of files by content, refused records.

Rows of a file wait in a temporary table of the import's own connection (`clients.importers.staging`), not here:
a killed import leaves nothing behind there, and what it had merged stands in `ImportFile.checkpoint`.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

COUNTERS = ("new", "changed", "ceased", "unchanged", "rejected")
"""`read` is their sum, always: every transaction adds to both sides."""


class RegistrySource(models.TextChoices):
    """Which register a file comes from."""

    EGRUL = "egrul", "ЕГРЮЛ"
    EGRIP = "egrip", "ЕГРИП"
    MSP = "msp", "Реестр МСП"


class Counted(models.Model):
    """The counts of `import_registry` (contracts: commands)."""

    read = models.PositiveIntegerField("записей", default=0)
    new = models.PositiveIntegerField("новых", default=0)
    changed = models.PositiveIntegerField("измененных", default=0)
    ceased = models.PositiveIntegerField("прекративших", default=0)
    unchanged = models.PositiveIntegerField("без изменений", default=0)
    rejected = models.PositiveIntegerField("отклоненных", default=0)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(read=F("new") + F("changed") + F("ceased") + F("unchanged") + F("rejected")),
                name="%(class)s_adds_up",
            )
        ]


class ImportBatch(Counted):
    """One run of the importer, started by hand, from the page or by the watch job."""

    class State(models.TextChoices):
        RUNNING = "running", "Выполняется"
        DONE = "done", "Завершена"
        FAILED = "failed", "Прервана"
        CANCELLED = "cancelled", "Остановлена"

    state = models.CharField("состояние", max_length=9, choices=State, default=State.RUNNING)
    source = models.CharField("реестр", max_length=5, choices=RegistrySource, blank=True, default="")
    paths = models.JSONField("что загружали", default=list)
    files = models.PositiveIntegerField("файлов", default=0)
    failed_files = models.PositiveIntegerField("не прочитано", default=0)
    repeated_files = models.PositiveIntegerField("загружены раньше", default=0)
    bytes_total = models.BigIntegerField(default=0)
    bytes_done = models.BigIntegerField(default=0)
    message = models.CharField("сообщение", max_length=300, blank=True, default="")
    started_at = models.DateTimeField("начата")
    heartbeat_at = models.DateTimeField("последний шаг")
    finished_at = models.DateTimeField("закончена", null=True)
    by = models.ForeignKey(
        "partners.Employee", models.PROTECT, null=True, related_name="+", verbose_name="кто запустил"
    )

    class Meta(Counted.Meta):
        verbose_name, verbose_name_plural = "загрузка реестра", "загрузки реестров"
        ordering = ["-id"]
        constraints = [
            *Counted.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state="running", finished_at__isnull=True)
                | (~Q(state="running") & Q(finished_at__isnull=False)),
                name="importbatch_finished",
            ),
        ]

    def __str__(self) -> str:
        return f"Загрузка № {self.pk}"

    def get_absolute_url(self) -> str:
        return f"/clients/imports/{self.pk}/"

    @property
    def percent(self) -> int:
        """How far the bytes of the input are, 0–100."""
        if self.state == self.State.DONE:
            return 100
        return min(99, self.bytes_done * 100 // self.bytes_total) if self.bytes_total else 0


class ImportFile(Counted):
    """One content ever seen: an XML file (also inside a ZIP) or a whole ZIP. The manifest (russia 1.7)."""

    class State(models.TextChoices):
        READING = "reading", "Читается"
        MERGING = "merging", "Записывается"
        DONE = "done", "Загружен"
        FAILED = "failed", "Не прочитан"

    sha256 = models.CharField(max_length=64, unique=True)
    batch = models.ForeignKey(ImportBatch, models.PROTECT, related_name="manifest", verbose_name="загрузка")
    name = models.CharField("файл", max_length=500)
    archive = models.CharField("архив", max_length=500, blank=True, default="")
    is_archive = models.BooleanField(default=False)
    size = models.BigIntegerField("байт", default=0)
    source = models.CharField("реестр", max_length=5, choices=RegistrySource, blank=True, default="")
    format_version = models.CharField("версия формата", max_length=10, blank=True, default="")
    state = models.CharField("состояние", max_length=7, choices=State, default=State.READING)
    reason = models.CharField("почему не прочитан", max_length=300, blank=True, default="")
    checkpoint = models.PositiveIntegerField("обработано записей", default=0)
    files = models.PositiveIntegerField("файлов в архиве", default=0)
    started_at = models.DateTimeField("начат")
    finished_at = models.DateTimeField("закончен", null=True)

    class Meta(Counted.Meta):
        verbose_name, verbose_name_plural = "файл реестра", "файлы реестров"
        ordering = ["-id"]
        constraints = [
            *Counted.Meta.constraints,
            models.CheckConstraint(
                condition=Q(is_archive=True) | Q(checkpoint=F("read")), name="importfile_checkpoint"
            ),
            models.CheckConstraint(condition=Q(state="failed") | Q(reason=""), name="importfile_reason"),
        ]
        indexes = [models.Index(fields=["batch", "state"], name="importfile_batch")]

    def __str__(self) -> str:
        return self.name


class ImportReject(models.Model):
    """A record that could not be taken, its file went in without it."""

    file = models.ForeignKey(ImportFile, models.CASCADE, related_name="rejects")
    seq = models.PositiveIntegerField("номер записи в файле")
    ogrn = models.CharField("ОГРН", max_length=20, blank=True, default="")
    inn = models.CharField("ИНН", max_length=20, blank=True, default="")
    name = models.CharField("название", max_length=300, blank=True, default="")
    reason = models.CharField("причина", max_length=300)

    class Meta:
        verbose_name, verbose_name_plural = "отклоненная запись", "отклоненные записи"
        ordering = ["file_id", "seq"]
        constraints = [models.UniqueConstraint(fields=["file", "seq"], name="importreject_once")]
