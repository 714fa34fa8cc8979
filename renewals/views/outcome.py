"""«Итог продления» of one account (R3.22–R3.41)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from accounts.models import Account
from core import clock, htmx
from core.pages import FormPage, Page
from core.rights import require
from partners.rights import Right
from renewals import forms
from renewals.choices import Condition, Effect, OutcomeKind
from renewals.models import Outcome, OutcomeExtract, RenewalRow
from renewals.outcome_rules import condition_refusal
from renewals.selectors.options import renewal_options
from renewals.selectors.phones import email_choices, phone_choices
from renewals.selectors.register import register_state
from renewals.selectors.terms import history, latest_rows, open_rows
from renewals.services import outcome_set, outcome_withdraw
from renewals.services.outcome_case import case_of
from renewals.services.outcomes import EARLY_RIGHT


class AccountForm(FormPage, abstract=True):
    """A form about one account in scope."""

    def get_object(self) -> Account:
        """A colleague's account is refused before anything is typed, not after."""
        account = get_object_or_404(
            Account.objects.visible_to(self.request.user).select_related("salespoint"), number=self.kwargs["number"]
        )
        require(self.request.user, self.right, account)
        return account

    @property
    def on(self):
        """Today at the account's sales point (decision 10)."""
        return clock.today(self.object.salespoint.zone)


class OutcomeSet(AccountForm):
    title, right, template_name = "Итог продления", Right.OUTCOME_SET, "renewals/outcome.html"
    submit, success_text = "Сохранить итог", "Итог сохранен"

    def get_rows(self) -> list[RenewalRow]:
        """Directions in the window or past it; else the last term of each, the one asked for first."""
        rows = open_rows(self.object) or latest_rows(self.object)
        asked = self.request.GET.get("term", "")
        if asked.isascii() and asked.isdigit() and len(asked) < 19 and int(asked) not in {row.pk for row in rows}:
            rows += RenewalRow.objects.filter(account=self.object, pk=int(asked)).select_related("direction", "term")
        if not rows:
            raise Http404
        return sorted(rows, key=lambda row: str(row.pk) != asked)

    def get_form(self, data=None, files=None) -> forms.OutcomeForm:
        self.rows = self.get_rows()
        current = (
            Outcome.objects.filter(term=self.rows[0].pk, withdrawn_at=None)
            .select_related("competitor", "target_account")
            .first()
        )
        initial = {"term": str(self.rows[0].pk)}
        if current:
            initial |= {"kind": current.kind_id, "comment": current.comment, "reason": current.reason, "competitor": str(current.competitor or ""),
                        "target_number": current.target_account.number if current.target_account_id else None, "move": current.move}  # fmt: skip
        return forms.OutcomeForm(
            data, files, rows=self.rows, may_early=self.may_early, register=register_state(self.object).text, initial=initial,
            why_not=self.why_not(), phones=phone_choices(self.object, self.request.user), emails=email_choices(self.object, self.request.user),
        )  # fmt: skip

    @property
    def may_early(self) -> bool:
        return self.request.user.has_right(EARLY_RIGHT)

    def why_not(self) -> dict[str, str]:
        """{code: why it cannot be chosen now}, where the form is about one term. What the form itself can mend stays."""
        if len(self.rows) > 1:
            return {}
        found = {}
        for option in renewal_options(offered=True):
            if option.condition not in (Condition.ALWAYS, Condition.CEASED):
                case = case_of(option, self.object, self.rows[0].term, on=self.on, may_early=self.may_early)
                if refusal := condition_refusal(option.meaning(), case):
                    found[option.code] = refusal.text
        return found

    def perform(self, form: forms.OutcomeForm) -> Outcome:
        data = form.cleaned_data
        return outcome_set(
            term_id=int(data["term"]), kind=data["kind"], comment=data["comment"], evidence=form.evidence(), is_early=data.get("is_early", False),
            by=self.request.user, on=self.on,
        )  # fmt: skip

    def get_success_text(self) -> str:
        return "Аккаунт переведен в «Расторгнутые»" if self.result.effect == Effect.NEGATIVE else self.success_text

    def get_undo(self) -> str:
        return f"/accounts/{self.object.number}/outcome/{self.result.pk}/withdraw/"

    def show(self, form, status: int = 200, **context: Any) -> HttpResponse:
        invoice = self.offers_invoice() if OutcomeKind.INVOICE_ISSUED in form.fields["kind"].widget.off else ""
        return super().show(
            form, status, history=history(self.object)[:20], viewer=self.request.user, offers_invoice=invoice, **context
        )

    def offers_invoice(self) -> str:
        """«Выставлен счет» without an invoice: the way to issue it (R3.25)."""
        may = self.request.user.may(Right.LICENSE_CHOOSE, self.object)
        return f"/accounts/{self.object.number}/renew/?term={self.rows[0].pk}" if may else ""


class OutcomeWithdraw(Page):
    """«Отменить» of the toast, and of the account's section."""

    right = Right.OUTCOME_SET

    def post(self, request: HttpRequest, number: int, outcome: int) -> HttpResponse:
        account = get_object_or_404(
            Account.objects.visible_to(request.user).select_related("salespoint"), number=number
        )
        row = get_object_or_404(Outcome, pk=outcome, term__account=account)
        outcome_withdraw(outcome_id=row.pk, by=request.user, on=clock.today(account.salespoint.zone))
        return htmx.done(request, "Итог отменен", url=account.get_absolute_url())


class ExtractFile(Page):
    """The register extract attached to an outcome, as it came (R3.28)."""

    right = Right.ACCOUNT_VIEW

    def get(self, request: HttpRequest, number: int, outcome: int) -> HttpResponse:
        account = get_object_or_404(Account.objects.visible_to(request.user), number=number)
        file = get_object_or_404(OutcomeExtract, pk=outcome, outcome__term__account=account)
        return FileResponse(
            BytesIO(bytes(file.content)), as_attachment=True, filename=file.name, content_type="application/pdf"
        )


__all__ = ["AccountForm", "ExtractFile", "OutcomeSet", "OutcomeWithdraw"]
