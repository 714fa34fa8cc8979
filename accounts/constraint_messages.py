"""What a person reads when a constraint of accounts and their members refuses a step. New constraints get their sentence here."""

from core.constraint_messages import register

register(
    {
        "account_number": "Номер аккаунта: семь цифр, первая не ноль. Проверьте номер.",
        "account_name": "Название аккаунта: не меньше двух знаков. Дополните его.",
        "member_once": "Эта организация уже состоит в аккаунте. Обновите страницу.",
        "member_one_main": "Главная организация у аккаунта уже есть. Сначала снимите отметку с нее.",
        "member_left_after_join": "Организация не может выйти из аккаунта раньше, чем вошла. Исправьте дату.",
        "member_kpp": "КПП: 9 знаков, например 390601001. Проверьте номер.",
        "account_contact_once": "Этот человек уже указан в контактах аккаунта. Измените его запись.",
        "next_contact_once": "Следующий контакт по этой теме уже назначен. Измените его дату.",
    }
)
