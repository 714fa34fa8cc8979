"""History of renewals in words."""

from core.timeline import register

register(
    {
        "outcome.set": "Итог продления: {kind_title}. {comment}",
        "outcome.withdrawn": "Отменен итог продления: {kind_title}{again}",
        "letter.changed": "Изменено письмо клиентам о продлении: {subject}",
    }
)
