"""Facts of a term that outcomes depend on: the register, the invoice, what was renewed, the other account (R3.25–R3.33)."""

from __future__ import annotations

from datetime import date

from accounts.models import Account, AccountMember
from clients.rules import STRONG
from clients.selectors.related import relations
from core.errors import DomainError
from licenses.choices import InvoiceState, LicenseState
from licenses.models import Invoice, License, Term
from partners.models import Employee
from renewals.choices import Condition, Move, OutcomeKind
from renewals.models import OutcomeOption
from renewals.outcome_rules import Case
from renewals.selectors.register import register_state

REPORTING, ACCOUNT = "eo", "account"
"""Codes of the products that «Нулевка» is about (R3.33)."""


def case_of(
    option: OutcomeOption, account: Account, term: Term, *, on: date, may_early: bool = False, has_extract: bool = False
) -> Case:
    """What the option's condition asks for; the other facts are not read."""
    register, ceased = "", False
    if option.condition == Condition.CEASED or option.code == OutcomeKind.LIQUIDATING:
        state = register_state(account)
        register, ceased = state.text, state.is_ceased
    return Case(
        term.ends_on, on, is_ceased=ceased, register=register, has_extract=has_extract, may_early=may_early,
        has_invoice=option.condition == Condition.INVOICE and renewal_invoice(term) is not None,
        account_only=account_only(account, term) if option.condition == Condition.ACCOUNT_ONLY else "",
    )  # fmt: skip


def renewal_invoice(term: Term) -> Invoice | None:
    """The live invoice over the next term of the direction, not shipped yet or shipped."""
    return (
        Invoice.objects.filter(
            state=InvoiceState.ISSUED, lines__license__term__account=term.account_id, lines__license__term__direction=term.direction_id,
            lines__license__term__starts_on__gt=term.starts_on, lines__license__state__in=[LicenseState.INVOICED, LicenseState.SHIPPED, LicenseState.ACTIVE],
        )
        .order_by("-issued_on", "-pk")
        .first()
    )  # fmt: skip


def account_only(account: Account, term: Term) -> str:
    """Why it is no «Нулевка»: the old period had ЭО and «Аккаунт», and only «Аккаунт» goes on (R3.33); "" when it is."""
    sold = License.objects.filter(account=account, state__in=[LicenseState.SHIPPED, LicenseState.ACTIVE])
    old = sold.filter(starts_on__lte=term.ends_on, ends_on__gte=term.starts_on)
    had = set(old.values_list("item__line__product__code", flat=True))
    if REPORTING not in had or ACCOUNT not in had or not sold.filter(term=term, item__line__product__code=REPORTING):
        return "«Нулевку» указывают, когда в закончившемся периоде были ЭО и «Аккаунт». Выберите другой итог."
    later = License.objects.filter(account=account, ends_on__gt=term.ends_on).exclude(
        state__in=[LicenseState.CANCELLED, LicenseState.REPLACED]
    )
    goes_on = set(later.values_list("item__line__product__code", flat=True))
    if ACCOUNT not in goes_on or REPORTING in goes_on:
        return "«Нулевку» указывают, когда на новый период продлили только «Аккаунт»: сначала продлите его, без ЭО."
    return ""


def target_account(account: Account, number: int, move: str, by: Employee) -> Account:
    """The account that an organisation of this one is renewed in (R3.30, R3.31).

    An additional subscriber stands in it already; a group of companies may also be known by a strong relation.
    """
    target = Account.objects.visible_to(by).filter(number=number).exclude(pk=account.pk).first()
    if target is None:
        raise DomainError(
            "Такого аккаунта среди доступных вам нет. Проверьте номер.", field="target_number", code="target"
        )
    ours = list(AccountMember.objects.present().filter(account=account).values_list("client_id", flat=True))
    theirs = AccountMember.objects.present().filter(account=target)
    if theirs.filter(client__in=ours).exists():
        return target
    if move != Move.ADDITIONAL:
        related = {hit.client_id for hits in relations(ours, at_least=STRONG).values() for hit in hits}
        if theirs.filter(client__in=related).exists():
            return target
    raise DomainError(
        "В том аккаунте нет организации этого клиента. Сначала добавьте ее туда или укажите другой номер."
        if move == Move.ADDITIONAL
        else "В том аккаунте нет ни организации этого клиента, ни связанных с ней. Добавьте ее туда или укажите другой номер.",
        field="target_number",
        code="target",
    )
