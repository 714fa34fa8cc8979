"""What a person reads when a constraint of users, activity and limits refuses a step. New constraints get their sentence here."""

from core.constraint_messages import register

register(
    {
        "product_user_once": "Этот пользователь у аккаунта уже есть. Обновите страницу.",
        "account_product_once": "Этот продукт у аккаунта уже учтен. Обновите страницу.",
        "rollup_once": "Итоги за этот период уже посчитаны. Обновите страницу.",
        "limit_used_once": "Этот лимит у аккаунта уже учтен. Обновите страницу.",
    }
)
