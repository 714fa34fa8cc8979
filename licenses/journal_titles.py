"""History of selling in words."""

from core.timeline import register

register(
    {
        "licenses.chosen": "Выбраны тарифы в прайсе",
        "license.changed": "Изменена выбранная позиция: количество {quantity_old} → {quantity}",
        "license.dropped": "Убрана выбранная позиция: {item}",
        "license.activated": "Активирована лицензия {item} до {until}",
        "license.allocated": "Лицензия {item} распределена между организациями",
        "license.freed": "Лицензии организации освобождены",
        "tariff.change_planned": "Смена тарифа: {old} → {new}, к оплате {due} ₽",
        "invoice.issued": "Выставлен счет № {number} на {total} ₽",
        "invoice.cancelled": "Аннулирован счет № {number}: {reason}",
        "invoice.shipped": "Отгружен счет № {number} на {total} ₽",
        "shipment.cancelled": "Отменена отгрузка счета № {number}: {reason}",
        "payment.allocated": "Принята оплата {amount} ₽",
        "payment.undone": "Оплата {amount} ₽ снята со счета",
        "visit.planned": "Назначен визит: {kind}, {on}",
        "visit.moved": "Визит перенесен: {kind}, {on}",
        "visit.cancelled": "Визит {on} отменен: {reason}",
        "visit.done": "Визит {on} состоялся",
        "visit.missed": "Визит {on} не состоялся",
        "visit.handed_over": "Визит {on} передан инженеру: {engineer}",
        "certificate.added": "Добавлен сертификат подписи до {until}",
        "certificate.renewed": "Продлен сертификат подписи до {until}",
        "certificate.revoked": "Отозван сертификат подписи",
        "workplace.added": "Добавлено рабочее место «{title}»",
        "workplace.removed": "Убрано рабочее место «{title}»",
        "price_list.created": "Создан прайс-лист «{title}»",
        "price_list.imported": "Загружены цены: новых {added}, изменено {changed}, убрано {gone}",
        "price_list.published": "Опубликован прайс-лист, цен: {prices}",
        "price_list.archived": "Прайс-лист «{title}» в архиве",
        "price.added": "Добавлена цена",
        "price.changed": "Изменена цена: {amount_old} → {amount}",
        "price.removed": "Убрана цена",
        "promo.created": "Создана акция {code}",
        "promo.changed": "Изменена акция {code}",
    }
)
