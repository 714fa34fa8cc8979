"""Organisations of an account: add, remove, make main, change KPP, move (manual ch. 2.2–2.4, R2.82, R2.151–R2.158)."""

from __future__ import annotations

from datetime import date

from accounts.events import member_added, member_adding, member_leaving, member_left
from accounts.models import Account, AccountMember
from clients.choices import Kind
from clients.models import Client
from clients.services.cards import check_version
from core import clock, journal
from core.db import in_transaction
from core.errors import Conflict, DomainError
from core.formats import group
from core.identifiers import is_kpp
from core.rights import require
from core.text import clean
from partners.models import Employee
from partners.rights import Right

from .connecting import check_connectable
from .connections import refresh_connections
from .locking import locked_account, locked_clients, locked_with_members


@in_transaction
def member_add(
    *, account_id: int, client_id: int, by: Employee, on: date, kpp: str = "", confirmed: bool = False
) -> AccountMember:
    """«+» in «Контрагенты». The card's binding does not change (R2.79).

    `confirmed`: the organisation may stand in another paid account too (decision 16). Refused: ceased, already here,
    above the licence's limit, a KPP that is none.
    """
    client = locked_clients([client_id])[client_id]
    account = locked_account(account_id, by=by)
    require(by, Right.ACCOUNT_CHANGE, account)
    check_connectable(client)
    _check_not_here(account, client)
    if not confirmed:
        _refuse_other_paid(account, client, on=on)
    member = _join(account, client, checked_kpp(client, kpp or client.kpp), by=by, on=on)
    refresh_connections({client.pk: client}, on=on, by=by)
    journal.record(account, "member.added", by=by, data={"client": client.pk, "account": account.pk, "kpp": member.kpp})
    return member


@in_transaction
def member_remove(
    *, member_id: int, reason: str, by: Employee, on: date, free: bool = False, version: int | None = None
) -> AccountMember:
    """«Удалить»: the row stays with its leaving date. The last account left makes the card «Потерянные» (R2.4, R2.158).

    `free`: licences given to the organisation are taken back; without it they refuse the step.
    """
    member, account, clients = _held(member_id, by)
    require(by, Right.ACCOUNT_CHANGE, account)
    check_version(member, version)
    if not clean(reason):
        raise DomainError("Укажите причину удаления.", field="reason")
    _check_may_leave(member)
    member_leaving.send(sender=Account, account=account, client=member.client, by=by, on=on, free=free, moves_to=None)
    _leave(member, account, clean(reason), by)
    refresh_connections({member.client_id: clients[member.client_id]}, on=on, by=by, removed=True)
    journal.record(
        account,
        "member.removed",
        by=by,
        data={"client": member.client_id, "account": account.pk, "reason": clean(reason)},
    )
    member_left.send(sender=Account, account=account, client=member.client, by=by, on=on, moves_to=None)
    return member


@in_transaction
def member_make_main(*, member_id: int, by: Employee, on: date) -> AccountMember:
    """Another organisation becomes the main one; its region becomes the account's (R2.80)."""
    member, account, clients = _held(member_id, by)
    require(by, Right.ACCOUNT_CHANGE, account)
    if member.is_main:
        return member
    old = AccountMember.objects.present().filter(account=account, is_main=True).first()
    AccountMember.objects.present().filter(account=account, is_main=True).update(is_main=False)
    member.is_main = True
    member.version += 1
    member.save(update_fields=["is_main", "version"])
    account.region_code = member.client.region_code
    account.save(update_fields=["region_code"])
    refresh_connections(clients, on=on, by=by)
    journal.record(
        account,
        "member.made_main",
        by=by,
        data={"client": member.client_id, "account": account.pk, "main": [old and old.client_id, member.client_id]},
    )
    return member


@in_transaction
def member_kpp_change(*, member_id: int, kpp: str, by: Employee, on: date, version: int | None = None) -> AccountMember:
    """«Изменить КПП»: checked, journalled; two members of one INN and KPP are refused (R2.151)."""
    member, account, _ = _held(member_id, by)
    require(by, Right.ACCOUNT_CHANGE, account)
    check_version(member, version)
    new = checked_kpp(member.client, kpp)
    twin = (
        AccountMember.objects.present()
        .filter(account=account, client__inn=member.client.inn, kpp=new)
        .exclude(pk=member.pk)
        .exclude(client__inn="")
        .select_related("client")
        .first()
    )
    if twin is not None and new:
        raise DomainError(f"В аккаунте уже есть {twin.client.name} с таким ИНН и КПП.", field="kpp", code="twin")
    if changed := journal.changes(member, {"kpp": new}):
        member.version += 1
        member.save(update_fields=["kpp", "version"])
        journal.record(
            account, "member.kpp_changed", by=by, data={"client": member.client_id, "account": account.pk, **changed}
        )
    return member


