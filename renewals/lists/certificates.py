"""«Подписи»: certificates that end, whose they are, and who has to call (R0.13)."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Account
from clients.lists.responsible import ByResponsible, Responsible, responsible_q
from core import filters, tables
from licenses.models import Certificate
from renewals.lists.columns import left_words
from renewals.lists.filterset import Regions

WHERE = [("1", "на носителе"), ("0", "без носителя")]


def certificate_rows(employee) -> QuerySet:
    """The newest certificate of every owner, not revoked, in accounts in scope."""
    newer = Certificate.objects.filter(
        client=OuterRef("client"), owner=OuterRef("owner"), revoked_on=None, valid_to__gt=OuterRef("valid_to")
    )
    rows = Certificate.objects.filter(~Exists(newer), account__in=Account.objects.visible_to(employee), revoked_on=None)
    return rows.select_related("client", "account__manager", "account__salespoint")


def ends_within(first: int, last: int):
    """Certificates that end in first…last days, both included."""

    def condition(page) -> Q:
        return Q(valid_to__range=(page.today + timedelta(days=first), page.today + timedelta(days=last)))

    return condition


class CertificateFilter(ByResponsible):
    ends = filters.Period(
        "Действует по", field_name="valid_to", presets=("next_7", "next_30", "next_60", "last_30", "period")
    )
    resp = Responsible()
    region = Regions()
    token = filters.Choice("Где хранится", choices=WHERE, any_label="Не важно", method="by_token")

    def by_responsible(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(responsible_q(value, self.user, "account__"))

    def by_token(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(on_token=value == "1")


def left_cell(row: Certificate, on: date) -> str:
    return left_words((row.valid_to - on).days)


class CertificateTable(tables.Table):
    """One row per owner of a signature."""

    owner = tables.Link("Владелец", accessor="owner", sub=lambda r: r.client.name)
    ends = tables.Date("Действует по", accessor="valid_to", order_by="valid_to", keyset=True)
    left = tables.Column("Осталось", value=lambda r: getattr(r, "left", ""), css="nw")
    place = tables.Column("Хранится", value=lambda r: "на носителе" if r.on_token else "без носителя", low=1)
    issuer = tables.Column("Кем выдан", accessor="issuer", low=2)
    account = tables.Number("Аккаунт", value=lambda r: r.account.number)
    manager = tables.Person("Ответственный", accessor="account__manager")
    inn = tables.Column("ИНН", accessor="client__inn", hidden=True)
    serial = tables.Column("Серийный номер", accessor="serial", hidden=True)


__all__ = ["CertificateFilter", "CertificateTable", "certificate_rows", "ends_within", "left_cell"]
