"""A client opens its cabinet by itself: by the link of an invitation, or without one (R2.58–R2.60, decision 19)."""

from __future__ import annotations

from datetime import date

from accounts.choices import Source, TaskKind
from accounts.events import account_created
from accounts.models import Account, AccountMember
from clients.models import Client, Invitation
from clients.services import lock_key, lock_roots, next_working_day
from clients.services.people import locked_people
from core import journal
from core.db import in_transaction
from core.errors import DomainError
from partners.models import SalesPoint

from .connecting import check_connectable, open_account
from .connections import refresh_connections
from .contacts import Contact, contact_attach
from .locking import locked_clients
from .work import task_make

FOLLOW_UP_DAYS = 3


@in_transaction
def account_register(
    *, client_id: int, key: str, contact: Contact | None, on: date, name: str = "", source: str = "api"
) -> tuple[Account, bool]:
    """A trial account of a client that registered itself, and whether this call made it.

    `key` is the product's id of the registration (or of the link): the same again gives the same account. A client that
    is in an account already gets no second one. The card keeps its binding; open invitations close as «Подключился»;
    the responsible manager gets his next tasks. Raises DomainError for a ceased organisation or a contact that is none.
    """
    seen = Client.objects.only("inn").get(pk=client_id)
    lock_roots([lock_key(seen)], "main")
    people = locked_people(Client.objects.values_list("manager", flat=True).get(pk=client_id))
    client = locked_clients([client_id])[client_id]
    if known := Account.objects.filter(external_id=key).first():
        return known, False
    if member := AccountMember.objects.present().filter(client=client).select_related("account").order_by("pk").first():
        return member.account, False
    check_connectable(client)
    invitation = Invitation.objects.filter(client=client, closed_at=None).order_by("-sent_at").first()
    manager = people.get(client.manager_id)
    manager = manager if manager and manager.is_active else None
    point_id = client.salespoint_id or point_of_region(client.region_code).pk
    account = open_account(
        client, name=name, salespoint_id=point_id, manager=manager, source=Source.SELF, external_id=key
    )
    if contact is not None:
        contact_attach(account=account, client_id=client.pk, contact=contact, by=None)
    refresh_connections({client.pk: client}, on=on)
    journal.record(
        client, "client.registered", by=None, source=source,
        data={"client": client.pk, "account": account.pk, "number": account.number, "invitation": invitation.pk if invitation else None},
    )  # fmt: skip
    account_created.send(sender=Account, account=account, client=client, by=None, on=on)
    _follow_up(account, client, invited=invitation is not None, on=on)
    return account, True


def point_of_region(region_code: str) -> SalesPoint:
    """The sales point that serves a region; of several, and where nobody does, the lowest code (decision 19)."""
    active = SalesPoint.objects.active().order_by("code")
    found = active.filter(regions=region_code).first() or active.first()
    if found is None:
        raise DomainError("Нет действующей точки продаж: регистрировать клиента негде.", code="no_salespoint")
    return found


def _follow_up(account: Account, client: Client, *, invited: bool, on: date) -> None:
    """«Перевести на платный тариф» in three working days (R2.59); who came by himself is shown the product (R2.60)."""
    due = on
    for _ in range(FOLLOW_UP_DAYS):
        due = next_working_day(due)
    wanted = (
        [(TaskKind.TO_PAID, due)] if invited else [(TaskKind.PRESENT, next_working_day(on)), (TaskKind.TO_PAID, due)]
    )
    for kind, day in wanted:
        task_make(
            client_id=client.pk, account_id=account.pk, kind=kind, title=f"{TaskKind(kind).label}: {client.name}", due_on=day,
            salespoint_id=account.salespoint_id, assignee_id=account.manager_id, key=f"{kind}:{account.pk}",
        )  # fmt: skip
