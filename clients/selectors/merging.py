"""What stands behind two cards of one organisation, before and after they become one (rule C6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.models import ForeignKey, OneToOneField

from clients.models import Client, ClientMerge
from clients.rules import merge_refusal

TITLES = {
    "clients.Binding.client": "закрепления",
    "clients.ClientBranch.client": "филиалы",
    "clients.ClientPerson.client": "контактные лица",
    "clients.ClientPhone.client": "телефоны",
    "clients.Invitation.client": "приглашения",
    "clients.Invitation.sender": "отправленные приглашения",
    "clients.EdoDocument.client": "документы ЭДО",
    "clients.EdoDocument.counterparty": "документы ЭДО контрагентов",
    "clients.ConnectionCheck.client": "готовность к подключению",
    "accounts.AccountMember.client": "участие в аккаунтах",
    "accounts.Task.client": "задачи",
    "accounts.CallLog.client": "звонки",
    "accounts.Note.client": "заметки",
    "accounts.NextContact.client": "следующий контакт",
    "licenses.Invoice.payer": "счета",
    "licenses.License.payer": "лицензии",
    "licenses.Allocation.client": "распределенные лицензии",
    "licenses.Certificate.client": "сертификаты",
    "licenses.Workplace.client": "рабочие места",
    "tickets.Ticket.client": "обращения",
    "tickets.ServiceMembership.client": "контракты обслуживания",
    "usage.ProductUser.client": "пользователи",
    "charges.Charge.client": "доп. начисления",
}
HIDDEN = frozenset(
    {
        "clients.ClientDetails.client", "clients.ClientSignal.client", "clients.SignalQueue.client", "clients.NotRelated.first",
        "clients.NotRelated.second", "clients.ClientMerge.main", "clients.ClientMerge.other",
    }
)  # fmt: skip
"""Not a person's business: written by the program itself."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A column of any app that points at a card."""

    label: str
    model: type
    field: ForeignKey | OneToOneField

    @property
    def title(self) -> str:
        return TITLES.get(self.label, str(self.model._meta.verbose_name_plural))


def references() -> Iterator[Reference]:
    """Every foreign key to a card, of this app and of those above: none is named here, none can be forgotten."""
    for relation in Client._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one):
            model, field = relation.related_model, relation.field
            yield Reference(f"{model._meta.label}.{field.name}", model, field)


def behind(*cards: Client) -> list[tuple[str, list[int]]]:
    """(title, how many of each card) of everything people see; lines of zeros are left out. One query."""
    shown = [ref for ref in references() if ref.label not in HIDDEN]
    parts = [
        f"SELECT {n}, {ref.field.column}, count(*) FROM {ref.model._meta.db_table} WHERE {ref.field.column} = ANY(%(ids)s) GROUP BY 2"
        for n, ref in enumerate(shown)
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), {"ids": [card.pk for card in cards]})
        counted = {(n, pk): number for n, pk, number in cursor.fetchall()}
    lines = [(ref.title, [counted.get((n, card.pk), 0) for card in cards]) for n, ref in enumerate(shown)]
    return [line for line in lines if any(line[1])]


def key_of(client: Client) -> tuple[str, str, str, str]:
    """(kind, ОГРН, ИНН, КПП): what tells whether two cards are one record."""
    return client.kind, client.ogrn or "", client.inn, client.kpp


def refusal(main: Client, other: Client) -> str:
    """Why the pair may not be merged, for the card's button; the service asks more."""
    return merge_refusal(key_of(main), key_of(other))


def main_of(client_id: int) -> int | None:
    """The card that a merged one leads to."""
    return ClientMerge.objects.filter(other=client_id, undone_at=None).values_list("main", flat=True).first()


def merges_of(client: Client) -> list[ClientMerge]:
    """Cards that were joined to this one and still are."""
    return list(ClientMerge.objects.filter(main=client, undone_at=None).select_related("by")[:20])


def ids_with_merged(client_id: int) -> list[int]:
    """The card and those joined to it: whose history is its own."""
    joined = ClientMerge.objects.filter(main=client_id, undone_at=None).values_list("other", flat=True)
    return [client_id, *joined[:50]]
