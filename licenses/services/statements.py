"""Import of bank statements: incoming payments once, and what they certainly pay (billing 3.4, contracts: import_statement)."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date

from django.db.models import Q

from accounts.models import Account
from core import clock, journal
from core.db import in_transaction
from core.locks import advisory_xact_lock
from core.rights import require
from licenses.choices import MatchState
from licenses.models import BankStatement, Invoice, License, Payment
from licenses.selectors.matching import Match, match_of
from licenses.statements import Document, Statement, read_statement
from partners.models import Employee, LegalEntity
from partners.rights import Right

from .payments import allocate, paid_of


@dataclass(slots=True)
class StatementCounts:
    """documents = new + duplicates + skipped; new = matched + suggested + unmatched."""

    documents: int = 0
    new: int = 0
    duplicates: int = 0
    skipped: int = 0
    matched: int = 0
    suggested: int = 0
    unmatched: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """One document of a statement and what came of it: a MatchState, «duplicate» or «skipped» with its `reason`.

    Dates are dd.mm.yyyy and sums plain text as JSON keeps them; `payment` is the row's pk.
    """

    number: str
    date: str
    amount: str
    payer: str
    inn: str
    purpose: str
    outcome: str
    reason: str = ""
    invoices: tuple[str, ...] = ()
    payment: int | None = None


@dataclass(frozen=True, slots=True)
class ImportedStatement:
    """What an import did, document by document, and what was mended while reading (Russian sentences)."""

    counts: StatementCounts
    warnings: list[str]
    rows: list[Told] = field(default_factory=list)
    statement: BankStatement | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A payment that came in: how it was matched, with which invoices."""

    state: MatchState
    invoices: tuple[Invoice, ...] = ()
    payment_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Key:
    """The natural key of a payment, cut to the columns. `sequence` tells equal rows of one file apart."""

    own_account: str
    number: str
    date: date
    amount: object
    payer_account: str
    payer_inn: str
    sequence: int = 0

    @property
    def same(self) -> tuple:
        """The key of the contract: the payer's account, or the INN where there is none."""
        return (self.own_account, self.number, self.date, self.amount, self.payer_account or self.payer_inn)

    def numbered(self, seen: Counter) -> _Key:
        seen[self.same] += 1
        return _Key(*self.same[:4], self.payer_account, self.payer_inn, seen[self.same] - 1)


def statement_import(*, data: bytes, name: str, by: Employee | None, on: date) -> ImportedStatement:
    """Take the incoming payments of one file. `StatementError` for what is no statement; nothing is written then.

    Every payment is a transaction of its own, so accounts are locked for moments, and a broken import is finished by
    the next one. The same payments again, in this file or another one, are duplicates. `by` None: the system.
    """
    if by is not None:
        require(by, Right.PAYMENT_REGISTER)
    statement = read_statement(data)
    entities = _entities()
    source, is_first = _source(data, name, statement, by)
    counts, seen, rows = StatementCounts(documents=len(statement.documents)), Counter(), []
    for document in statement.documents:
        if reason := _why_skipped(document, entities.keys() | statement.accounts):
            counts.skipped += 1
            rows.append(_told(document, SKIPPED, reason))
            continue
        key = _key(document).numbered(seen)
        taken = _take(key, document, entities.get(key.own_account), source=source, by=by, on=on)
        _count(counts, taken.state if taken else None)
        rows.append(_told(document, taken.state, taken=taken) if taken else _told(document, DUPLICATE, ALREADY))
    if is_first or counts.new:
        _finish(source, counts, by)
    return ImportedStatement(counts, statement.warnings, rows, source)


def statement_preview(data: bytes) -> ImportedStatement:
    """What the import of these bytes would do now. Reads only. `StatementError` for what is no statement."""
    statement = read_statement(data)
    entities, seen, rows = _entities(), Counter(), []
    counts = StatementCounts(documents=len(statement.documents))
    for document in statement.documents:
        if reason := _why_skipped(document, entities.keys() | statement.accounts):
            counts.skipped += 1
            rows.append(_told(document, SKIPPED, reason))
            continue
        key = _key(document).numbered(seen)
        if _is_known(key):
            counts.duplicates += 1
            rows.append(_told(document, DUPLICATE, ALREADY))
            continue
        match = match_of(document, entities.get(key.own_account))
        _count(counts, match.state)
        rows.append(_told(document, match.state, taken=Taken(match.state, match.invoices)))
    return ImportedStatement(counts, statement.warnings, rows)


SKIPPED, DUPLICATE = "skipped", "duplicate"
ALREADY = "Этот платеж уже загружен"


def _entities() -> dict[str, LegalEntity]:
    return {row.bank_account: row for row in LegalEntity.objects.exclude(bank_account="")}


