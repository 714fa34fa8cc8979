"""Values of client columns (manual ch. 2.1, requirements T2)."""

from django.db import models


class Kind(models.TextChoices):
    LEGAL = "legal", "ЮЛ"
    ENTREPRENEUR = "entrepreneur", "ИП"
    PERSON = "person", "ФЛ"


class ProspectState(models.TextChoices):
    """Decision 18; potential = all but connected."""

    NONE = "none", "Не приглашали"
    INVITED = "invited", "Приглашены"
    DECLINED = "declined", "Отказались"
    LOST = "lost", "Потерянные"
    TRIAL = "trial", "Активные триальные"
    CONNECTED = "connected", "Подключены"
    MERGED = "merged", "Объединены"
    """An emptied card that leads to its twin (rule C6): in no list."""


CATEGORIES = [choice for choice in ProspectState.choices if choice[0] != ProspectState.MERGED]
"""What lists can be filtered by."""


class LostReason(models.TextChoices):
    """R2.4."""

    NONE = "", "—"
    REFUSED = "refused", "Отказались работать"
    INACTIVE = "inactive", "Более квартала без документов и отчетов"
    REMOVED = "removed", "Удалены из аккаунта"


class DeclineReason(models.TextChoices):
    """Why a prospect refused; a comment is asked for as well (R2.3)."""

    NONE = "", "—"
    NO_NEED = "no_need", "Не нужно"
    COMPETITOR = "competitor", "Работают с другой системой"
    PRICE = "price", "Дорого"
    PAPER = "paper", "Остаются на бумаге"
    CLOSING = "closing", "Закрываются"
    OTHER = "other", "Другое"


class TrialReason(models.TextChoices):
    """Where the licence is missing (R2.5)."""

    NONE = "", "—"
    ACCOUNT = "account", "Нет лицензии в аккаунте"
    CLIENT = "client", "Лицензия не распределена контрагенту"


class WorkState(models.TextChoices):
    """How far the manager is with a prospect (R2.53)."""

    NEW = "new", "Не работали"
    CONTACTED = "contacted", "Связались"
    AGREED = "agreed", "Согласие получено"
    REGISTERING = "registering", "Регистрируется"
    CONNECTED = "connected", "Подключен"
    REFUSED = "refused", "Отказался"


class InvitationTopic(models.TextChoices):
    EDO = "edo", "ЭДО"
    VAT = "vat", "Сверка НДС"


class InvitationState(models.TextChoices):
    """R2.37. The first three are open."""

    NOT_WORKED = "not_worked", "Не работал"
    INVITED = "invited", "Приглашен"
    STARTED = "started", "Начал регистрацию"
    CONNECTED = "connected", "Подключился"
    DECLINED = "declined", "Отказался"
    EXPIRED = "expired", "Истекло"


COUNTED_INVITATIONS = ["not_worked", "invited", "started", "connected", "declined"]
"""«Всего» of «Приглашены / Распределение» (R2.31): expired ones have left it."""

OPEN_INVITATIONS = [InvitationState.NOT_WORKED, InvitationState.INVITED, InvitationState.STARTED]


class PersonRole(models.TextChoices):
    """R2.45; accountants are called first."""

    ACCOUNTANT = "accountant", "Главный бухгалтер"
    DEPUTY = "deputy", "Зам. главного бухгалтера"
    DIRECTOR = "director", "Директор"
    REGISTERS = "registers", "Ответственный за регистрацию"
    OTHER = "other", "Другое"


class SignalKind(models.TextChoices):
    """What two cards may share (rule C6)."""

    INN = "inn", "ИНН"
    DIRECTOR_INN = "director_inn", "Руководитель"
    FOUNDER = "founder", "Учредитель"
    PHONE = "phone", "Телефон"
    EMAIL = "email", "Email"
    DOMAIN = "domain", "Домен почты"
    ADDRESS = "address", "Адрес с помещением"
    HOUSE = "house", "Адрес дома"
    DIRECTOR_NAME = "director_name", "ФИО руководителя"
    SUCCESSION = "succession", "Правопреемство"
    ACCOUNT = "account", "Аккаунт"
    MANUAL = "manual", "Связаны вручную"


class SmallBusiness(models.TextChoices):
    """Category of the register of small business (`ClientDetails.msp_category`)."""

    MICRO = "micro", "Микропредприятие"
    SMALL = "small", "Малое предприятие"
    MEDIUM = "medium", "Среднее предприятие"


class Check(models.TextChoices):
    """An answer of the connection checklist (R2.54–R2.55)."""

    UNKNOWN = "", "Не выяснили"
    YES = "yes", "Да"
    NO = "no", "Нет"
