"""«Итог продления»: what the client said about a term, with its evidence (R3.21–R3.36, R3.41; billing 3.9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from accounts.models import Account, AccountMember
from accounts.services.locking import locked_account
from core import clock, journal
from core.db import in_transaction
from core.errors import Conflict, DomainError
from core.rights import require
from core.text import clean
from licenses.choices import InvoiceState, LicenseState
from licenses.models import Invoice, License, Term
from partners.models import Employee
from partners.rights import Right
from renewals import rules
from renewals.choices import INACTIVITY_ONLY, NEGATIVE, OutcomeKind
from renewals.models import Competitor, Outcome
from renewals.selectors.register import register_state

from .sweep import renewals_refresh

EARLY_RIGHT = Right.CLIENT_REBIND
"""Who may say «не используют» before the licence has ended (R3.27): the head of a sales point."""


REPORTING, ACCOUNT = "eo", "account"
"""Codes of the products that «Нулевка» is about (R3.33)."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an outcome asks for. `competitor` a name, `target_number` an account's number."""

    competitor: str = ""
    reason: str = ""
    target_number: int | None = None


@in_transaction
def outcome_set(
    *, term_id: int, kind: str, by: Employee, on: date, comment: str = "", evidence: Evidence = Evidence(), is_early: bool = False
) -> Outcome:  # fmt: skip
    """Set the outcome of a term; the one that stood is withdrawn and kept. A negative one terminates at once (R3.41).

    `on`: today at the account's sales point. `is_early`: «не используют» before the end, by a head. Term.DoesNotExist
    outside the scope; DomainError names the missing evidence.
    """
    account, term = _locked_term(term_id, by)
    require(by, Right.OUTCOME_SET, account)
    comment = (comment or "").replace("\x00", "").strip()[:4000]
    _check_kind(kind, comment)
    outcome = Outcome(term=term, kind=kind, comment=comment, at=clock.now(), by=by)
    _attach(outcome, account, term, evidence, by=by, on=on, is_early=is_early)
    outcome.replaces = Outcome.objects.filter(term=term, withdrawn_at=None).first()
    _withdraw(Outcome.objects.filter(term=term, withdrawn_at=None), by)
    outcome.save(force_insert=True)
    journal.record(
        account, "outcome.set", by=by,
        data={"account": account.pk, "term": term.pk, "outcome": outcome.pk, "kind": kind, "kind_title": outcome.get_kind_display(), "comment": comment},
    )  # fmt: skip
    renewals_refresh([account.pk], on=on)
    return outcome


@in_transaction
def outcome_withdraw(*, outcome_id: int, by: Employee, on: date) -> Outcome:
    """Take an outcome back: the one it replaced stands again, else none. Conflict when another one stands by now.

    Nothing is rewritten: the earlier outcome is set anew as it was, «Выставлен счет» only while its invoice lives.
    """
    found = Outcome.objects.select_related("term").get(pk=outcome_id)
    account, term = _locked_term(found.term_id, by)
    require(by, Right.OUTCOME_SET, account)
    outcome = Outcome.objects.select_for_update(of=("self",)).get(pk=outcome_id)
    if outcome.withdrawn_at is not None:
        raise Conflict("Этот итог уже отменен.", who=str(outcome.withdrawn_by or ""), when=outcome.withdrawn_at)
    _withdraw(Outcome.objects.filter(pk=outcome.pk), by)
    outcome.refresh_from_db()
    restored = _restore(outcome, by)
    journal.record(
        account, "outcome.withdrawn", by=by,
        data={"account": account.pk, "term": term.pk, "outcome": outcome.pk, "kind_title": outcome.get_kind_display(),
              "again": f". Снова: {restored.get_kind_display()}" if restored else ""},
    )  # fmt: skip
    renewals_refresh([account.pk], on=on)
    return outcome


def invoice_outcomes_withdraw(*, invoice: Invoice, by: Employee | None, on: date) -> int:
    """«Выставлен счет» falls with its invoice. Part of the invoice's transaction: its account is locked."""
    return _withdraw(Outcome.objects.filter(invoice=invoice, kind=OutcomeKind.INVOICE_ISSUED, withdrawn_at=None), by)


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


def _locked_term(term_id: int, by: Employee) -> tuple[Account, Term]:
    found = Term.objects.visible_to(by).only("account_id").get(pk=term_id)
    account = locked_account(found.account_id, by=by)
    return account, Term.objects.select_for_update(of=("self",)).select_related("direction").get(pk=term_id)


def _withdraw(outcomes, by: Employee | None) -> int:
    return outcomes.update(withdrawn_at=clock.now(), withdrawn_by=by)


