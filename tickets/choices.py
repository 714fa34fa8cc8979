"""Values of tickets (manual ch. 5; rules C2, C3)."""

from django.db import models


class TicketState(models.TextChoices):
    DRAFT = "draft", "Черновик"
    QUEUED = "queued", "На отделе"
    ASSIGNED = "assigned", "На исполнении"
    REVIEW = "review", "На проверке"
    WAITING = "waiting", "Ожидает клиента"
    RESOLVED = "resolved", "Решено"
    MERGED = "merged", "Объединено"
    CANCELLED = "cancelled", "Отменено"


UNRESOLVED = [TicketState.QUEUED, TicketState.ASSIGNED, TicketState.REVIEW, TicketState.WAITING]


class Topic(models.TextChoices):
    TECHNICAL = "technical", "Технические вопросы"
    ORGANISATIONAL = "organisational", "Организационные вопросы"


class MessageKind(models.TextChoices):
    DESCRIPTION = "description", "Описание"
    STAGE = "stage", "Этап"
    TO_CLIENT = "to_client", "Клиенту"
    FROM_CLIENT = "from_client", "От клиента"
    INTERNAL = "internal", "Внутреннее"


class Priority(models.TextChoices):
    CRITICAL = "critical", "Критический"
    HIGH = "high", "Высокий"
    STANDARD = "standard", "Стандартный"
    LOW = "low", "Низкий"


class ClockKind(models.TextChoices):
    CALENDAR = "calendar", "Астрономические часы"
    WORKING = "working", "Рабочие часы"
