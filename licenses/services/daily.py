"""What a new day brings to sold licences: paid periods that begin, certificates that end, visits nobody has marked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q

from accounts.choices import TaskKind
from accounts.models import Account, AccountMember
from accounts.services.work import task_make
from core.db import in_transaction
from licenses.choices import AppointmentState
from licenses.models import Appointment, Certificate, License

REMIND = timedelta(days=30)


def accounts_to_rewrite(*, on: date, zone: str | None = None) -> list[int]:
    """Accounts whose copies the calendar alone has changed: a licence began, a promotion began or ended."""
    running = License.objects.active(on=on).filter(account=OuterRef("pk"), item__is_trial=False, term__isnull=False)
    rows = Account.objects.filter(Q(paid_until__lt=on) | Q(is_promo=True) | Exists(running.filter(item__is_promo=True)))
    if zone:
        rows = rows.filter(salespoint__zone=zone)
    promo = Exists(running.filter(item__is_promo=True))
    due = Q(paid_until__lt=on) & Exists(running) | Q(is_promo=True) & ~promo | Q(is_promo=False) & promo
    return list(rows.filter(due).order_by("pk").values_list("pk", flat=True))


def certificates_to_remind(*, on: date, zone: str | None = None) -> list[int]:
    """Certificates of connected organisations that end within 30 days and that no later one follows (R0.13)."""
    member = AccountMember.objects.present().filter(client=OuterRef("client"))
    if zone:
        member = member.filter(account__salespoint__zone=zone)
    standing = Certificate.objects.filter(revoked_on__isnull=True)
    later = standing.filter(client=OuterRef("client"), owner=OuterRef("owner"), valid_to__gt=OuterRef("valid_to"))
    rows = standing.filter(Exists(member), ~Exists(later), valid_to__range=(on, on + REMIND))
    return list(rows.order_by("pk").values_list("pk", flat=True))


@in_transaction
def certificates_remind(ids: Iterable[int], *, on: date) -> int:
    """One task per certificate, for the account's manager; a second run makes none. How many were made."""
    made = 0
    for row in Certificate.objects.filter(pk__in=list(ids)).select_related("client").order_by("pk"):
        member = (
            AccountMember.objects.present()
            .filter(client=row.client_id)
            .select_related("account")
            .order_by("-account__paid_until", "pk")
            .first()
        )
        if member is None:
            continue
        account = member.account
        made += bool(
            task_make(
                client_id=row.client_id, account_id=account.pk, kind=TaskKind.OTHER, key=f"certificate:{row.pk}", due_on=max(on, row.valid_to - timedelta(days=7)),
                title=f"Подпись закончится {row.valid_to:%d.%m.%Y}: {row.client.name}", salespoint_id=account.salespoint_id, assignee_id=account.manager_id,
            )
        )  # fmt: skip
    return made


def visits_to_mark(*, on: date, zone: str | None = None) -> list[int]:
    """Planned visits whose day is over."""
    rows = Appointment.objects.filter(state=AppointmentState.PLANNED, on__lt=on)
    if zone:
        rows = rows.filter(invoice__salespoint__zone=zone)
    return list(rows.order_by("pk").values_list("pk", flat=True))


@in_transaction
def visits_ask(ids: Iterable[int], *, on: date) -> int:
    """A task per visit to say whether it took place: a missed one has three days (R2.100)."""
    made = 0
    for visit in Appointment.objects.filter(pk__in=list(ids)).select_related("invoice__account").order_by("pk"):
        invoice, account = visit.invoice, visit.invoice.account
        made += bool(
            task_make(
                client_id=invoice.payer_id, account_id=account.pk, kind=TaskKind.OTHER, key=f"visit:{visit.pk}", due_on=on,
                title=f"Отметить, состоялся ли визит {visit.on:%d.%m.%Y}: {account.name}", salespoint_id=account.salespoint_id,
                assignee_id=visit.engineer_id or account.manager_id,
            )
        )  # fmt: skip
    return made
