"""History of employees, sales points and applications in words."""

from core.timeline import register

register(
    {
        "employee.installed": "Заведен при установке",
        "employee.hired": "Принят в точку продаж {point}",
        "employee.changed": "Изменены данные сотрудника",
        "employee.moved": "Переведен: {point_old} → {point}",
        "employee.rights_changed": "Изменены права: {text}",
        "employee.blocked": "Доступ запрещен. {reason}",
        "employee.unblocked": "Доступ разрешен",
        "employee.password_set": "Задан новый пароль",
        "employee.password_changed": "Сменил пароль",
        "employee.session_ended": "Завершен сеанс",
        "employee.second_factor_set": "Настроил вход по коду",
        "employee.second_factor_reset": "Снят вход по коду",
        "employee.recovery_code_used": "Вошел по коду восстановления, осталось {left}",
        "employee.recovery_codes_renewed": "Новые коды восстановления",
        "employee.hand_over_started": "Передача дел: {to_name}",
        "employee.erased": "Данные сотрудника удалены по запросу",
        "person.erased": "Удалены персональные данные по запросу",
        "partner.added": "Добавлен партнер «{name}»",
        "salespoint.added": "Создана точка продаж {code} {name}",
        "salespoint.changed": "Изменена карточка точки продаж",
        "salespoint.closed": "Точка продаж закрыта с {closed_on}",
        "salespoint.reopened": "Точка продаж снова работает",
        "salespoint.hand_over_started": "Передача дел: {to_name}",
        "department.added": "Добавлен отдел «{name}»",
        "role.added": "Создана роль «{role}»",
        "role.changed": "Изменена роль «{role}»: {text}",
        "application.submitted": "Получена заявка",
        "application.repeated": "Заявка подана повторно",
        "application.taken": "Заявка взята в работу",
        "application.accepted": "Заявка принята: точка продаж {point}",
        "application.rejected": "Заявка отклонена: {answer}",
    }
)
