"""What a person reads when a constraint of facts refuses a step. New constraints get their sentence here."""

from core.constraint_messages import register

register(
    {
        "sales_fact_once": "Эта отгрузка в статистике уже учтена. Обновите страницу.",
        "sales_fact_sign": "Продажа не может быть отрицательной. Пересчитайте статистику.",
        "closed_month_once": "Этот месяц уже закрыт. Обновите страницу.",
    }
)
