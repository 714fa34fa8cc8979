"""What may be done with many accounts at once: outcome, next term with its invoice (R3.23, issue 6)."""

from __future__ import annotations

from typing import Any

from core import clock
from core.actions import BulkAction
from core.errors import DomainError
from partners.rights import Right
from renewals.forms import BulkOutcomeForm
from renewals.models import RenewalRow
from renewals.selectors.terms import open_rows
from renewals.services import Evidence, account_renew, outcome_set


def today_of(row: RenewalRow):
    """The business date at the account's sales point (decision 10)."""
    return clock.today(row.salespoint.zone)


class SetOutcomeMany(BulkAction):
    slug, title, icon, right = "outcome", "Указать итог", "flag", Right.OUTCOME_SET
    form_class, question, submit, result = (
        BulkOutcomeForm,
        "Какой итог указать для выбранных?",
        "Указать итог",
        "Итог указан",
    )
    fields_template = "renewals/bulk_outcome.html"

    def name_of(self, row: RenewalRow) -> str:
        return row.account.name

    def perform(self, row: RenewalRow, *, by, data: dict[str, Any]) -> None:
        evidence = Evidence(data.get("competitor", ""), data.get("reason", ""))
        outcome_set(
            term_id=row.pk, kind=data["kind"], comment=data["comment"], evidence=evidence, by=by, on=today_of(row)
        )


class RenewMany(BulkAction):
    slug, title, icon, right = "renew", "Выставить счета", "file-invoice", Right.INVOICE_ISSUE
    question, submit, result = (
        "Продлить на прежний срок по ценам на сегодня и выставить счета?",
        "Выставить счета",
        "Выставлено счетов",
    )

    def name_of(self, row: RenewalRow) -> str:
        return row.account.name

    def perform(self, row: RenewalRow, *, by, data: dict[str, Any]) -> None:
        terms = [other.pk for other in open_rows(row.account) if not other.outcome or other.pk == row.pk]
        if not terms:
            raise DomainError("Продлевать нечего.", code="nothing")
        account_renew(account_id=row.account_id, term_ids=terms, by=by, on=today_of(row))


ACTIONS = (SetOutcomeMany, RenewMany)