def _why_skipped(document: Document, own: set[str]) -> str:
    """Why a document is no incoming payment of ours; "" for one that is. A sum that cannot be read is no payment."""
    if not document.is_payment_order:
        return f"Не платежное поручение: {document.kind or 'вид не указан'}"
    if document.payee_account not in own:
        return "Не на наш счет"
    if not document.received_on:
        return "Деньги еще не поступили: нет даты поступления"
    return "" if document.amount else "Сумма не указана или не прочитана"


def _told(document: Document, outcome: str, reason: str = "", taken: Taken | None = None) -> Told:
    day = document.date or document.received_on
    return Told(
        number=document.number or "", date=f"{day:%d.%m.%Y}" if day else "", amount=str(document.amount or ""),
        payer=(document.payer_name or "")[:300], inn=document.payer_inn or "", purpose=(document.purpose or "")[:500],
        outcome=str(outcome), reason=reason[:200], invoices=tuple(i.number for i in taken.invoices) if taken else (),
        payment=taken.payment_id if taken else None,
    )  # fmt: skip


def _key(document: Document) -> _Key:
    return _Key(
        (document.payee_account or "")[:20],
        (document.number or "")[:40],
        document.date or document.received_on,
        document.amount,
        (document.payer_account or "")[:40],
        (document.payer_inn or "")[:12],
    )


def _source(data: bytes, name: str, statement: Statement, by: Employee | None) -> tuple[BankStatement, bool]:
    return BankStatement.objects.get_or_create(
        sha256=hashlib.sha256(data).hexdigest(),
        defaults={"name": name[-200:], "imported_at": clock.now(), "by": by, "warnings": statement.warnings},
    )


def payment_take(document: Document, *, on: date) -> Taken | None:
    """A payment the accounting system tells of, matched as one of a statement; None when it is known, from whatever source."""
    entity = _entities().get(document.payee_account or "")
    return _take(_key(document), document, entity, source=None, by=None, on=on)


@in_transaction
def _take(
    key: _Key,
    document: Document,
    entity: LegalEntity | None,
    *,
    source: BankStatement | None,
    by: Employee | None,
    on: date,
) -> Taken | None:
    """One payment with what it pays; None for a duplicate."""
    advisory_xact_lock("statement", key.own_account)
    if _is_known(key):
        return None
    match = _settled(document, entity)
    payment = Payment.objects.create(
        own_account=key.own_account, number=key.number, date=key.date, amount=key.amount, sequence=key.sequence,
        payer_account=key.payer_account, payer_inn=key.payer_inn, payer_name=(document.payer_name or "")[:300],
        purpose=document.purpose or "", received_on=document.received_on, legal_entity=entity, statement=source,
        source=Payment.Source.STATEMENT if source else Payment.Source.GATEWAY, match_state=match.state, created_at=clock.now(), created_by=by,
        suggested=match.invoices[0] if match.state == MatchState.SUGGESTED else None,
    )  # fmt: skip
    if match.state == MatchState.MATCHED:
        for invoice in match.invoices:
            owed = invoice.total - paid_of(invoice)
            allocate(payment=payment, invoice=invoice, amount=owed, by=by, on=on, is_automatic=True)
    return Taken(match.state, match.invoices, payment.pk)


def _is_known(key: _Key) -> bool:
    payer = Q(payer_account=key.payer_account) if key.payer_account else Q(payer_account="", payer_inn=key.payer_inn)
    return Payment.objects.filter(
        payer,
        own_account=key.own_account,
        number=key.number,
        date=key.date,
        amount=key.amount,
        sequence=key.sequence,
    ).exists()


def _settled(document: Document, entity: LegalEntity | None) -> Match:
    """The match under the locks of its accounts, licences and invoices; what changed meanwhile is only suggested."""
    match = match_of(document, entity)
    if match.state != MatchState.MATCHED:
        return match
    pks = [invoice.pk for invoice in match.invoices]
    accounts = {invoice.account_id for invoice in match.invoices}
    held = {
        row.pk: row for row in Account.objects.filter(pk__in=accounts).order_by("pk").select_for_update(of=("self",))
    }
    list(License.objects.filter(invoice_lines__invoice__in=pks).order_by("pk").select_for_update(of=("self",)))
    rows = Invoice.objects.filter(pk__in=pks).select_related("legal_entity").order_by("pk")
    locked = list(rows.select_for_update(of=("self",)))
    again = match_of(document, entity)
    if again != match or any(invoice.account_id not in held for invoice in locked):
        return Match(MatchState.SUGGESTED, match.invoices[:1])
    for invoice in locked:
        invoice.account = held[invoice.account_id]
    return Match(MatchState.MATCHED, tuple(locked))


def _count(counts: StatementCounts, state: MatchState | None) -> None:
    if state is None:
        counts.duplicates += 1
        return
    counts.new += 1
    setattr(counts, state.value, getattr(counts, state.value) + 1)


@in_transaction
def _finish(source: BankStatement, counts: StatementCounts, by: Employee | None) -> None:
    source.counts = asdict(counts)
    source.save(update_fields=["counts"])
    journal.record(source, "statement.imported", by=by, data={"name": source.name, **source.counts}, source="import")
