"""The printed invoice: facts once, shown by the page and by the PDF alike (russia.md 3.1–3.4)."""

from .facts import InvoiceFacts, invoice_facts
from .pdf import invoice_pdf

__all__ = ["InvoiceFacts", "invoice_facts", "invoice_pdf"]
