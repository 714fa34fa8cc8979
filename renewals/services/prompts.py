"""The 60/40-day prompts: one call task per term when its window opens, one more when it closed without a contact (R3.3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q

from accounts.choices import TaskKind
from accounts.models import AccountMember, CallLog, Task
from core import clock, formats
from renewals import rules
from renewals.choices import Category
from renewals.models import RenewalRow

SETTLED = "Вопрос о продлении решен"


def rows_to_prompt(*, on: date, zone: str | None = None) -> list[int]:
    """Terms in their window as of `on` without the task of their day; what was missed is found later just the same."""
    rows = RenewalRow.objects.filter(category__in=[Category.NOT_DUE, Category.REQUIRES], ends_on__gte=on, outcome="")
    if zone:
        rows = rows.filter(salespoint__zone=zone)
    late = Q(ends_on__lt=on + timedelta(days=rules.CALL_TO_DAYS))
    return list(
        rows.filter(late | Q(ends_on__lte=on + timedelta(days=rules.CALL_FROM_DAYS)))
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def prompts_make(term_ids: Iterable[int], *, on: date) -> int:
    """Make the tasks of some terms; a key per term and prompt, so a second run makes none. Returns how many were made.

    A term that was called about since its window opened needs neither; one found late gets the late prompt alone.
    """
    rows = list(
        RenewalRow.objects.filter(pk__in=list(term_ids))
        .select_related("account", "direction")
        .annotate(is_contacted=_contacted())
    )
    mains = dict(
        AccountMember.objects.present()
        .filter(account__in=[row.account_id for row in rows], is_main=True)
        .values_list("account", "client")
    )
    tasks = []
    for row in rows:
        flag = rules.call_flag(row.ends_on, on=on, contacted_on=on if row.is_contacted else None)
        if flag is None or row.account_id not in mains:
            continue
        is_late = flag is rules.CallFlag.LATE_CALL
        title = f"{'Нет контакта о продлении' if is_late else 'Позвонить о продлении'}: {row.direction}, по {formats.day(row.ends_on)}"
        tasks.append(Task(
            client_id=mains[row.account_id], account_id=row.account_id, kind=TaskKind.RENEWAL_LATE if is_late else TaskKind.RENEWAL_CALL,
            title=title[:200], assignee_id=row.manager_id, salespoint_id=row.salespoint_id,
            due_on=rules.call_window(row.ends_on)[1] + timedelta(days=is_late), created_at=clock.now(), key=f"renewal:{row.pk}:{flag.value}",
        ))  # fmt: skip
    known = set(Task.objects.filter(key__in=[task.key for task in tasks]).values_list("key", flat=True))
    fresh = [task for task in tasks if task.key not in known]
    Task.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def prompts_follow(account_ids: Iterable[int]) -> None:
    """Nobody is called about what is settled: tasks of terms with an outcome or a renewal are done, and open again when
    that is taken back. Part of the caller's transaction, after the rows of the accounts were counted."""
    rows = RenewalRow.objects.filter(account__in=list(account_ids)).values_list("pk", "category", "outcome")
    waiting = (Category.NOT_DUE, Category.REQUIRES, Category.NOT_RENEWED)
    for is_open, step in ((False, _settle), (True, _reopen)):
        terms = [pk for pk, category, outcome in rows if (category in waiting and not outcome) is is_open]
        step([f"renewal:{pk}:{flag.value}" for pk in terms for flag in rules.CallFlag])


def _settle(keys: list[str]) -> None:
    Task.objects.open().filter(key__in=keys).update(done_at=clock.now(), result=SETTLED)


def _reopen(keys: list[str]) -> None:
    Task.objects.filter(key__in=keys, result=SETTLED, done_by=None).update(done_at=None, result="")


def _contacted() -> Exists:
    since = OuterRef("ends_on") - timedelta(days=rules.CALL_FROM_DAYS)
    members = AccountMember.objects.filter(account=OuterRef(OuterRef("account")), left_at=None).values("client")
    return Exists(CallLog.objects.filter(client__in=members, at__date__gte=since))
