"""What licences refuse or follow when an account changes, and the tasks that a sale makes."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.dispatch import receiver

from accounts.choices import TaskKind
from accounts.events import member_adding, member_leaving
from accounts.models import Account, Task
from accounts.services.connections import register_licences
from accounts.services.work import task_make
from core import clock
from core.errors import DomainError
from licenses.choices import LIVE_STATES, PLANNED_STATES, Limit
from licenses.events import invoice_paid, invoice_shipped, invoice_unpaid, shipment_cancelled
from licenses.models import Allocation, Invoice, License
from licenses.selectors.distributed import clients_without_licence
from licenses.selectors.limits import allowed
from licenses.services.allocating import allocations_free

SHIPPED = "Отгружено"
register_licences(clients_without_licence)


@receiver(member_adding, sender=Account, dispatch_uid="licenses.member_adding")
def limit_of_organisations(*, account, on, **_) -> None:
    """The licence governs how many organisations an account holds (R2.67); a trial one holds what the settings say."""
    limit = allowed(account, on=on).get(Limit.ORGANISATIONS)
    if limit is None and not account.is_paid(on):
        limit = settings.TRIAL_ORGANISATIONS
    if limit is not None and account.members_count >= limit:
        raise DomainError(
            f"По лицензии в аккаунте может быть организаций: {limit}. Добавьте расширение «Организация» или смените тариф.",
            code="limit",
        )


@receiver(member_leaving, sender=Account, dispatch_uid="licenses.member_leaving")
def free_allocations(*, account, client, by, on, free, **_) -> None:
    """What a leaving organisation has of the licences is taken back, or refuses the step (R2.155, R2.158)."""
    if License.objects.filter(account=account, payer=client, state__in=PLANNED_STATES).exists():
        raise DomainError("Организация — плательщик выбранных лицензий: уберите их или аннулируйте счет.", code="payer")
    held = Allocation.objects.filter(
        license__account=account, license__state__in=LIVE_STATES, client=client, ends_on__gte=on
    )
    if not free and held.exists():
        raise DomainError(
            "На организацию распределены лицензии: отметьте, что их нужно освободить.", field="free", code="allocated"
        )
    allocations_free(account=account, client_id=client.pk, by=by, on=on)


@receiver(invoice_paid, sender=Invoice, dispatch_uid="licenses.invoice_paid")
def call_the_client(*, invoice, by, on, **_) -> None:
    """Payment came: the manager calls and agrees the visit (R2.97)."""
    visit = invoice.lines.filter(item__needs_visit=True).exists()
    _task(
        invoice, TaskKind.PAYMENT, f"payment:{invoice.pk}", due_on=on + timedelta(days=1), by=by,
        title=f"Поступила оплата, {invoice}: {'договоритесь о визите' if visit else 'отгрузите и активируйте'}",
    )  # fmt: skip


@receiver(invoice_unpaid, sender=Invoice, dispatch_uid="licenses.invoice_unpaid")
def nobody_to_call(*, invoice, **_) -> None:
    Task.objects.open().filter(key=f"payment:{invoice.pk}").delete()


@receiver(invoice_shipped, sender=Invoice, dispatch_uid="licenses.invoice_shipped")
def distribute(*, invoice, shipment, licenses, by, on, **_) -> None:
    """After the shipment the manager distributes by hand (R2.91); the task of the payment is done."""
    Task.objects.open().filter(key=f"payment:{invoice.pk}").update(done_at=clock.now(), done_by=by, result=SHIPPED)
    if any(license.term_id and not license.closes for license in licenses):
        title = f"Распределить тарифы между организациями: {invoice.account.name}"
        _task(
            invoice, TaskKind.DISTRIBUTE, f"distribute:{shipment.pk}", title=title, due_on=on + timedelta(days=3), by=by
        )


@receiver(shipment_cancelled, sender=Invoice, dispatch_uid="licenses.shipment_cancelled")
def nothing_to_distribute(*, invoice, shipment, **_) -> None:
    """The tasks go back to what they were before the shipment."""
    Task.objects.filter(key=f"distribute:{shipment.pk}").delete()
    Task.objects.filter(key=f"payment:{invoice.pk}", result=SHIPPED).update(done_at=None, done_by=None, result="")
    Task.objects.open().filter(key=f"cancel_shipment:{shipment.pk}").update(
        done_at=clock.now(), result="Отгрузка отменена"
    )


def _task(invoice: Invoice, kind: str, key: str, *, title: str, due_on, by) -> None:
    account = invoice.account
    task_make(
        client_id=invoice.payer_id, account_id=account.pk, kind=kind, title=title, due_on=due_on, key=key,
        salespoint_id=account.salespoint_id, assignee_id=account.manager_id, by=by,
    )  # fmt: skip
