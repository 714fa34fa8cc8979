"""What is opened, as whom, and which baseline it stands against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlencode

from django.db import connection

from core import keyset


@dataclass(frozen=True)
class Case:
    """`urls`: asked in turn, a round each, so that a page is not always the same one. `against`: the baseline's name."""

    name: str
    who: str
    urls: tuple[str, ...]
    against: str = ""
    is_baseline: bool = False
    is_list: bool = False
    is_word: bool = False  # a list narrowed by a word: the goal of a search by name, not that of a list
    heavy: bool = False  # measured a few times only

    @property
    def is_costly(self) -> bool:
        """Left out where the machine has no time for it: Excel and every baseline but the floors."""
        return self.heavy or (self.is_baseline and not self.name.startswith("floor"))


class Facts:
    """Real values to ask for, read from the generated data."""

    def __init__(self, on: date) -> None:
        self.on = on
        self.home = self._one("SELECT salespoint_id FROM partners_employee WHERE login = 'manager'")
        self.region = self._one("SELECT region_id FROM partners_salespoint WHERE id = %s", self.home)
        self.big_region = self._one(
            "SELECT region_code FROM clients_distributioncell GROUP BY 1 ORDER BY sum(clients) DESC LIMIT 1"
        )
        self.total = self._one("SELECT sum(clients)::bigint FROM clients_distributioncell")
        self.sample = self._rows(
            "SELECT inn, phone_tail, main_account_number, id, name_norm FROM clients_client"
            " WHERE salespoint_id = %s AND kind = 'legal' AND has_phone AND main_account_number IS NOT NULL ORDER BY id LIMIT 40",
            self.home,
        )[::5]
        self.others = self._rows(
            "SELECT name_norm FROM clients_client WHERE id > %s AND kind = 'entrepreneur' ORDER BY id LIMIT 8",
            self.total // 2,
        )

    def _one(self, sql: str, *values):
        return self._rows(sql, *values)[0][0]

    def _rows(self, sql: str, *values) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()

    def deep(self, order: str, back: int, where: str = "prospect_state <> 'merged'") -> str:
        """A keyset token of the row `back` rows from the beginning of an order."""
        row = self._rows(
            f"SELECT {order}, id FROM clients_client WHERE {where} ORDER BY {order} DESC, id DESC OFFSET %s LIMIT 1",
            back,
        )
        return keyset.pack(row[0], back + 1)

    def rare_words(self) -> list[str]:
        """Words that stand in few names."""
        return [
            r[0]
            for r in self._rows(
                "SELECT word FROM clients_nameword WHERE length(word) BETWEEN 9 AND 11 ORDER BY md5(word) LIMIT 8"
            )
        ]

    def most_rows(self, low: int, high: int) -> tuple[str, int]:
        """The widest filter of the operator that an Excel of one file may hold, and its rows."""
        found = ("", 0)
        for more, params in (("true", ""), ("has_phone", "&phone=1"), ("has_phone AND is_new", "&phone=1&reg=new")):
            for region, n in self._rows(
                f"SELECT region_code, sum(clients)::int FROM clients_distributioncell WHERE {more} GROUP BY 1"
            ):
                if low <= n <= high and n > found[1]:
                    found = (f"region={region}{params}", n)
        return found


def cases(facts: Facts) -> list[Case]:
    return [*lists(facts), *spreads(facts), *searches(facts), *cards(facts), *accounts(facts), *baselines(facts)]


