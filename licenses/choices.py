"""Values of the price list, licences, invoices and payments (billing 3.2–3.5)."""

from django.db import models


class ItemKind(models.TextChoices):
    TARIFF = "tariff", "Тариф"
    EXTENSION = "extension", "Расширение"
    SERVICE = "service", "Услуга"


class Limit(models.TextChoices):
    """What an item entitles to (R2.135–R2.138)."""

    USERS = "users", "Пользователи"
    SIGNATURES = "signatures", "ЭП"
    TOKENS = "tokens", "ЭП на носителе"
    CASH_DESKS = "cash_desks", "Кассы ОФД"
    ORGANISATIONS = "organisations", "Организации"
    REPORTS = "reports", "Отчеты"
    DOCUMENTS = "documents", "Документы"


class PayerKind(models.TextChoices):
    """Legal form and tax regime of the payer (decision 8)."""

    ANY = "any", "Любая форма"
    IP = "ip", "ИП"
    USN = "usn", "УСН"
    OSNO = "osno", "ОСНО"
    BUDGET = "budget", "Бюджет"


class PriceScope(models.TextChoices):
    """The most specific wins."""

    ALL = "all", "Везде"
    REGION = "region", "Регион"
    SALESPOINT = "salespoint", "Точка продаж"


class ListState(models.TextChoices):
    DRAFT = "draft", "Черновик"
    PUBLISHED = "published", "Опубликован"
    ARCHIVED = "archived", "В архиве"


class EndRule(models.TextChoices):
    KEEP_END = "keep_end", "До прежней даты"
    NEW_TERM = "new_term", "Новый период"


class NewPrice(models.TextChoices):
    REMAINING = "remaining", "За оставшиеся дни"
    FULL = "full", "Полная цена"


class Credit(models.TextChoices):
    UNUSED = "unused", "Зачесть неиспользованные дни"
    NONE = "none", "Без зачета"


class Surplus(models.TextChoices):
    BALANCE = "balance", "На баланс аккаунта"
    FORBID = "forbid", "Запретить"


class LicenseState(models.TextChoices):
    """selected → invoiced → shipped → active; expired is derived from the period."""

    SELECTED = "selected", "Не активирована"
    INVOICED = "invoiced", "Ждет оплаты"
    SHIPPED = "shipped", "Отгружена"
    ACTIVE = "active", "Действует"
    REPLACED = "replaced", "Заменена"
    CANCELLED = "cancelled", "Отменена"


PLANNED_STATES = [LicenseState.SELECTED, LicenseState.INVOICED]
LIVE_STATES = [*PLANNED_STATES, LicenseState.SHIPPED, LicenseState.ACTIVE]


class InvoiceState(models.TextChoices):
    DRAFT = "draft", "Черновик"
    ISSUED = "issued", "Выставлен"
    CANCELLED = "cancelled", "Аннулирован"


class VatKind(models.TextChoices):
    """Dated rates stand in VatRate (decision 4)."""

    STANDARD = "standard", "Основная ставка"
    REDUCED = "reduced", "10 %"
    ZERO = "zero", "0 %"
    USN_5 = "usn_5", "5 %"
    USN_7 = "usn_7", "7 %"
    EXEMPT = "exempt", "Без НДС"


class AppointmentKind(models.TextChoices):
    ENGINEER = "engineer", "Выезд инженера"
    OFFICE = "office", "Визит в офис"


class AppointmentState(models.TextChoices):
    PLANNED = "planned", "Назначен"
    DONE = "done", "Состоялся"
    MISSED = "missed", "Не состоялся"
    MOVED = "moved", "Перенесен"
    CANCELLED = "cancelled", "Отменен"


class MatchState(models.TextChoices):
    """Where the money of a payment is. The import gives the first three; `refresh_state` keeps it true afterwards."""

    MATCHED = "matched", "Разнесен"
    SUGGESTED = "suggested", "Есть предложение"
    UNMATCHED = "unmatched", "Новый"
    PARTIAL = "partial", "Разнесен частично"
    OVERPAID = "overpaid", "С переплатой"
    SKIPPED = "skipped", "Не разносится"


OPEN_MATCHES = [MatchState.SUGGESTED, MatchState.UNMATCHED, MatchState.PARTIAL]
"""Payments somebody still has to decide about."""
