"""Which rights exist, how far a right reaches, and what the built-in roles hold (requirements T1)."""

from django.db import models


class Right(models.TextChoices):
    """Single permissions; the value is stored in grants."""

    SALESPOINT_VIEW = "salespoints.view", "Смотреть точки продаж"
    SALESPOINT_CHANGE = "salespoints.change", "Изменять карточку точки продаж"
    EMPLOYEE_VIEW = "employees.view", "Смотреть сотрудников"
    EMPLOYEE_ADD = "employees.add", "Добавлять сотрудников"
    EMPLOYEE_GRANT = "employees.grant", "Настраивать права сотрудников"
    EMPLOYEE_BLOCK = "employees.block", "Блокировать сотрудников"
    APPLICATION_PROCESS = "applications.process", "Обрабатывать заявки партнеров"
    DICTIONARY_CHANGE = "dictionaries.change", "Изменять справочники"
    PRICE_CHANGE = "prices.change", "Изменять прайс-листы"
    REGISTRY_IMPORT = "registry.import", "Загружать реестры"
    JOBS_VIEW = "jobs.view", "Смотреть все фоновые задачи"
    JOURNAL_VIEW = "journal.view", "Смотреть журнал"
    ADMIN = "admin.enter", "Входить в администрирование"
    EXPORT = "exports.make", "Выгружать в Excel"
    CLIENT_VIEW = "clients.view", "Смотреть контакты и заметки клиентов"
    CLIENT_CHANGE = "clients.change", "Изменять карточку клиента"
    CLIENT_CLAIM = "clients.claim", "Закреплять клиентов за собой"
    CLIENT_BIND_OTHERS = "clients.bind_others", "Закреплять свободных клиентов за коллегами"
    CLIENT_REBIND = "clients.rebind", "Перезакреплять и откреплять клиентов"
    CLIENT_MERGE = "clients.merge", "Объединять дубли карточек"
    ACCOUNT_VIEW = "accounts.view", "Смотреть аккаунты"
    ACCOUNT_ADD = "accounts.add", "Подключать клиентов"
    ACCOUNT_CHANGE = "accounts.change", "Изменять аккаунты"
    LICENSE_CHOOSE = "licenses.choose", "Выбирать лицензии, продлевать, менять тариф"
    LICENSE_ACTIVATE = "licenses.activate", "Активировать лицензии"
    INVOICE_ISSUE = "invoices.issue", "Выставлять счета"
    INVOICE_SHIP = "invoices.ship", "Отгружать счета"
    INVOICE_SHIP_UNPAID = "invoices.ship_unpaid", "Отгружать в долг"
    SHIPMENT_CANCEL = "shipments.cancel", "Отменять отгрузку"
    PAYMENT_REGISTER = "payments.register", "Принимать и разносить оплаты"
    BALANCE_CREDIT = "balance.credit", "Зачислять остаток на баланс аккаунта"
    OUTCOME_SET = "outcomes.set", "Указывать итог"
    CHARGE_VIEW = "charges.view", "Смотреть доп. начисления"
    CHARGE_CHANGE = "charges.change", "Выставлять и отклонять доп. начисления"
    USAGE_VIEW = "usage.view", "Смотреть пользователей и активность"
    STATS_SALES = "stats.sales", "Статистика продаж"
    STATS_USAGE = "stats.usage", "Статистика использования"
    TICKET_VIEW = "tickets.view", "Смотреть обращения"
    TICKET_CREATE = "tickets.create", "Создавать обращения"
    TICKET_PROCESS = "tickets.process", "Обрабатывать обращения"
    TICKET_SUPERVISE = "tickets.supervise", "Менять контракт, клиента, возобновлять обращения"
    TICKET_INTERNAL = "tickets.internal", "Читать внутреннюю переписку"


class Scope(models.TextChoices):
    """How far a right reaches, from narrow to wide."""

    OWN = "own", "Свои"
    DEPARTMENT = "department", "Отдел"
    SALESPOINT = "salespoint", "Точка продаж"
    REGION = "region", "Регион"
    ALL = "all", "Все"

    @property
    def width(self) -> int:
        return list(Scope).index(self)

    def covers(self, other: "Scope | str") -> bool:
        """True when a grant of `self` includes everything a grant of `other` gives."""
        return self.width >= Scope(other).width


OWN, D, S, A = Scope.OWN, Scope.DEPARTMENT, Scope.SALESPOINT, Scope.ALL
R = Right

