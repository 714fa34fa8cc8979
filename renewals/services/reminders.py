"""Reminders by e-mail: letters to clients by day of the window, digests to managers. Written once by key, then sent (issue 6)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Count, Q

from accounts.models import Account, AccountContact, AccountMember
from clients.selectors.emails import register_emails
from core import clock, formats
from core.models import Preference
from core.text import counted
from partners.models import Employee
from partners.rights import Right
from renewals import letters, rules
from renewals.choices import Category
from renewals.models import LetterTemplate, Reminder, RenewalRow
from renewals.selectors.terms import contacted, titles_of

LATE_DAYS = 3
"""A letter whose day was missed still goes out this much later; after that it would tell of another day."""
DIGEST = ("", "digest")
"""Section and key of the preference «сводка на почту»."""


def letters_now() -> list[letters.Letter]:
    """The letters that are sent: the operator's text of a day, else the program's."""
    own = {
        row.days_left: letters.Letter(row.days_left, row.subject, row.body, row.is_active)
        for row in LetterTemplate.objects.all()
    }
    days = sorted({*own, *(letter.days_left for letter in letters.DEFAULTS)}, reverse=True)
    default = {letter.days_left: letter for letter in letters.DEFAULTS}
    return [own.get(day) or default[day] for day in days]


def accounts_to_write(*, on: date, zone: str | None = None) -> list[int]:
    """Accounts with a term whose day of a letter is `on` or was missed by at most LATE_DAYS, and that still waits."""
    days = Q(pk=None)
    for letter in letters_now():
        if letter.is_active:
            day = on + timedelta(days=letter.days_left)
            days |= Q(ends_on__range=(day - timedelta(days=LATE_DAYS), day))
    rows = _still_waiting().filter(days)
    rows = rows.filter(salespoint__zone=zone) if zone else rows
    return list(rows.order_by("account").values_list("account", flat=True).distinct())


@transaction.atomic
def letters_write(account_ids: Iterable[int], *, on: date) -> int:
    """Write the letters of some accounts: of the latest day that has come, one for all that ends on a day. How many."""
    rows = list(
        _still_waiting()
        .filter(account__in=list(account_ids))
        .select_related("account__salespoint", "manager", "direction")
        .order_by("pk")
    )
    ids = [row.account_id for row in rows]
    mains = {
        m.account_id: m.client
        for m in AccountMember.objects.present().filter(account__in=ids, is_main=True).select_related("client")
    }
    addresses, titles, active = _addresses(mains), titles_of(ids), [one for one in letters_now() if one.is_active]
    # What ends on one day stands in one letter.
    together: dict[tuple, list[RenewalRow]] = {}
    for row in rows:
        left = (row.ends_on - on).days
        near = [one for one in active if 0 <= one.days_left - left <= LATE_DAYS]
        if near and addresses.get(row.account_id):
            letter = min(near, key=lambda one: one.days_left)
            together.setdefault((row.account_id, row.ends_on, letter), []).append(row)
    made = []
    for (account, ends_on, letter), ending in together.items():
        words = [title for row in ending for title in titles.get(row.pk, []) or [str(row.direction)]]
        facts = _facts(ending[0], mains[account].name, words, on)
        made.append(
            Reminder(
                key=f"letter:{account}:{ends_on:%Y-%m-%d}:{letter.days_left}", kind=Reminder.Kind.CLIENT, account_id=account,
                term_id=ending[0].pk, address=addresses[account], subject=letters.fill(letter.subject, facts)[:200],
                text=letters.fill(letter.body, facts), created_at=clock.now(),
            )
        )  # fmt: skip
    return _write(made)


@transaction.atomic
def digests_write(*, on: date, zone: str | None = None) -> int:
    """«Сводка о продлениях» to who asked for it; nothing to tell, no letter. Once per employee and day."""
    wants = Preference.objects.filter(section=DIGEST[0], key=DIGEST[1], value=True).values("employee")
    people = Employee.objects.filter(pk__in=wants, access=Employee.Access.ALLOWED).exclude(email="")
    people = people.filter(salespoint__zone=zone) if zone else people
    made = []
    for person in people.select_related("salespoint").order_by("pk"):
        lines = digest_of(person, on=on)
        if lines:
            text = "\n".join(["Продления на сегодня:", "", *(f"— {line}" for line in lines), "", "Список: Аккаунты / Требуют продления."])  # fmt: skip
            made.append(
                Reminder(
                    key=f"digest:{person.pk}:{on:%Y-%m-%d}", kind=Reminder.Kind.DIGEST, employee=person, address=person.email,
                    subject=f"Продления на {formats.day(on)}", text=text, created_at=clock.now(),
                )
            )  # fmt: skip
    return _write(made)


def digest_of(person: Employee, *, on: date) -> list[str]:
    """What waits for him, in words: calls of the window, what ends this week, what ended without an outcome."""
    if not person.has_right(Right.ACCOUNT_VIEW):
        return []
    window = Q(category=Category.REQUIRES, outcome="")
    calls = Q(ends_on__range=(on + timedelta(days=rules.CALL_TO_DAYS), on + timedelta(days=rules.CALL_FROM_DAYS)))
    late = Q(ends_on__range=(on, on + timedelta(days=rules.CALL_TO_DAYS - 1)))
    numbers = (
        RenewalRow.objects.filter(manager=person, is_worst=True)
        .annotate(is_contacted=contacted())
        .aggregate(
            calls=Count("pk", filter=window & calls & Q(is_contacted=False)),
            late=Count("pk", filter=window & late & Q(is_contacted=False)),
            week=Count("pk", filter=Q(category=Category.REQUIRES, ends_on__lte=on + timedelta(days=7))),
            over=Count("pk", filter=Q(category=Category.NOT_RENEWED, outcome="")),
        )
    )
    words = {"calls": "пора звонить", "late": "просрочен контакт", "week": "заканчиваются за 7 дней", "over": "не продлены и без итога"}  # fmt: skip
    return [f"{text}: {counted(numbers[name], 'аккаунт', 'аккаунта', 'аккаунтов')}" for name, text in words.items() if numbers[name]]  # fmt: skip


def waiting() -> list[int]:
    """Reminders that were not sent yet, the oldest first."""
    return list(
        Reminder.objects.filter(sent_at=None, dropped_at=None).order_by("pk").values_list("pk", flat=True)[:500]
    )


def reminder_send(*, reminder_id: int) -> bool:
    """Send one; False when it was sent, is being sent, or is needed no more. The mail server's error is raised.

    The letter and its mark are one transaction: what failed waits for the next run. Its Message-ID comes from the key, so
    that a letter sent just before a crash is the same letter when it is sent again.
    """
    with transaction.atomic():
        found = Reminder.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            pk=reminder_id, sent_at=None, dropped_at=None
        )
        reminder = found.first()
        if reminder is None:
            return False
        if not _is_needed(reminder):
            Reminder.objects.filter(pk=reminder.pk).update(dropped_at=clock.now())
            return False
        Reminder.objects.filter(pk=reminder.pk).update(sent_at=clock.now())
        name = hashlib.sha256(reminder.key.encode()).hexdigest()[:32]
        headers = {"Message-ID": f"<{name}@sbilling>"}
        EmailMessage(reminder.subject, reminder.text, to=[reminder.address], headers=headers).send()
        return True


def _is_needed(reminder: Reminder) -> bool:
    """A client that renewed or refused meanwhile is not written to; a blocked employee neither."""
    if reminder.kind == Reminder.Kind.DIGEST:
        return bool(reminder.employee and reminder.employee.is_active)
    ends_on = RenewalRow.objects.filter(pk=reminder.term_id).values("ends_on")
    rows = RenewalRow.objects.filter(account=reminder.account_id, ends_on__in=ends_on)
    return _still_waiting(rows).exists()


def _still_waiting(rows=None):
    """Terms neither renewed nor refused; one that ends later than the window has a letter of its own there."""
    rows = RenewalRow.objects.all() if rows is None else rows
    return rows.filter(category__in=[Category.NOT_DUE, Category.REQUIRES, Category.NOT_RENEWED])


def _write(made: list[Reminder]) -> int:
    """Insert what is not there yet; the key makes a second run, and a run beside it, write nothing."""
    known = set(Reminder.objects.filter(key__in=[one.key for one in made]).values_list("key", flat=True))
    fresh = [one for one in made if one.key not in known]
    Reminder.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def _addresses(mains: Mapping[int, Any]) -> dict[int, str]:
    """{account: e-mail}: the preferred contact's, another contact's, the organisation's own."""
    found: dict[int, str] = {}
    contacts = AccountContact.objects.filter(account__in=list(mains), person__email_is_wrong=False).exclude(
        person__email=""
    )
    for contact in contacts.select_related("person").order_by("-is_preferred", "pk"):
        found.setdefault(contact.account_id, contact.person.email)
    own = register_emails(c.pk for c in mains.values())
    for account, client in mains.items():
        if not found.get(account):
            found[account] = own.get(client.pk, "")
    return found


def _facts(row: RenewalRow, client: str, titles: list[str], on: date) -> dict[str, str]:
    account: Account = row.account
    left = abs((row.ends_on - on).days)
    phone = getattr(row.manager, "phone", "") or ""
    return {
        "client": client, "account": str(account.number), "licences": ", ".join(titles),
        "until": formats.day(row.ends_on), "days": counted(left, "день", "дня", "дней"),
        "manager": row.manager.full_name if row.manager else account.salespoint.name, "phone": f", {phone}" if phone else "",
    }  # fmt: skip