@in_transaction
def member_move(*, member_id: int, to_account_id: int, by: Employee, on: date, reason: str = "") -> AccountMember:
    """«Переместить в аккаунт»: one step, rights on both accounts, licences given to the organisation are freed (R2.155)."""
    from_id = AccountMember.objects.present().visible_to(by).values_list("account_id", flat=True).get(pk=member_id)
    if from_id == to_account_id:
        raise DomainError("Организация уже в этом аккаунте: выберите другой.", field="account")
    pk = AccountMember.objects.values_list("client_id", flat=True).get(pk=member_id)
    clients = locked_clients([pk])
    accounts = {number: locked_account(number, by=by) for number in sorted((from_id, to_account_id))}
    source, target = accounts[from_id], accounts[to_account_id]
    require(by, Right.ACCOUNT_CHANGE, source)
    require(by, Right.ACCOUNT_CHANGE, target)
    member = _present(member_id)
    _check_may_leave(member)
    _check_not_here(target, member.client)
    text = clean(reason) or f"Перемещена в аккаунт №\u00a0{group(target.number)}"
    member_leaving.send(sender=Account, account=source, client=member.client, by=by, on=on, free=True, moves_to=target)
    _leave(member, source, text, by)
    new = _join(target, clients[pk], member.kpp, by=by, on=on)
    refresh_connections(clients, on=on, by=by)
    for account, code in ((source, "member.moved_out"), (target, "member.moved_in")):
        journal.record(
            account, code, by=by, data={"client": pk, "account": account.pk, "from": source.number, "to": target.number}
        )
    member_left.send(sender=Account, account=source, client=member.client, by=by, on=on, moves_to=target)
    return new


def checked_kpp(client: Client, kpp: str) -> str:
    """The KPP of a member: required for legal entities, none for the others (R2.82)."""
    kpp = clean(kpp).upper()
    if client.kind != Kind.LEGAL:
        if kpp:
            raise DomainError("У ИП и физических лиц КПП нет: оставьте поле пустым.", field="kpp")
        return ""
    if not is_kpp(kpp):
        raise DomainError("Проверьте КПП: 9 знаков, например 390601001.", field="kpp")
    return kpp


def _held(member_id: int, by: Employee) -> tuple[AccountMember, Account, dict[int, Client]]:
    account_id = AccountMember.objects.present().visible_to(by).values_list("account_id", flat=True).get(pk=member_id)
    account, clients = locked_with_members(account_id, by=by)
    return _present(member_id), account, clients


def _present(member_id: int) -> AccountMember:
    member = AccountMember.objects.select_related("client", "account").get(pk=member_id)
    if member.left_at is not None:
        raise Conflict(
            "Организации уже нет в аккаунте: обновите страницу.",
            code="left",
            who=str(member.left_by or ""),
            when=member.left_at,
        )
    return member


def _check_not_here(account: Account, client: Client) -> None:
    if AccountMember.objects.present().filter(account=account, client=client).exists():
        raise DomainError(
            f"{client.name} уже есть в аккаунте №\u00a0{group(account.number)}.", field="inn", code="already_here"
        )


def _refuse_other_paid(account: Account, client: Client, *, on: date) -> None:
    other = (
        Account.objects.paid(on=on)
        .filter(members__client=client, members__left_at__isnull=True)
        .exclude(pk=account.pk)
        .order_by("number")
        .first()
    )
    if other is not None:
        raise Conflict(
            f"{client.name} есть в платном аккаунте №\u00a0{group(other.number)}. Отметьте, что организация нужна и здесь.",
            code="other_paid",
            field="confirmed",
        )


def _check_may_leave(member: AccountMember) -> None:
    others = AccountMember.objects.present().filter(account_id=member.account_id).exclude(pk=member.pk)
    if member.is_main and others.exists():
        raise DomainError("Это основная организация: сначала сделайте основной другую.", code="main")


def _join(account: Account, client: Client, kpp: str, *, by: Employee, on: date) -> AccountMember:
    member_adding.send(sender=Account, account=account, client=client, by=by, on=on)
    member = AccountMember.objects.create(
        account=account, client=client, is_main=account.members_count == 0, kpp=kpp, joined_at=clock.now(), joined_by=by
    )
    account.members_count += 1
    account.save(update_fields=["members_count"])
    member_added.send(sender=Account, account=account, member=member, by=by, on=on)
    return member


def _leave(member: AccountMember, account: Account, reason: str, by: Employee) -> None:
    # The clock of a demo may stand before the day the organisation joined.
    member.left_at, member.left_by, member.left_reason = max(clock.now(), member.joined_at), by, reason[:300]
    member.is_main = False
    member.version += 1
    member.save(update_fields=["left_at", "left_by", "left_reason", "is_main", "version"])
    account.members_count -= 1
    account.save(update_fields=["members_count"])
