"""History of what core itself records, in words."""

from core.timeline import register

register(
    {
        "clock.confirmed": "Подтверждены часы сервера",
        "reference.added": "Добавлен в справочник: {name}",
        "reference.changed": "Изменен в справочнике: {fields}",
        "reference.deleted": "Удален из справочника: {name}",
    }
)
