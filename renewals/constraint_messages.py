"""What a person reads when a constraint of outcomes refuses a step. New constraints get their sentence here."""

from core.constraint_messages import register

register(
    {
        "letter_days": "Дней до окончания — от 60 до −90 (после окончания).",
        "outcome_one_open": "Итог по этому сроку уже указан. Сначала отмените прежний.",
        "outcome_not_inactivity": "Этот итог указывают только в списке «Неактивные». Выберите другой.",
        "outcome_negative_comment": "Напишите, почему клиент не продлевает: не меньше 10 знаков.",
        "outcome_left_evidence": "Укажите, к какому конкуренту ушел клиент и почему.",
        "outcome_moved_target": "Укажите аккаунт, в который перешел клиент.",
        "inactivity_one_open": "Итог по этому продукту уже указан. Сначала отмените прежний.",
        "inactivity_negative_comment": "Напишите, почему клиент не пользуется: не меньше 10 знаков.",
        "inactivity_once": "Этот продукт аккаунта уже в списке «Неактивные». Обновите страницу.",
        "renewals_outcome_append_only": "Указанный итог не меняется. Отмените его и укажите новый.",
        "renewals_inactivityoutcome_append_only": "Указанный итог не меняется. Отмените его и укажите новый.",
    }
)
