"""Renewal and inactivity outcomes and categories (manual ch. 3; requirements T2)."""

from django.db import models


class OutcomeKind(models.TextChoices):
    INVOICE_ISSUED = "invoice_issued", "Выставлен счет"
    WRONG_CONTACTS = "wrong_contacts", "Неверные контактные данные"
    NOT_USING = "not_using", "Не используют"
    NOT_EXISTING = "not_existing", "Не существует"
    LIQUIDATING = "liquidating", "Ликвидируются"
    MOVED_ACCOUNT = "moved_account", "Сменили аккаунт"
    LEFT_US = "left_us", "Ушли от нас"
    ZERO_REPORTING = "zero_reporting", "Нулевка"
    READY_TO_RETURN = "ready_to_return", "Готовы вернуться"
    USING_WITHOUT_CABINET = "using_without_cabinet", "Используют без входа в ЛК"


NEGATIVE = frozenset({"wrong_contacts", "not_using", "not_existing", "liquidating", "left_us"})
INACTIVITY_ONLY = frozenset({"ready_to_return", "using_without_cabinet"})


class Category(models.TextChoices):
    """Where a term stands; the value of `renewals.rules.category`."""

    NOT_DUE = "not_due", "Рано"
    REQUIRES = "requires", "Требуют продления"
    RENEWED = "renewed", "Продлены"
    RENEWED_LATE = "renewed_late", "Продлены с опозданием"
    NOT_RENEWED = "not_renewed", "Непродленные"
    TERMINATED = "terminated", "Расторгнутые"
    TRANSFERRED = "transferred", "Перешли в другой аккаунт"
    REDUCED = "reduced", "Нулевка"
    WON_BACK = "won_back", "Возвращены"


class InactivityState(models.TextChoices):
    ACTIVE = "active", "Активны"
    NEVER_USED = "never_used", "Не пользовались лицензией"
    SILENT = "silent", "Ранее использовали"
    PROCESSED = "processed", "Обработанные"
