"""Is the client ready to be connected: the checklist of R2.53–R2.57. A hint, never a hard block."""

from django.db import models

from clients.choices import Check


class ConnectionCheck(models.Model):
    """One row per client, made by the first answer."""

    client = models.OneToOneField("clients.Client", models.PROTECT, primary_key=True, related_name="readiness")
    workplace = models.CharField(
        "рабочее место соответствует требованиям", max_length=3, choices=Check, blank=True, default=""
    )
    workplace_note = models.CharField("что не так", max_length=300, blank=True, default="")
    signature = models.CharField(
        "электронная подпись на руководителя", max_length=3, choices=Check, blank=True, default=""
    )
    signature_until = models.DateField("действует до", null=True, blank=True)
    crypto = models.CharField("СКЗИ установлена", max_length=3, choices=Check, blank=True, default="")
    documents = models.CharField(
        "показали, как открыть документы и ответить", max_length=3, choices=Check, blank=True, default=""
    )
    vat = models.CharField(
        "загрузили декларацию НДС и запустили сверку", max_length=3, choices=Check, blank=True, default=""
    )
    skipped = models.CharField("пропущено, потому что", max_length=300, blank=True, default="")
    by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name, verbose_name_plural = "готовность к подключению", "готовность к подключению"
