"""«Возврат» and «Подписи»: the lists beside «Требуют продления» (R3.37, R0.13)."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db.models import Q, QuerySet
from django.utils.functional import cached_property

from core.lists import Found, ListPage, Preset, Segment
from licenses.models import Certificate
from partners.rights import Right
from renewals.choices import OutcomeKind
from renewals.lists import certificates, winback
from renewals.lists.deferred import DeferredList, whole_country
from renewals.models import RenewalRow
from renewals.selectors.options import title_of

from .lists import TABS


def over(first: int, last: int):
    """Terms that ended first…last days ago, both included."""

    def condition(page: ListPage) -> Q:
        return Q(ends_on__range=(page.today - timedelta(days=last), page.today - timedelta(days=first)))

    return condition


class Winback(DeferredList):
    """Refusals to win back, of every sales point for the renewal centre."""

    title, section, right = "Возврат", "winback", Right.ACCOUNT_VIEW
    parents: ClassVar = (("Аккаунты", "/accounts/"), ("Требуют продления", "/accounts/renewals/"))
    noun = ("лицензия", "лицензии", "лицензий")
    table_class, filterset_class, order = winback.WinbackTable, winback.WinbackFilter, "-ends"
    tabs, actions = TABS, (winback.TakeIntoWork,)
    presets = (
        Preset("Никто не взял", "work=free"),
        Preset("В работе у меня", "work=me"),
        Preset("Ушли к конкурентам", "outcome=left_us"),
        Preset("Уже вернулись", "work=back"),
    )
    empty_text = "Возвращать некого: отказов и непродленных лицензий нет."
    narrow_hint = "Добавьте период, итог или ответственного."

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        left = OutcomeKind.LEFT_US.value
        return (
            Segment("", "Все"),
            Segment("left", title_of(left), Q(outcome=left), tone="bad"),
            Segment("none", "Без итога", Q(outcome="")),
            Segment("q", "до 90 дней", over(-60, 90), hint="Закончились не больше 90 дней назад", apart=True),
            Segment("late", "позже", over(91, 9999), hint="Больше 90 дней: продление будет возвратом"),
        )

    def bare(self) -> QuerySet:
        return RenewalRow.objects.visible_to(self.request.user)

    def in_full(self, rows: QuerySet) -> QuerySet:
        return winback.told(rows)

    def branches(self, found: Found) -> tuple[Q, ...]:
        return whole_country(self, self.filterset_class.categories(self.params.get("work", "")))

    def row_id(self, row: RenewalRow) -> int:
        return row.pk

    def row_url(self, row: RenewalRow) -> str:
        return row.account.get_absolute_url()

    def row_sum(self, row: RenewalRow):
        return row.amount


class Certificates(ListPage):
    """Opened without parameters: what ends in 60 days."""

    title, section, right = "Подписи", "certificates", Right.ACCOUNT_VIEW
    parents: ClassVar = (("Аккаунты", "/accounts/"), ("Требуют продления", "/accounts/renewals/"))
    noun = ("подпись", "подписи", "подписей")
    table_class, filterset_class, order = certificates.CertificateTable, certificates.CertificateFilter, "ends"
    default_query, tabs = "ends=next_60", TABS
    segments = (
        Segment("", "Все"),
        Segment("d7", "до 7 дней", certificates.ends_within(0, 7), tone="bad"),
        Segment("d30", "8–30 дней", certificates.ends_within(8, 30), tone="warn"),
        Segment("over", "закончились", certificates.ends_within(-9999, -1), apart=True),
    )
    presets = (Preset("Мои, 30 дней", "ends=next_30&resp=me"), Preset("Закончились за 30 дней", "ends=last_30"))
    empty_text = "Подписей, которые заканчиваются, нет."
    narrow_hint = "Добавьте период или ответственного."

    def get_queryset(self) -> QuerySet:
        return certificates.certificate_rows(self.request.user)

    def decorate(self, found: list[Certificate]) -> None:
        for row in found:
            row.left = certificates.left_cell(row, self.today)

    def row_url(self, row: Certificate) -> str:
        return row.account.get_absolute_url()
