"""Terms of an account as renewals see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import timedelta

from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When

from accounts.models import Account, AccountMember, CallLog
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
    for row in _titled(License.objects.filter(account__in=account_ids, term__isnull=False, state__in=SOLD)):
        found.setdefault(row.term_id, []).append(_title(row))
    return found


def waiting_titles(rows: Collection[RenewalRow], *, alone: bool) -> dict[int, list[str]]:
    """{row's term: titles}: of the term itself first, then, unless `alone`, of what else waits in its account. One query."""
    mine = {row.pk: row.account_id for row in rows}
    accounts = set(mine.values())
    if not mine:
        return {}
    wanted = Q(term__in=mine)
    if not alone:
        wanted |= Q(term__in=RenewalRow.objects.filter(account__in=accounts, category__in=OPEN).order_by().values("pk"))
    of_term: dict[int, list[str]] = defaultdict(list)
    waits: dict[int, set[int]] = defaultdict(set)
    settled = {row.pk for row in rows if alone or row.category not in OPEN}
    for row in _titled(License.objects.filter(wanted, account__in=accounts, state__in=SOLD)):
        of_term[row.term_id].append(_title(row))
        if row.term_id not in settled:
            waits[row.account_id].add(row.term_id)
    return {
        pk: [title for term in [pk, *sorted(waits[account] - {pk})] for title in of_term[term]]
        for pk, account in mine.items()
    }


def _titled(licenses: QuerySet) -> list[License]:
    """Tariffs first."""
    found = licenses.select_related("item__line").order_by()
    return sorted(found, key=lambda r: (r.item.kind != ItemKind.TARIFF, r.item.order, r.pk))


def _title(row: License) -> str:
    return f"{row.item}{f', {row.quantity} {row.item.unit}' if row.quantity > 1 else ''}"


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
    bound = Binding.objects.open().filter(topic__code__in=own_topics(topics), topic=OuterRef("direction__topic"))
    return bound.filter(client=main_client()).order_by()


def own_topics(topics: Iterable[str]) -> list[str]:
    """Topics with bindings of their own: «Основная» is the account's."""
    return [topic for topic in topics if topic != BindingTopic.MAIN]


def main_client() -> Subquery:
    """The main organisation of the account of a row, from a question inside another about that row."""
    members = AccountMember.objects.filter(account=OuterRef(OuterRef("account")), is_main=True, left_at=None)
    return Subquery(members.order_by().values("client"))


def with_topic_manager(rows: QuerySet, topics: Iterable[str]) -> QuerySet:
    """Rows with whom the topic is bound to, for cells and Excel (R3.14)."""
    bound = topic_bindings(topics)
    return rows.annotate(is_topic_bound=Exists(bound), topic_manager=Subquery(bound.values("manager")[:1]))


def by_topic_owner(rows: QuerySet, topics: Iterable[str]) -> QuerySet:
    """Rows with what «Распределение» groups them by: whom the topic is bound to (R3.14)."""
    bound = topic_bindings(topics)
    return rows.annotate(**{
        name: Case(
            When(Exists(bound), then=Subquery(bound.values(column)[:1], output_field=BigIntegerField())),
            default=F(f"{column}_id"), output_field=BigIntegerField(),
        )
        for name, column in (("by_point", "salespoint"), ("by_manager", "manager"))
    })  # fmt: skip


def _calls() -> QuerySet:
    """Calls to the organisations of the account of a row, whatever account they were about."""
    members = AccountMember.objects.filter(account=OuterRef(OuterRef("account")), left_at=None)
    return CallLog.objects.filter(client__in=members.order_by().values("client"))


def last_call() -> Subquery:
    """The day on which the account's organisations were last called (R3.1)."""
    return Subquery(_calls().order_by("-at").values("at__date")[:1])


def contacted() -> Exists:
    """A call about the account's organisations since the window opened (R3.3)."""
    since = OuterRef(OuterRef("ends_on")) - timedelta(days=rules.CALL_FROM_DAYS)
    calls = CallLog.objects.filter(client=OuterRef("client"), at__date__gte=since).order_by()
    return Exists(AccountMember.objects.filter(Exists(calls), account=OuterRef("account"), left_at=None).order_by())
