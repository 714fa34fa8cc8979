"""«Итог продления»: what the client said about a term, with its evidence (R3.21–R3.36, R3.41; billing 3.9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from accounts.models import Account, AccountMember
from accounts.services.locking import locked_account, locked_clients
from clients.models import ClientPerson, ClientPhone
from clients.services.contacts import email_mark, phone_mark
from clients.services.signals import signal_group
from core import clock, journal
from core.db import in_transaction
from core.errors import Conflict, DomainError
from core.rights import require
from core.text import clean
from licenses.models import Invoice, Term
from partners.models import Employee
from partners.rights import Right
from renewals.choices import Effect, Move, OutcomeKind
from renewals.models import Competitor, Outcome, OutcomeExtract, OutcomeOption
from renewals.outcome_rules import Refusal, Said, condition_refusal, evidence_refusal, offered

from .extracts import Extract, checked_extract
from .outcome_case import case_of, renewal_invoice, target_account
from .sweep import renewals_refresh

EARLY_RIGHT = Right.CLIENT_REBIND
"""Who may say «не используют» before the licence has ended (R3.27): the head of a sales point."""
MOST_COMMENT = 4_000
MOST_LINKED = 50
"""Organisations of one account that are tied to a group; a value that more cards share relates nobody (C6)."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an outcome asks for. `competitor` a name, `target_number` an account's number, `move` a value of `Move`.

    `wrong_phones`, `wrong_emails`: ids of numbers and of contact persons' links of the account's organisations that turned
    out wrong (R3.26).
    """

    competitor: str = ""
    reason: str = ""
    target_number: int | None = None
    move: str = ""
    extract: Extract | None = None
    wrong_phones: tuple[int, ...] = ()
    wrong_emails: tuple[int, ...] = ()


@in_transaction
def outcome_set(
    *, term_id: int, kind: str, by: Employee, on: date, comment: str = "", evidence: Evidence = Evidence(), is_early: bool = False
) -> Outcome:  # fmt: skip
    """Set the outcome of a term; the one that stood is withdrawn and kept. A negative one terminates at once (R3.41).

    `kind`: a code of the dictionary · `on`: today at the account's sales point · `is_early`: before the end, by a head.
    Term.DoesNotExist outside the scope; DomainError names the missing evidence.
    """
    account, term = _locked_term(term_id, by, clients=_contact_clients(evidence))
    require(by, Right.OUTCOME_SET, account)
    option = _option(kind)
    said = _said(comment, evidence)
    outcome = Outcome(
        term=term, kind=option, title=option.title, effect=option.effect, comment=said.comment, at=clock.now(), by=by
    )
    _attach(outcome, account, option, said, evidence, by=by, on=on, is_early=is_early)
    before = Outcome.objects.filter(term=term, withdrawn_at=None).first()
    outcome.replaces = before
    _withdraw(Outcome.objects.filter(term=term, withdrawn_at=None), by)
    outcome.save(force_insert=True)
    if evidence.extract:
        OutcomeExtract.objects.create(outcome=outcome, **checked_extract(evidence.extract))
    _mark_wrong(account, evidence, by)
    _link_groups(before, outcome)
    journal.record(
        account, "outcome.set", by=by,
        data={"account": account.pk, "term": term.pk, "outcome": outcome.pk, "kind": kind, "kind_title": outcome.title, "comment": said.comment},
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
    _link_groups(outcome, restored)
    journal.record(
        account, "outcome.withdrawn", by=by,
        data={"account": account.pk, "term": term.pk, "outcome": outcome.pk, "kind_title": outcome.title,
              "again": f". Снова: {restored.title}" if restored else ""},
    )  # fmt: skip
    renewals_refresh([account.pk], on=on)
    return outcome


def invoice_outcomes_withdraw(*, invoice: Invoice, by: Employee | None, on: date) -> int:
    """«Выставлен счет» falls with its invoice. Part of the invoice's transaction: its account is locked."""
    return _withdraw(Outcome.objects.filter(invoice=invoice, kind=OutcomeKind.INVOICE_ISSUED, withdrawn_at=None), by)


def _locked_term(term_id: int, by: Employee, clients: tuple[int, ...] = ()) -> tuple[Account, Term]:
    """Clients first: the order of locks (decision 30)."""
    found = Term.objects.visible_to(by).only("account_id").get(pk=term_id)
    if clients:
        locked_clients(clients)
    account = locked_account(found.account_id, by=by)
    return account, Term.objects.select_for_update(of=("self",)).select_related("direction").get(pk=term_id)


def _option(kind: str) -> OutcomeOption:
    """The line of the dictionary, held so that nobody deletes or renames it before the commit; refused when not offered."""
    found = list(
        OutcomeOption.objects.raw("SELECT * FROM renewals_outcomeoption WHERE code = %s FOR SHARE", [str(kind)])
    )
    if not found:
        raise DomainError("Такого итога больше нет. Выберите итог из списка.", field="kind")
    _refuse(offered(found[0].meaning()))
    return found[0]


