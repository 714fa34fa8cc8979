"""Values of account columns."""

from django.db import models


class Source(models.TextChoices):
    MANAGER = "manager", "Создал менеджер"
    SELF = "self", "Самостоятельная регистрация"


class TaskKind(models.TextChoices):
    """Why a task exists; generated ones carry a key so that a second run creates nothing."""

    CALL = "call", "Позвонить"
    RENEWAL_CALL = "renewal_call", "Позвонить о продлении"
    RENEWAL_LATE = "renewal_late", "Продление: нет контакта"
    PRESENT = "present", "Презентация продукта"
    TO_PAID = "to_paid", "Перевести на платный тариф"
    DISTRIBUTE = "distribute", "Распределить тарифы"
    PAYMENT = "payment", "Поступила оплата"
    NEW_DATE = "new_date", "Согласовать новую дату визита"
    CANCEL_SHIPMENT = "cancel_shipment", "Отменить отгрузку"
    REVIEW = "review", "Проверить"
    OTHER = "other", "Задача"


class CallResult(models.TextChoices):
    TALKED = "talked", "Поговорили"
    AGREED = "agreed", "Согласие получено"
    CALL_BACK = "call_back", "Просили перезвонить"
    NO_ANSWER = "no_answer", "Не дозвонились"
    WRONG_NUMBER = "wrong_number", "Номер неверный"
    REFUSED = "refused", "Отказались"
