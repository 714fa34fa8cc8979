"""What licences refuse or follow when an account changes (R2.67)."""

from __future__ import annotations

from django.dispatch import receiver

from accounts.choices import TaskKind
from accounts.events import member_adding, member_leaving
from accounts.models import Task
from core import clock
from core.errors import DomainError
from licenses.choices import Limit
from licenses.events import invoice_paid
from licenses.models import Allocation
from licenses.selectors.limits import allowed
from licenses.services.allocating import allocations_free


@receiver(member_adding)
def limit_of_organisations(sender, account, client, by, on, **kwargs) -> None:
    """The licence governs how many organisations an account holds (R2.67); one without such a licence holds any number."""
    limit = allowed(account, on=on).get(Limit.ORGANISATIONS)
    if limit is not None and account.members_count >= limit:
        raise DomainError(
            f"По лицензии в аккаунте может быть организаций: {limit}. Добавьте расширение «Организация» или смените тариф.",
            code="limit",
        )


@receiver(member_leaving)
def free_allocations(sender, account, client, by, on, free, **kwargs) -> None:
    """What a leaving organisation has of the licences is taken back, or refuses the step (R2.158)."""
    if not free and Allocation.objects.filter(license__account=account, client=client, ends_on__gte=on).exists():
        raise DomainError("Организации распределены лицензии: сначала распределите их другим.", code="allocated")
    allocations_free(account=account, client_id=client.pk, by=by, on=on)


@receiver(invoice_paid)
def call_the_client(sender, invoice, by, on, **kwargs) -> None:
    """Payment came: the manager calls and agrees the visit (R2.97)."""
    Task.objects.get_or_create(
        key=f"invoice-paid:{invoice.pk}",
        defaults={
            "client_id": invoice.payer_id, "account_id": invoice.account_id, "kind": TaskKind.PAYMENT,
            "title": f"Поступила оплата по счету № {invoice.number}: свяжитесь с клиентом", "assignee_id": invoice.account.manager_id,
            "salespoint_id": invoice.account.salespoint_id, "due_on": on, "created_at": clock.now(),
        },
    )  # fmt: skip