def _refuse(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise DomainError(refusal.text, field=refusal.field, code=refusal.code)


def _said(comment: str, evidence: Evidence) -> Said:
    comment = (comment or "").replace("\x00", "").strip()
    if len(comment) > MOST_COMMENT:
        raise DomainError(
            f"Комментарий длиннее {MOST_COMMENT} знаков: сократите его.", field="comment", code="too_long"
        )
    return Said(
        comment, clean(evidence.competitor)[:120], clean(evidence.reason)[:200], evidence.target_number,
        evidence.move if evidence.move in Move.values else "",
    )  # fmt: skip


def _attach(
    outcome: Outcome, account: Account, option: OutcomeOption, said: Said, evidence: Evidence, *, by: Employee, on: date, is_early: bool
) -> None:  # fmt: skip
    """Check the condition and the evidence that the option asks for, and put it on the outcome."""
    meaning = option.meaning()
    case = case_of(
        option, account, outcome.term, on=on, may_early=is_early and by.has_right(EARLY_RIGHT), has_extract=evidence.extract is not None
    )  # fmt: skip
    _refuse(condition_refusal(meaning, case))
    _refuse(evidence_refusal(meaning, said))
    outcome.register_state = case.register[:300]
    if option.needs_competitor:
        outcome.competitor = _competitor(said.competitor)
    if option.needs_reason:
        outcome.reason = said.reason
    if option.needs_account:
        outcome.move = said.move if option.effect == Effect.MOVED else ""
        outcome.target_account = target_account(account, said.account, outcome.move, by)
    if option.effect == Effect.INVOICED:
        outcome.invoice = renewal_invoice(outcome.term)


def _competitor(name: str) -> Competitor:
    """The one of that name in any case, else a new one."""
    return Competitor.objects.filter(name__iexact=name).first() or Competitor.objects.get_or_create(name=name)[0]


def _contact_clients(evidence: Evidence) -> tuple[int, ...]:
    """Whose numbers and addresses will be marked; most outcomes mark none and ask nothing."""
    found: set[int] = set()
    if evidence.wrong_phones:
        found |= set(ClientPhone.objects.filter(pk__in=evidence.wrong_phones).values_list("client_id", flat=True))
    if evidence.wrong_emails:
        found |= set(ClientPerson.objects.filter(pk__in=evidence.wrong_emails).values_list("client_id", flat=True))
    return tuple(sorted(found))


def _mark_wrong(account: Account, evidence: Evidence, by: Employee) -> None:
    """Numbers and e-mails of the account's own organisations; other ids are nothing here (R3.26)."""
    ours = AccountMember.objects.present().filter(account=account).values("client")
    phones = ClientPhone.objects.filter(pk__in=evidence.wrong_phones, client__in=ours).order_by("client_id", "pk")
    for pk in phones.values_list("pk", flat=True):
        phone_mark(phone_id=pk, is_wrong=True, by=by)
    links = ClientPerson.objects.filter(pk__in=evidence.wrong_emails, client__in=ours).order_by("client_id", "pk")
    for client, person in links.values_list("client_id", "person_id"):
        email_mark(client_id=client, person_id=person, is_wrong=True, by=by)


def _link_groups(*outcomes: Outcome | None) -> None:
    """Organisations that joined a group of companies are related to it while the outcome that says so stands (R3.31)."""
    targets = {o.target_account_id for o in outcomes if o is not None and o.move == Move.GROUP}
    for target in sorted(targets):
        joined = Outcome.objects.filter(target_account=target, move=Move.GROUP, withdrawn_at=None)
        accounts = [target, *joined.values_list("term__account_id", flat=True)]
        members = AccountMember.objects.present().filter(account__in=accounts)
        clients = list(members.order_by("-is_main", "client_id").values_list("client_id", flat=True)[:MOST_LINKED])
        signal_group(kind="manual", value=f"group:{target}", client_ids=clients if len(accounts) > 1 else [])


def _withdraw(outcomes, by: Employee | None) -> int:
    return outcomes.update(withdrawn_at=clock.now(), withdrawn_by=by)


def _restore(outcome: Outcome, by: Employee) -> Outcome | None:
    """The outcome that `outcome` had replaced, set anew; an invoice that fell meanwhile brings back what stood before it."""
    before = outcome.replaces
    while before is not None and before.kind_id == OutcomeKind.INVOICE_ISSUED and renewal_invoice(outcome.term) is None:
        before = before.replaces
    if before is None:
        return None
    return Outcome.objects.create(
        term=outcome.term, kind_id=before.kind_id, title=before.title, effect=before.effect, comment=before.comment,
        competitor=before.competitor, reason=before.reason, target_account=before.target_account, move=before.move,
        register_state=before.register_state, invoice=before.invoice, replaces=before.replaces, at=clock.now(), by=by,
    )  # fmt: skip
