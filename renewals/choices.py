"""Renewal and inactivity outcomes and categories (manual ch. 3; requirements T2)."""

from django.db import models


class OutcomeKind(models.TextChoices):
    """Codes of the built-in outcomes. The operator may rename them, so a title comes from `OutcomeOption`."""

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


class Effect(models.TextChoices):
    """What an outcome does to its row: the only thing about it that `rules.category` asks for (R3.34, R3.39, R3.41)."""

    STAYS = "stays", "Ждем: остается в списке"
    POSITIVE = "positive", "Решено: уходит из списка, не потеря"
    NEGATIVE = "negative", "Отказ: сразу в «Расторгнутые»"
    INVOICED = "invoiced", "Согласие: остается в списке до отгрузки"
    MOVED = "moved", "Продлевается в другом аккаунте"
    REDUCED = "reduced", "Продлен только «Аккаунт»"


OWN_EFFECTS = frozenset({Effect.STAYS, Effect.POSITIVE, Effect.NEGATIVE})
"""Classes of an outcome that the operator adds; the others mean one built-in outcome each."""

EFFECTS: dict[str, str] = {
    **dict.fromkeys(NEGATIVE, Effect.NEGATIVE),
    **dict.fromkeys(INACTIVITY_ONLY, Effect.STAYS),
    OutcomeKind.INVOICE_ISSUED: Effect.INVOICED,
    OutcomeKind.MOVED_ACCOUNT: Effect.MOVED,
    OutcomeKind.ZERO_REPORTING: Effect.REDUCED,
}
"""{built-in code: its class}, fixed."""


class UsedFor(models.TextChoices):
    """In which work an outcome is offered (R3.34, R3.35)."""

    RENEWAL = "renewal", "Требуют продления"
    INACTIVITY = "inactivity", "Неактивные"
    BOTH = "both", "В обоих списках"


class Condition(models.TextChoices):
    """When an outcome may be chosen."""

    ALWAYS = "always", "Всегда"
    ENDED = "ended", "После окончания лицензии"
    CEASED = "ceased", "Организация ликвидирована"
    INVOICE = "invoice", "Выставлен счет на продление"
    ACCOUNT_ONLY = "account_only", "Продлен только «Аккаунт»"


class Move(models.TextChoices):
    """How «Сменили аккаунт» came (R3.31)."""

    ADDITIONAL = "additional", "Дополнительный абонент"
    GROUP = "group", "Вошли в группу компаний"


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
    SETTLED = "settled", "Решено"
    WON_BACK = "won_back", "Возвращены"


class InactivityState(models.TextChoices):
    ACTIVE = "active", "Активны"
    NEVER_USED = "never_used", "Не пользовались лицензией"
    SILENT = "silent", "Ранее использовали"
    PROCESSED = "processed", "Обработанные"
