"""Terms of an account as renewals see them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, QuerySet, Subquery, When

from accounts.models import Account, CallLog
from clients.models import Binding, BindingTopic
from licenses.choices import ItemKind, LicenseState
from licenses.models import License
from partners.models import Employee
from renewals import rules
from renewals.choices import Category
from renewals.models import Outcome, OutcomeExtract, RenewalRow

OPEN = [Category.REQUIRES, Category.NOT_RENEWED]
"""What waits for a renewal."""
SHOWN = [*OPEN, Category.TERMINATED]
"""What «Требуют продления» shows without a chosen state; its indexes hold these."""
SOLD = [LicenseState.SHIPPED, LicenseState.ACTIVE]


def open_rows(account: Account) -> list[RenewalRow]:
    """Directions that wait for a renewal or were refused, the earliest end first."""
    rows = RenewalRow.objects.filter(account=account, category__in=SHOWN)
    return list(rows.select_related("direction", "term").order_by("ends_on", "pk"))


def latest_rows(account: Account) -> list[RenewalRow]:
    """The last sold term of each direction."""
    rows = RenewalRow.objects.filter(account=account).select_related("direction", "term")
    newest = rows.order_by("direction_id", "-ends_on").distinct("direction_id")
    return sorted(newest, key=lambda row: (row.direction.order, row.direction_id))


def titles_of(account_ids: Iterable[int]) -> dict[int, list[str]]:
    """{term: ["ЭО «Базовый»", "ОФД, 2 шт"]} of what stands in the terms of some accounts, tariffs first. One query."""
    found: dict[int, list[str]] = {}
    rows = License.objects.filter(account__in=account_ids, term__isnull=False, state__in=[*SOLD, LicenseState.REPLACED])
    for row in sorted(
        rows.select_related("item__line"), key=lambda r: (r.item.kind != ItemKind.TARIFF, r.item.order, r.pk)
    ):
        if row.state in SOLD:
            found.setdefault(row.term_id, []).append(
                f"{row.item}{f', {row.quantity} {row.item.unit}' if row.quantity > 1 else ''}"
            )
    return found


def history(account: Account) -> list[Outcome]:
    """Every outcome of the account, also withdrawn ones, newest first (R3.24, R3.42)."""
    rows = Outcome.objects.filter(term__account=account)
    return list(
        rows.select_related(
            "term__direction", "by", "withdrawn_by", "competitor", "target_account", "invoice", "replaces"
        ).annotate(extract_name=Subquery(OutcomeExtract.objects.filter(pk=OuterRef("pk")).values("name")))[:200]
    )


def moved_here(account: Account, viewer: Employee) -> list[Outcome]:
    """Open outcomes that say: renewed in this account, an additional subscriber or a part of the group (R3.31)."""
    rows = Outcome.objects.filter(
        target_account=account, withdrawn_at=None, term__account__in=Account.objects.visible_to(viewer)
    )
    return list(rows.select_related("term__account", "term__direction", "by").order_by("-at", "-pk")[:50])


def topic_bindings(topics: Iterable[str]) -> QuerySet:
    """Open bindings of the row's main organisation by the topic of its direction (R3.14); without one the account's stand."""
    return Binding.objects.open().filter(
        client__memberships__account=OuterRef("account"), client__memberships__is_main=True, client__memberships__left_at=None,
        topic__code__in=own_topics(topics), topic=OuterRef("direction__topic"),
    ).order_by()  # fmt: skip


def own_topics(topics: Iterable[str]) -> list[str]:
    """Topics with bindings of their own: «Основная» is the account's."""
    return [topic for topic in topics if topic != BindingTopic.MAIN]


def with_topic_owner(rows: QuerySet, topics: Iterable[str]) -> QuerySet:
    """Rows with whom the topic is bound to: names for cells and Excel, and what «Распределение» groups by (R3.14)."""
    bound = topic_bindings(topics)
    first = {
        name: Subquery(bound.values(name)[:1], output_field=BigIntegerField()) for name in ("salespoint", "manager")
    }
    return rows.annotate(
        is_topic_bound=Exists(bound), topic_last=Subquery(bound.values("manager__last_name")[:1]),
        topic_first=Subquery(bound.values("manager__first_name")[:1]), topic_middle=Subquery(bound.values("manager__middle_name")[:1]),
        by_point=Case(When(Exists(bound), then=first["salespoint"]), default=F("salespoint_id"), output_field=BigIntegerField()),
        by_manager=Case(When(Exists(bound), then=first["manager"]), default=F("manager_id"), output_field=BigIntegerField()),
    )  # fmt: skip


def last_call() -> Subquery:
    """The day on which the account's organisations were last called (R3.1)."""
    calls = CallLog.objects.filter(client__memberships__account=OuterRef("account"), client__memberships__left_at=None)
    return Subquery(calls.order_by("-at").values("at__date")[:1])


def contacted() -> Exists:
    """A call about the account's organisations since the window opened (R3.3)."""
    since = OuterRef("ends_on") - timedelta(days=rules.CALL_FROM_DAYS)
    return Exists(
        CallLog.objects.filter(
            client__memberships__account=OuterRef("account"), client__memberships__left_at=None, at__date__gte=since
        )
    )
