"""The printed invoice: a page of A4 and a PDF, out of the same facts (R2.96)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from core.pages import Page, SimplePage
from licenses.choices import InvoiceState
from licenses.models import Invoice
from licenses.printing import invoice_facts, invoice_pdf
from partners.rights import Right

from .invoices import visible_invoice


def printable(request: HttpRequest, pk: int) -> Invoice:
    """404 outside the scope, and for a draft: it has no number yet."""
    invoice = visible_invoice(request, pk)
    if invoice.state == InvoiceState.DRAFT:
        raise Http404
    return invoice


class InvoicePrint(SimplePage):
    """/invoices/<id>/print/: without menus, ready for the printer."""

    right, template_name = Right.ACCOUNT_VIEW, "licenses/print.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.invoice = printable(request, pk)
        self.facts = invoice_facts(self.invoice)
        return self.render()

    def get_title(self) -> str:
        return self.facts.title

    def get_context(self, **extra: Any) -> dict[str, Any]:
        return super().get_context(invoice=self.invoice, facts=self.facts, **extra)


class InvoicePdf(Page):
    """/invoices/<id>/pdf/"""

    right = Right.ACCOUNT_VIEW

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        invoice = printable(request, pk)
        name = f"Счет {invoice.number} от {invoice.issued_on:%d.%m.%Y}.pdf"
        headers = {"Content-Disposition": content_disposition_header(True, name)}
        return HttpResponse(invoice_pdf(invoice_facts(invoice)), content_type="application/pdf", headers=headers)
