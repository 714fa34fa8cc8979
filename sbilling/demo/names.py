"""Invented organisations and people with valid check digits. Tax office codes `NN99` do not exist, so no number is anybody's."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

SURNAMES = (
    "Травин Каверкин Киржанов Булкин Лапин Морозов Дятлов Пшеницын Ольхов Рябинин Светлов Черемухин Грачев Облепихин Клюквин "
    "Березин Ветров Заречный Калинин Лунев Маслов Новоселов Озеров Полянский Родников Садовников Тихонов Усов Фомин Хлебников "
    "Цветков Шиповников Щеглов Ясенев Боровиков Вишняков Громов Дубравин Ершов Журавлев"
).split()
MEN = "Анатолий Борис Виктор Глеб Денис Егор Захар Илья Кирилл Лев Максим Николай Олег Павел Роман Сергей Тимофей Юрий".split()
WOMEN = "Алла Вера Галина Дарья Елена Жанна Зоя Инна Ксения Лидия Марина Надежда Ольга Полина Рита Светлана Татьяна Юлия".split()
FATHERS = "Анатольев Борисов Викторов Глебов Денисов Егоров Захаров Кириллов Львов Максимов Николаев Олегов Павлов Романов Сергеев".split()
FIRST = (
    "Авто Агро Альфа Арктик Балт Вега Верес Волга Гарант Гамма Двина Дельта Зерно Импульс Истра Каскад Квант Кедр Лада Лазурь Лидер "
    "Маяк Меридиан Метеор Мир Нева Норд Оазис Омега Онега Орион Парус Пегас Полюс Причал Радуга Рассвет Регион Русич Север Сигма "
    "Сокол Старт Стрела Тверца Темп Титан Тверд Урал Факел Форум Фрегат Центр Шторм Эверест Элит Юпитер Янтарь"
).split()
SECOND = (
    "Авторемонт Бетон Груз Дом Инвест Комплект Консалт Лес Логистика Мебель Монтаж Опт Оптика Печать Плюс Поставка Проект Пром Ресурс "
    "Сервис Снаб Строй Сталь Текстиль Торг Транс Трейд Фарм Финанс Хлеб Холод Энерго Экспорт"
).split()
STREETS = "Заречная Липовая Мостовая Набережная Озерная Парковая Полевая Садовая Светлая Школьная".split()
CITIES = {
    "39": "Калининград", "76": "Ярославль", "77": "Москва", "50": "Мытищи", "25": "Владивосток", "27": "Хабаровск",
    "66": "Екатеринбург", "23": "Краснодар", "54": "Новосибирск", "78": "Санкт-Петербург",
}  # fmt: skip


def _digits(number: str, weights: tuple[int, ...]) -> str:
    return str(sum(w * int(d) for w, d in zip(weights, number, strict=True)) % 11 % 10)


def inn10(region: str, serial: int) -> str:
    """INN of a legal entity of the non-existent tax office `region`99."""
    body = f"{region}99{serial % 100_000:05d}"
    return body + _digits(body, (2, 4, 10, 3, 5, 9, 4, 6, 8))


def inn12(region: str, serial: int) -> str:
    """INN of an entrepreneur or a person."""
    body = f"{region}99{serial % 1_000_000:06d}"
    body += _digits(body, (7, 2, 4, 10, 3, 5, 9, 4, 6, 8))
    return body + _digits(body, (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8))


def ogrn13(region: str, year: int, serial: int) -> str:
    body = f"1{year % 100:02d}{region}99{serial % 100_000:05d}"
    return body + str(int(body) % 11 % 10)


def ogrnip15(region: str, year: int, serial: int) -> str:
    body = f"3{year % 100:02d}{region}99{serial % 10_000_000:07d}"
    return body + str(int(body) % 13 % 10)


@dataclass
class Inventor:
    """Names in a fixed order for a seed."""

    rng: Random
    taken: set[str] = field(default_factory=set)

    def person(self) -> tuple[str, str, str]:
        """(last, first, middle)."""
        surname = self.rng.choice(SURNAMES)
        father = self.rng.choice(FATHERS)
        if self.rng.random() < 0.5:
            return surname, self.rng.choice(MEN), father + "ич"
        feminine = surname[:-2] + "ая" if surname.endswith(("ый", "ий")) else surname + "а"
        return feminine, self.rng.choice(WOMEN), father + "на"

    def organisation(self) -> str:
        """A name nobody had yet in this run: «Парус-Логистика»."""
        while True:
            first, second = self.rng.choice(FIRST), self.rng.choice(SECOND)
            name = self.rng.choice(
                (f"{first}{second.lower()}", f"{first}-{second}", f"{first} {second}", f"{second}-{first}")
            )
            if name in self.taken:
                name = f"{name} {self.rng.randint(2, 9999)}"
            if name not in self.taken:
                self.taken.add(name)
                return name

    def phone(self) -> str:
        """+7 000 … does not exist in the numbering plan."""
        return f"+7000{self.rng.randint(1_000_000, 9_999_999)}"

    def address(self, region: str) -> str:
        city = CITIES.get(region, "")
        return (
            f"г. {city}, ул. {self.rng.choice(STREETS)}, д. {self.rng.randint(1, 120)}, офис {self.rng.randint(1, 60)}"
        )
