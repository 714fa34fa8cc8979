"""«Справка»: the procedures of the manual in short, each with the page where it begins. Shown by the viewer's rights."""

from __future__ import annotations

from dataclasses import dataclass

from core.navigation import Entry, sees
from core.pages import EMPLOYEE
from partners.rights import Right


@dataclass(frozen=True)
class Topic:
    """One procedure: where it begins (`entry`) and its steps, a sentence each."""

    entry: Entry
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Chapter:
    title: str
    topics: tuple[Topic, ...]


def topic(title: str, url: str, right: str, *steps: str) -> Topic:
    return Topic(Entry(title, url, right), steps)


CHAPTERS = (
    Chapter(
        "Найти клиента",
        (
            topic(
                "Любую организацию",
                "/clients/",
                Right.CLIENT_VIEW,
                "Введите в поиск вверху ИНН, телефон, номер аккаунта или слова названия в любом порядке.",
                "Enter по точному номеру сразу открывает карточку.",
            ),
            topic(
                "Новые организации",
                "/clients/",
                Right.CLIENT_VIEW,
                "Выберите сохраненный отбор или укажите дату регистрации, регион и отрасль.",
                "Нажмите «Отобразить», отметьте строки и закрепите их за собой или за коллегой.",
            ),
            topic(
                "Приглашенных и триальных",
                "/clients/potential/invited/",
                Right.CLIENT_VIEW,
                "«Приглашены» — им отправили документы, но они еще не подключились.",
                "«Активные триальные» — пробуют сервис бесплатно. Позвоните и запишите итог разговора.",
            ),
        ),
    ),
    Chapter(
        "Продать",
        (
            topic(
                "Подключить клиента",
                "/accounts/connect/",
                Right.ACCOUNT_ADD,
                "Введите ИНН: программа скажет, найдена ли организация, закреплена ли она и есть ли у нее аккаунт.",
                "Создайте аккаунт или добавьте организацию в существующий.",
            ),
            topic(
                "Выбрать лицензии и выставить счет",
                "/accounts/",
                Right.ACCOUNT_VIEW,
                "В карточке аккаунта нажмите «Добавить тариф», выберите плательщика, период и позиции прайса, сохраните.",
                "Выставьте счет; печать и PDF — в карточке счета.",
                "После оплаты отгрузите и нажмите «Активировать».",
            ),
            topic(
                "Сменить тариф",
                "/accounts/",
                Right.ACCOUNT_VIEW,
                "В меню организации или в блоке лицензии выберите «Сменить тариф».",
                "Каждое число доплаты объяснено рядом: сколько дней осталось и сколько это стоит.",
            ),
            topic(
                "Назначить визит инженера",
                "/visits/",
                Right.ACCOUNT_VIEW,
                "Выберите день и инженера. Отгрузка готовится за три дня до визита.",
            ),
        ),
    ),
    Chapter(
        "Продлить",
        (
            topic(
                "Требуют продления",
                "/accounts/renewals/",
                Right.ACCOUNT_VIEW,
                "Список начинает с непродленных; «Ближайшие 60 дней» показывает тех, кому пора звонить заранее.",
                "Позвоните, нажмите «Продлить» или укажите итог: почему клиент не продлевает.",
                "Отрицательный итог переносит клиента в «Расторгнутые»; итог можно отозвать в истории.",
            ),
            topic(
                "Мои задачи",
                "/tasks/",
                Right.CLIENT_VIEW,
                "Звонки и напоминания на сегодня. За 60 дней до конца лицензии задача появляется сама.",
            ),
        ),
    ),
    Chapter(
        "Люди и доступ",
        (
            topic(
                "Сотрудники",
                "/partners/",
                Right.SALESPOINT_VIEW,
                "Откройте точку продаж и раздел «Сотрудники», нажмите «+ Сотрудник» и найдите человека по ФИО.",
                "Права выдаются в карточке сотрудника; выдать можно не больше, чем есть у вас.",
                "«Запрещен» сразу завершает все сеансы человека. Перед сохранением передайте его клиентов.",
            ),
        ),
    ),
    Chapter(
        "Настроить и проверить",
        (
            topic(
                "Прайс-листы",
                "/prices/lists/",
                Right.PRICE_CHANGE,
                "Создайте версию, загрузите цены из Excel, проверьте отличия и опубликуйте.",
            ),
            topic(
                "Загрузки реестров",
                "/clients/imports/",
                Right.REGISTRY_IMPORT,
                "Ход и отчет каждой загрузки; отклоненные записи — с причиной. Число в меню — тревоги: пропущенные дни, устаревшие файлы.",
            ),
            topic(
                "Настройки вида",
                "/profile/",
                EMPLOYEE,
                "Высота строк и горячие клавиши. Тема переключается кнопкой с луной в шапке.",
            ),
        ),
    ),
)


def chapters_for(employee) -> list[Chapter]:
    """What this person may open; chapters with nothing for him are left out."""
    shown = [Chapter(c.title, tuple(t for t in c.topics if sees(employee, t.entry))) for c in CHAPTERS]
    return [chapter for chapter in shown if chapter.topics]