def _restore(outcome: Outcome, by: Employee) -> Outcome | None:
    """The outcome that `outcome` had replaced, set anew; an invoice that fell meanwhile brings back what stood before it."""
    before = outcome.replaces
    while before is not None and before.kind == OutcomeKind.INVOICE_ISSUED and renewal_invoice(outcome.term) is None:
        before = before.replaces
    if before is None:
        return None
    return Outcome.objects.create(
        term=outcome.term, kind=before.kind, comment=before.comment, competitor=before.competitor, reason=before.reason,
        target_account=before.target_account, register_state=before.register_state, invoice=before.invoice,
        replaces=before.replaces, at=clock.now(), by=by,
    )  # fmt: skip


def _check_kind(kind: str, comment: str) -> None:
    if kind not in OutcomeKind.values:
        raise DomainError("Выберите итог из списка.", field="kind")
    if kind in INACTIVITY_ONLY:
        raise DomainError(
            "Этот итог указывают только в списке «Неактивные». Выберите другой.", field="kind", code="inactivity"
        )
    if kind in NEGATIVE and not rules.is_comment_enough(comment):
        raise DomainError(
            "Напишите, почему клиент не продлевает: не меньше 10 знаков.", field="comment", code="comment"
        )


def _attach(
    outcome: Outcome, account: Account, term: Term, evidence: Evidence, *, by: Employee, on: date, is_early: bool
) -> None:
    """Check the evidence that the kind asks for and put it on the outcome."""
    kind = outcome.kind
    if kind == OutcomeKind.NOT_USING and term.ends_on >= on and not (is_early and by.has_right(EARLY_RIGHT)):
        raise DomainError(
            f"Лицензия действует по {term.ends_on:%d.%m.%Y}: «Не используют» указывают после окончания, раньше это может руководитель.",
            field="kind", code="not_ended",
        )  # fmt: skip
    if kind in (OutcomeKind.NOT_EXISTING, OutcomeKind.LIQUIDATING):
        state = register_state(account)
        if kind == OutcomeKind.NOT_EXISTING and not state.is_ceased:
            raise DomainError(
                f"По реестру организация не ликвидирована ({state.text}). Выберите «Ликвидируются» или дождитесь обновления реестра.",
                field="kind", code="register",
            )  # fmt: skip
        outcome.register_state = state.text[:300]
    if kind == OutcomeKind.LEFT_US:
        name, reason = clean(evidence.competitor)[:120], clean(evidence.reason)[:200]
        if not name or not reason:
            raise DomainError(
                "Укажите, к какому конкуренту ушел клиент и почему.",
                field="reason" if name else "competitor",
                code="left",
            )
        outcome.competitor, _ = Competitor.objects.get_or_create(name=name)
        outcome.reason = reason
    if kind == OutcomeKind.MOVED_ACCOUNT:
        outcome.target_account = _target(account, evidence.target_number, by)
    if kind == OutcomeKind.ZERO_REPORTING:
        _check_zero(account, term)
    if kind == OutcomeKind.INVOICE_ISSUED:
        outcome.invoice = renewal_invoice(term)
        if outcome.invoice is None:
            raise DomainError(
                "Счета на продление еще нет. Нажмите «Продлить», чтобы его выставить.", field="kind", code="no_invoice"
            )


def _check_zero(account: Account, term: Term) -> None:
    """«Нулевка»: the old period had ЭО and «Аккаунт», and only «Аккаунт» goes on (R3.33)."""
    sold = License.objects.filter(account=account, state__in=[LicenseState.SHIPPED, LicenseState.ACTIVE])
    old = sold.filter(starts_on__lte=term.ends_on, ends_on__gte=term.starts_on)
    had = set(old.values_list("item__line__product__code", flat=True))
    if REPORTING not in had or ACCOUNT not in had or not sold.filter(term=term, item__line__product__code=REPORTING):
        raise DomainError(
            "«Нулевку» указывают, когда в закончившемся периоде были ЭО и «Аккаунт». Выберите другой итог.",
            field="kind", code="zero",
        )  # fmt: skip
    later = License.objects.filter(account=account, ends_on__gt=term.ends_on).exclude(
        state__in=[LicenseState.CANCELLED, LicenseState.REPLACED]
    )
    goes_on = set(later.values_list("item__line__product__code", flat=True))
    if ACCOUNT not in goes_on or REPORTING in goes_on:
        raise DomainError(
            "«Нулевку» указывают, когда на новый период продлили только «Аккаунт»: сначала продлите его, без ЭО.",
            field="kind", code="zero",
        )  # fmt: skip


def _target(account: Account, number: int | None, by: Employee) -> Account:
    """The other account: one that holds an organisation of this one (R3.30)."""
    target = Account.objects.visible_to(by).filter(number=number).exclude(pk=account.pk).first() if number else None
    if target is None:
        raise DomainError("Укажите номер аккаунта, в который перешел клиент.", field="target_number", code="target")
    ours = AccountMember.objects.filter(account=account).values("client")
    if not AccountMember.objects.present().filter(account=target, client__in=ours).exists():
        raise DomainError(
            "В том аккаунте нет организации этого клиента. Сначала добавьте ее туда или укажите другой номер.",
            field="target_number",
            code="target",
        )
    return target
