"""What a person reads when a constraint of charges and blocks refuses a step. New constraints get their sentence here."""

from core.constraint_messages import register

register(
    {
        "charge_once": "Такое начисление за этот месяц уже есть. Обновите страницу.",
        "charge_amount": "Сумма начисления должна быть больше нуля, количество: от 1. Исправьте их.",
        "charge_refusal_reason": "Укажите, почему клиент отказался.",
        "charge_settled_on": "Начисление погашается только отгрузкой. Отгрузите счет.",
        "charge_not_both": "Начисление уже погашено или отклонено. Обновите страницу.",
        "block_once": "Эта блокировка уже стоит. Обновите страницу.",
        "block_product": "Блокировка продукта должна называть продукт. Обновите страницу.",
    }
)
