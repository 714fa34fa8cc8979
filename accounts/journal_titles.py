"""History of accounts and of work with clients in words."""

from core.timeline import register

register(
    {
        "account.created": "Создан аккаунт «{name}»",
        "account.renamed": "Аккаунт переименован: {name_old} → {name}",
        "account.assigned": "Сменился ответственный за аккаунт",
        "account.transferred": "Аккаунт передан вместе с карточкой клиента",
        "account.contact_added": "Добавлено контактное лицо аккаунта",
        "account.contact_removed": "Контактное лицо убрано из аккаунта",
        "member.added": "Организация добавлена в аккаунт",
        "member.removed": "Организация удалена из аккаунта: {reason}",
        "member.made_main": "Организация стала основной в аккаунте",
        "member.kpp_changed": "Изменен КПП: {kpp_old} → {kpp}",
        "member.moved_out": "Организация перемещена в аккаунт № {to}",
        "member.moved_in": "Организация перемещена из аккаунта № {from}",
        "note.added": "Заметка",
        "note.pinned": "Заметка закреплена",
        "note.unpinned": "Заметка откреплена",
        "call.logged": "Звонок",
        "next_contact.set": "Следующий контакт: {on}",
        "next_contact.removed": "Следующий контакт снят",
        "task.added": "Поставлена задача",
        "task.done": "Задача выполнена",
        "task.reopened": "Задача снова открыта",
        "task.handed_over": "Задача передана другому: {title}",
    }
)
