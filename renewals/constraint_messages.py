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
        "outcome_option_title": "Напишите название итога.",
        "outcome_option_comment": "У отказа всегда нужен комментарий: отметьте «Нужен комментарий».",
        "outcome_option_own": "Этот класс есть только у встроенных итогов. Выберите другой.",
        "outcome_option_invoiced": "Этот итог ставит программа вместе со счетом: выключить его нельзя.",
        "outcome_option_inactivity": "Этот итог только для списка «Неактивные».",
        "outcome_option_built_in": "Это встроенный итог: его можно переименовать, переставить или выключить, но не удалить и не изменить смысл.",
        "outcome_option_used": "Этот итог уже указывали: что он делает, менять нельзя. Выключите его и добавьте новый.",
        "renewals_outcomeextract_append_only": "Приложенная выписка не меняется.",
        "inactivity_one_open": "Итог по этому продукту уже указан. Сначала отмените прежний.",
        "inactivity_negative_comment": "Напишите, почему клиент не пользуется: не меньше 10 знаков.",
        "inactivity_once": "Этот продукт аккаунта уже в списке «Неактивные». Обновите страницу.",
        "renewals_outcome_append_only": "Указанный итог не меняется. Отмените его и укажите новый.",
        "renewals_inactivityoutcome_append_only": "Указанный итог не меняется. Отмените его и укажите новый.",
    }
)
