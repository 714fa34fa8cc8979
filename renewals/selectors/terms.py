"""Terms of an account as renewals see them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Exists, F, OuterRef

from accounts.models import Account, CallLog
from clients.models import Binding, BindingTopic
from licenses.choices import ItemKind, LicenseState
from licenses.models import License
from partners.models import Employee
from renewals import rules
from renewals.choices import Category
from renewals.models import Outcome, RenewalRow

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
        )[:200]
    )


def topic_managers(rows: Iterable[RenewalRow], topics: Iterable[str]) -> dict[int, Employee]:
    """{term: manager of the topic's binding of the main organisation}, where it has one (R3.14). One query."""
    rows = list(rows)
    wanted = {(row.account_id, row.direction.topic_id): row.pk for row in rows}
    bindings = Binding.objects.open().filter(
        client__memberships__account__in=[row.account_id for row in rows], client__memberships__is_main=True,
        client__memberships__left_at=None, topic__code__in=list(topics), manager__isnull=False,
    )  # fmt: skip
    found = (
        bindings.exclude(topic__code=BindingTopic.MAIN)
        .select_related("manager")
        .annotate(account=F("client__memberships__account"))
    )
    return {wanted[b.account, b.topic_id]: b.manager for b in found if (b.account, b.topic_id) in wanted}


def contacted() -> Exists:
    """A call about the account's organisations since the window opened (R3.3)."""
    since = OuterRef("ends_on") - timedelta(days=rules.CALL_FROM_DAYS)
    return Exists(
        CallLog.objects.filter(
            client__memberships__account=OuterRef("account"), client__memberships__left_at=None, at__date__gte=since
        )
    )
