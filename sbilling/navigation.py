"""The tree of the manual (RX.1) and what stands in the header. Counters are filled in by the apps' selectors."""

from accounts.work.counters import due_tasks
from clients.selectors.counters import invited
from clients.selectors.registry import gaps_count
from core.navigation import Entry
from partners.rights import Right
from renewals.selectors.counters import due_count

TREE = (
    Entry("Мои задачи", "/tasks/", Right.CLIENT_VIEW, "list-check", counter=due_tasks, hot=True),
    Entry("Мы и партнеры", "/partners/", Right.SALESPOINT_VIEW, "affiliate", also=("/employees/",)),
    Entry(
        "Все клиенты",
        "/clients/",
        Right.CLIENT_VIEW,
        "address-book",
        go="KeyC",
        children=(
            Entry(
                "Потенциальные клиенты",
                "/clients/potential/",
                Right.CLIENT_VIEW,
                children=(
                    Entry("Приглашены", "/clients/potential/invited/", Right.CLIENT_VIEW, counter=invited),
                    Entry("Отказались", "/clients/potential/declined/", Right.CLIENT_VIEW),
                    Entry("Потерянные", "/clients/potential/lost/", Right.CLIENT_VIEW),
                    Entry("Активные триальные", "/clients/potential/trial/", Right.CLIENT_VIEW),
                ),
            ),
        ),
    ),
    Entry(
        "Аккаунты",
        "/accounts/",
        Right.ACCOUNT_VIEW,
        "wallet",
        go="KeyA",
        children=(
            Entry(
                "Платные",
                "/accounts/paid/",
                Right.ACCOUNT_VIEW,
                children=(
                    Entry("Неактивные", "/accounts/paid/inactive/", Right.ACCOUNT_VIEW),
                    Entry("Статистика", "/accounts/paid/statistics/", Right.STATS_SALES),
                ),
            ),
            Entry("Триальные", "/accounts/trial/", Right.ACCOUNT_VIEW),
            Entry("Требуют продления", "/accounts/renewals/", Right.ACCOUNT_VIEW, counter=due_count),
            Entry("Доп. начисления", "/accounts/charges/", Right.CHARGE_VIEW, hot=True),
            Entry("Акционные", "/accounts/promo/", Right.ACCOUNT_VIEW),
            Entry("Не принимают документы", "/accounts/not-receiving/", Right.ACCOUNT_VIEW),
            Entry("Статистика", "/accounts/statistics/", Right.STATS_USAGE),
        ),
    ),
    Entry(
        "Пользователи",
        "/users/",
        Right.USAGE_VIEW,
        "users",
        go="KeyU",
        children=(Entry("Статистика", "/users/statistics/", Right.STATS_USAGE),),
    ),
    Entry(
        "Обращения",
        "/tickets/",
        Right.TICKET_VIEW,
        "headset",
        go="KeyT",
        children=(
            Entry("На мне", "/tickets/on-me/", Right.TICKET_VIEW, hot=True),
            Entry("На отделе", "/tickets/on-unit/", Right.TICKET_VIEW),
            Entry("От меня", "/tickets/from-me/", Right.TICKET_VIEW),
        ),
    ),
)

FOOT = (
    Entry("Календарь визитов", "/visits/", Right.ACCOUNT_VIEW, "calendar-event"),
    Entry("Платежи", "/payments/", Right.PAYMENT_REGISTER, "receipt"),
    Entry("Прайс-листы", "/prices/lists/", Right.PRICE_CHANGE, "tag"),
    Entry("Обмен", "/exchange/", Right.JOBS_VIEW, "arrows-exchange"),
    Entry("Загрузки реестров", "/clients/imports/", Right.REGISTRY_IMPORT, "file-import", counter=gaps_count, hot=True),
    Entry("Администрирование", "/admin/", Right.ADMIN, "settings"),
    Entry("Справка", "/help/", icon="help"),
)

CONNECT = Entry("Подключить клиента", "/accounts/connect/", Right.ACCOUNT_ADD, "plus")
"""The button of the header (R2.65)."""


def badges(employee) -> dict[str, int]:
    """Unresolved tickets: {"on_me": 5, "on_unit": 12}; nothing as long as tickets have no pages."""
    return {}
