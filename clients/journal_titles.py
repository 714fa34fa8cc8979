"""History of clients in words."""

from core.timeline import register

register(
    {
        "client.bound": "Закреплен за: {manager_name}. {reason}",
        "client.released": "Освобожден: {reason}",
        "client.transferred": "Передан: {manager_name}. {reason}",
        "client.declined": "Отказался: {comment}",
        "client.returned": "Возвращен в работу",
        "client.state_changed": "Сменилась категория",
        "client.merged": "Объединена с карточкой {other_name}. {reason}",
        "client.merge_undone": "Разъединена с карточкой {other_name}",
        "client.not_related": "Отмечены как не связанные: {reason}",
        "client.related_again": "Снята отметка «Не связаны»",
        "client.ceased": "Прекратила деятельность: {ceased_on}",
        "client.renamed": "Переименована в реестре: {value_old} → {value}",
        "client.moved": "Новый адрес в реестре: {value}. Прежний: {value_old}",
        "client.head_changed": "Новый руководитель: {value}. Прежний: {value_old}",
        "client.inn_changed": "Сменился ИНН: {value_old} → {value}",
        "client.region_changed": "Новый регион: {value}. Прежний: {value_old}",
        "client.register_state": "Состояние в реестре: {value}. Прежнее: {value_old}",
        "client.restored": "Деятельность возобновлена",
        "client.registered": "Зарегистрировал личный кабинет по приглашению",
        "registry.imported": "Загружен реестр",
        "contact.added": "Добавлено контактное лицо",
        "contact.changed": "Изменено контактное лицо",
        "contact.removed": "Контактное лицо убрано из карточки",
        "phone.added": "Добавлен телефон",
        "phone.marked_wrong": "Телефон отмечен неверным",
        "phone.restored": "Телефон снова верный",
        "phone.removed": "Телефон удален",
        "readiness.changed": "Отмечена готовность к подключению",
        "invitation.sent": "Отправлено приглашение: {topic_title}. {address}",
        "invitation.resent": "Приглашение отправлено снова. {address}",
        "invitation.started": "Открыл приглашение",
        "invitation.expired": "Приглашение истекло",
        "product_token.created": "Выдан ключ продукта: {title}",
        "product_token.revoked": "Отозван ключ продукта: {title}",
    }
)
