"""Values of extra charges and blocks (manual ch. 4.2; billing 3.10, 3.11)."""

from django.db import models


class ChargeKind(models.TextChoices):
    REPORTS = "reports", "По отчетам"
    DOCUMENTS = "documents", "По документам"
    OTHER = "other", "Прочее"


class ChargeState(models.TextChoices):
    FORMED = "formed", "Счет не выставлен"
    INVOICED = "invoiced", "Счет выставлен"
    SETTLED = "settled", "Отгружено"
    CANCELLED = "cancelled", "Аннулировано"
    WRITTEN_OFF = "written_off", "Списано"


class BlockScope(models.TextChoices):
    PRODUCT = "product", "Продукт"
    ACCOUNT = "account", "Аккаунт"
    SENDING = "sending", "Отправка документов"