def lists(facts: Facts) -> list[Case]:
    far = min(500_000, facts.total // 2)
    deep = facts.deep("registered_on", far)
    free = f"reg=new&phone=1&resp=none&region={facts.region}"

    def one(name: str, who: str, url: str, against: str = "", *, is_word: bool = False) -> Case:
        return Case(name, who, (url,), against, is_list=True, is_word=is_word)

    return [
        one("Все клиенты: моя точка", "manager", "/clients/?resp=point", "typical: point"),
        one("Все клиенты: мои", "manager", "/clients/?resp=me"),
        one("Новые с телефоном, без партнера, мой регион", "manager", f"/clients/?{free}", "typical: new"),
        one("Новые с телефоном, без менеджера", "manager", "/clients/?reg=new&phone=1&resp=free"),
        one("ЮЛ, ведут деятельность, моя точка, с телефоном", "manager", "/clients/?resp=point&kind=legal&life=1&phone=1"),
        one("Следующий контакт просрочен, моя точка", "manager", "/clients/?resp=point&contact=overdue"),
        one("Моя точка, сортировка по названию", "manager", "/clients/?resp=point&sort=name"),
        one("Моя точка, название содержит", "manager", "/clients/?resp=point&q=%D1%81%D0%B5%D1%80%D0%B2%D0%B8%D1%81", is_word=True),
        one("Точка и пул региона вместе", "manager", "/clients/?all=1"),
        one("Точка и пул, по названию, страница 40", "manager", "/clients/?all=1&sort=name&page=40"),
        one("Точка и пул, по следующему контакту", "manager", "/clients/?all=1&sort=contact"),
        one("Моя точка, по следующему контакту", "manager", "/clients/?resp=point&sort=contact"),
        one("Вся страна, страница 1", "operator", "/clients/?all=1", "typical: all"),
        one("Вся страна, страница 10 000", "operator", f"/clients/?all=1&after={deep}", "typical: deep"),
        one("Вся страна, страница 200", "operator", "/clients/?all=1&page=200"),
        one("Вся страна, последняя страница", "operator", "/clients/?all=1&page=last"),
        one("Вся страна, по названию", "operator", "/clients/?sort=name&life=1"),
        one("Вся страна, по следующему контакту", "operator", "/clients/?all=1&sort=contact"),
        one("Большой регион, приглашены, с телефоном", "operator", f"/clients/?region={facts.big_region}&state=invited&phone=1"),
        one("Большой регион, две категории, ИП", "operator", f"/clients/?region={facts.big_region}&state=declined&state=lost&kind=entrepreneur"),
        one("Редкое сочетание по стране", "operator", "/clients/?state=declined&contact=overdue&phone=1"),
        one("По стране: название содержит частое слово", "operator", "/clients/?q=%D0%B8%D0%B2%D0%B0%D0%BD%D0%BE%D0%B2", is_word=True),
        one("Приглашены, моя точка", "manager", "/clients/potential/invited/?resp=point"),
        one("Приглашены, вся страна", "operator", "/clients/potential/invited/?all=1"),
        one("Отказались, вся страна", "operator", "/clients/potential/declined/?all=1"),
        one("Потерянные, вся страна", "operator", "/clients/potential/lost/?all=1"),
        one("Активные триальные, моя точка", "manager", "/clients/potential/trial/?resp=point&active=1"),
        one("Активные триальные, вся страна", "operator", "/clients/potential/trial/?active=1"),
    ]  # fmt: skip


def spreads(facts: Facts) -> list[Case]:
    drill = urlencode({"resp": f"p{facts.home}", "state": "invited"})
    return [
        Case("Распределение, вся страна", "operator", ("/clients/distribution/?all=1",), "typical: distribution"),
        Case("Распределение, моя точка", "manager", ("/clients/distribution/?resp=point",)),
        Case("Распределение, новые с телефоном", "operator", ("/clients/distribution/?reg=new&phone=1",)),
        Case("Распределение, приглашены", "operator", ("/clients/potential/invited/distribution/?all=1",)),
        Case("Переход из распределения в список", "operator", (f"/clients/?{drill}",), is_list=True),
    ]


def searches(facts: Facts) -> list[Case]:
    def asked(*words: str) -> tuple[str, ...]:
        return tuple(f"/search/?q={quote(word)}" for word in words)

    names = [name.split() for (name,) in facts.others]
    turned = [" ".join([n[1], n[0]]) for n in names]
    return [
        Case("Поиск: ИНН", "manager", asked(*(row[0] for row in facts.sample))),
        Case("Поиск: начало ИНН", "manager", asked(*(row[0][:7] + "0" for row in facts.sample))),
        Case("Поиск: телефон", "manager", asked(*(row[1] for row in facts.sample))),
        Case("Поиск: конец телефона", "manager", asked(*(row[1][-6:] for row in facts.sample))),
        Case("Поиск: номер аккаунта", "manager", asked(*(str(row[2]) for row in facts.sample))),
        Case("Поиск: редкое слово", "manager", asked(*facts.rare_words()), "typical: search"),
        Case("Поиск: имя и фамилия в другом порядке", "manager", asked(*turned)),
        Case("Поиск: частое слово", "manager", asked("иванов", "сервис", "торговый дом", "маяк")),
        Case("Поиск: описка", "manager", asked("пенсылвания", "логистека", "смернов", "строителная компания")),
        Case("Поиск: другая раскладка", "manager", asked("bdfyjd", "kjubcnbrf")),
        Case("Поиск: две буквы", "manager", asked("ма", "ив")),
        Case("Подсказка при вводе", "manager", tuple(f"/search/suggest/?q={quote(w)}" for w in ("иван", "ромаш", "сокол", "трейд"))),
    ]  # fmt: skip


def cards(facts: Facts) -> list[Case]:
    return [
        Case("Карточка клиента", "manager", tuple(f"/clients/{row[3]}/" for row in facts.sample)),
        Case("Карточка аккаунта", "manager", tuple(f"/accounts/{row[2]}/" for row in facts.sample)),
    ]


def accounts(facts: Facts) -> list[Case]:
    query, rows = facts.most_rows(1_000, 20_000)
    found = [
        Case("Аккаунты, моя точка", "manager", ("/accounts/?resp=point",), is_list=True),
        Case("Аккаунты, вся страна", "operator", ("/accounts/?all=1",), is_list=True),
        Case("Платные, вся страна", "operator", ("/accounts/paid/?all=1",), is_list=True),
        Case("Требуют продления, моя точка", "manager", ("/accounts/renewals/?state=requires&resp=point",), is_list=True),
        Case("Требуют продления, мои", "manager", ("/accounts/renewals/?state=requires&resp=me",), is_list=True),
        Case("Требуют продления, до 7 дней, без итога", "manager", ("/accounts/renewals/?state=requires&resp=point&seg=d7&outcome=none",), is_list=True),
        Case("Требуют продления, пора звонить", "manager", ("/accounts/renewals/?call=now&resp=point&state=requires",), is_list=True),
        Case("Непродленные, моя точка", "manager", ("/accounts/renewals/?resp=point&state=not_renewed",), is_list=True),
        Case("Требуют продления, вся страна", "renewals", ("/accounts/renewals/?state=requires",), is_list=True),
        Case("Возврат, моя точка", "manager", ("/accounts/renewals/winback/?resp=point",), is_list=True),
        Case("Возврат, вся страна", "renewals", ("/accounts/renewals/winback/?all=1",), is_list=True),
        Case("Требуют продления, распределение, моя точка", "manager", ("/accounts/renewals/distribution/?resp=point",)),
        Case("Требуют продления, распределение, вся страна", "renewals", ("/accounts/renewals/distribution/?all=1",)),
        Case("Главная", "manager", ("/",)),
    ]  # fmt: skip
    if query:
        found.append(Case(f"Excel, {rows} строк", "operator", (f"/clients/?{query}&format=xlsx",), heavy=True))
    return found


def baselines(facts: Facts) -> list[Case]:
    def one(name: str, who: str, *urls: str) -> Case:
        return Case(name, who, urls, is_baseline=True)

    far = min(10_000, facts.total // 100)
    names: Callable[[str], str] = lambda word: f"/bench/typical/?q={quote(word)}"  # noqa: E731
    return [
        one("floor: new", "manager", "/bench/floor/?what=new"),
        one("floor: point", "manager", "/bench/floor/?what=point"),
        one("floor: all", "operator", "/bench/floor/"),
        one("typical: new", "manager", "/bench/typical/?what=new"),
        one("typical: point", "manager", "/bench/typical/?what=point"),
        one("typical: all", "operator", "/bench/typical/"),
        one("typical: deep", "operator", f"/bench/typical/?page={far}"),
        one("typical: search", "operator", *map(names, ("ромашка", "зерноэкспорт"))),
        one("typical: distribution", "operator", "/bench/typical/distribution/"),
        one("tables2: new", "manager", "/bench/tables2/?what=new"),
        one("tables2: point", "manager", "/bench/tables2/?what=point"),
        one("tables2: all", "operator", "/bench/tables2/"),
        one("admin: all", "operator", "/bench/admin/clients/client/?all="),
        one("admin: search", "operator", "/bench/admin/clients/client/?q=%D1%80%D0%BE%D0%BC%D0%B0%D1%88%D0%BA%D0%B0"),
    ]
