"""Numbers and e-mails of an account's organisations that «Неверные контактные данные» may mark wrong (R3.26)."""

from __future__ import annotations

from accounts.models import Account, AccountMember
from clients.models import ClientPerson, ClientPhone
from core import formats
from partners.models import Employee
from partners.rights import Right

MOST = 20


def phone_choices(account: Account, viewer: Employee) -> list[tuple[str, str]]:
    """(id, «+7 4012 55-55-55, Гарант-Сервис, ООО») of the numbers that the viewer may mark, the main organisation's first."""
    members = AccountMember.objects.present().filter(account=account).values("client")
    phones = (
        ClientPhone.objects.filter(client__in=members, is_wrong=False)
        .select_related("client")
        .order_by("client_id", "pk")
    )
    return [
        (str(phone.pk), f"{formats.phone(phone.number)}, {phone.client.name}")
        for phone in phones[:MOST]
        if viewer.may(Right.CLIENT_CHANGE, phone.client)
    ]


def email_choices(account: Account, viewer: Employee) -> list[tuple[str, str]]:
    """(id of the link, «zvonko@example.ru, Звонков Иван») of contact persons whose address the viewer may mark."""
    members = AccountMember.objects.present().filter(account=account).values("client")
    links = (
        ClientPerson.objects.filter(client__in=members, person__email_is_wrong=False, person__erased_at=None)
        .exclude(person__email="")
        .select_related("client", "person")
        .order_by("client_id", "pk")
    )
    return [
        (str(link.pk), f"{link.person.email}, {link.person.full_name}")
        for link in links[:MOST]
        if viewer.may(Right.CLIENT_CHANGE, link.client)
    ]
