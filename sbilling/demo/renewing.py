"""Demo renewals: invoices over the next terms, refusals with their reasons, clients that moved. Through the services."""

from __future__ import annotations

from datetime import date
from random import Random

from core import clock
from partners.models import Employee
from renewals.choices import Category
from renewals.models import RenewalRow
from renewals.services import Evidence, account_renew, outcome_set

from .clients import moment

REFUSALS = [  # outcome, comment, competitor, reason
    ("left_us", "Ушли к «Контур-Примеру»: предложили цену ниже на треть.", "Контур-Пример", "Цена"),
    ("left_us", "Перешли в «Такт-Образец» вместе с бухгалтером на аутсорсинге.", "Такт-Образец", "Сменили бухгалтера"),
    ("left_us", "Ушли к «Контур-Примеру»: не устроили ответы поддержки.", "Контур-Пример", "Поддержка"),
    ("not_using", "Деятельность приостановили, отчеты сдает учредитель на бумаге.", "", ""),
    ("wrong_contacts", "Телефон не отвечает две недели, почта возвращается.", "", ""),
    ("liquidating", "Подали на ликвидацию, последний отчет сдадут сами.", "", ""),
]


def load_renewals(rng: Random, on: date) -> None:
    """Of what waits, a fifth has an invoice; of what was not renewed, four of ten said no. The rest wait for a call."""
    rows = RenewalRow.objects.filter(is_worst=True, manager__isnull=False)
    rows = rows.select_related("manager", "account__salespoint").order_by("pk")
    for row in list(rows.filter(category=Category.REQUIRES)):
        if rng.random() < 0.2:
            account_renew(account_id=row.account_id, term_ids=[row.pk], by=row.manager, on=on)
    for row in list(rows.filter(category=Category.NOT_RENEWED)):
        if rng.random() < 0.4:
            _refuse(row, rng.choice(REFUSALS), by=row.manager, on=on, days_ago=rng.randint(0, 20))


def _refuse(row: RenewalRow, refusal: tuple[str, str, str, str], *, by: Employee, on: date, days_ago: int) -> None:
    kind, comment, competitor, reason = refusal
    said_on = max(row.ends_on, date.fromordinal(on.toordinal() - days_ago))
    with clock.override(at=moment(said_on, 14)):
        outcome_set(term_id=row.pk, kind=kind, comment=comment, evidence=Evidence(competitor, reason), by=by, on=on)