_EVERYONE = {R.SALESPOINT_VIEW: S, R.EMPLOYEE_VIEW: S, R.TICKET_CREATE: S}
_MANAGER = _EVERYONE | {
    R.CLIENT_VIEW: S, R.CLIENT_CHANGE: OWN, R.CLIENT_CLAIM: S, R.CLIENT_BIND_OTHERS: S,
    R.ACCOUNT_VIEW: S, R.ACCOUNT_ADD: S, R.ACCOUNT_CHANGE: OWN, R.LICENSE_CHOOSE: OWN, R.LICENSE_ACTIVATE: OWN,
    R.INVOICE_ISSUE: OWN, R.INVOICE_SHIP: OWN, R.PAYMENT_REGISTER: OWN, R.OUTCOME_SET: OWN, R.CHARGE_VIEW: S, R.CHARGE_CHANGE: OWN,
    R.USAGE_VIEW: S, R.STATS_SALES: OWN, R.TICKET_VIEW: S, R.TICKET_PROCESS: OWN, R.TICKET_INTERNAL: OWN,
}  # fmt: skip
_HEAD = dict.fromkeys(_MANAGER, S) | {
    R.EMPLOYEE_ADD: S, R.EMPLOYEE_GRANT: S, R.EMPLOYEE_BLOCK: S, R.EXPORT: S, R.CLIENT_REBIND: S, R.CLIENT_MERGE: S,
    R.INVOICE_SHIP_UNPAID: S, R.SHIPMENT_CANCEL: S, R.BALANCE_CREDIT: S, R.STATS_USAGE: S, R.TICKET_SUPERVISE: S,
    R.JOURNAL_VIEW: S,
}  # fmt: skip

ROLES: dict[str, tuple[str, dict[Right, Scope]]] = {
    "employee": ("Сотрудник", _EVERYONE),
    "manager": ("Менеджер", _MANAGER),
    "support": ("Поддержка", _EVERYONE | {
        R.CLIENT_VIEW: S, R.ACCOUNT_VIEW: S, R.USAGE_VIEW: S, R.TICKET_VIEW: S, R.TICKET_PROCESS: D, R.TICKET_INTERNAL: D}),
    "head": ("Руководитель", _HEAD),
    "renewals": ("Центр продлений", _EVERYONE | {
        R.CLIENT_VIEW: A, R.CLIENT_CLAIM: S, R.ACCOUNT_VIEW: A, R.LICENSE_CHOOSE: A, R.INVOICE_ISSUE: A, R.OUTCOME_SET: A,
        R.USAGE_VIEW: A, R.STATS_USAGE: A, R.TICKET_VIEW: S, R.TICKET_PROCESS: OWN, R.TICKET_INTERNAL: S}),
    "engineer": ("Инженер", _EVERYONE | {
        R.CLIENT_VIEW: OWN, R.ACCOUNT_VIEW: OWN, R.TICKET_VIEW: OWN, R.TICKET_PROCESS: OWN, R.TICKET_INTERNAL: OWN}),
    "operator": ("Оператор", {right: A for right in Right if right != Right.TICKET_INTERNAL}),
}  # fmt: skip
"""Built-in roles: code → (title, {right: scope}). Stored as Role/RoleRight rows by migration; operators may edit them."""

NEEDS_SECOND_FACTOR = frozenset({Right.EMPLOYEE_GRANT, Right.ADMIN, Right.EXPORT, Right.SALESPOINT_CHANGE})

POWER = frozenset(
    {
        Right.EMPLOYEE_ADD, Right.EMPLOYEE_GRANT, Right.EMPLOYEE_BLOCK, Right.SALESPOINT_CHANGE, Right.APPLICATION_PROCESS,
        Right.DICTIONARY_CHANGE, Right.PRICE_CHANGE, Right.REGISTRY_IMPORT, Right.ADMIN,
    }
)  # fmt: skip
"""Rights over people and the program: whoever lacks one of them does not block or reset its holder."""

LENT = frozenset({Right.TICKET_INTERNAL})
"""The operator staffs the network with rights that he does not use himself (T1: internal messages «by grant»)."""

MODULES: tuple[tuple[str, tuple[Right, ...]], ...] = tuple(
    (title, tuple(right for right in Right if right.value.partition(".")[0] in prefixes))
    for title, prefixes in (
        ("Мы и партнеры", ("salespoints", "employees", "applications", "journal")),
        ("Клиенты", ("clients",)),
        ("Аккаунты и лицензии", ("accounts", "licenses", "invoices", "shipments", "payments", "balance")),
        ("Продления и начисления", ("outcomes", "charges")),
        ("Пользователи и статистика", ("usage", "stats", "exports")),
        ("Обращения", ("tickets",)),
        ("Справочники и система", ("dictionaries", "prices", "registry", "jobs", "admin")),
    )
)
"""Rights as the access page groups them; a test sees that none is left out."""
