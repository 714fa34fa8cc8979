"""Money and terms of licences as pure functions: no database, no clock (billing 3.1, 3.4–3.8).

Amounts are `Decimal` roubles (int allowed, float refused), dates have both ends included, rounding is half up
to the kopeck, once per line.
"""

from .explain import ChangeExplanation, explain_change, explain_share
from .pricing import ChangeQuote, change_costs, change_quote, line_amount, prorate, vat_of
from .quantities import Use, check_quantity, free_quantity, most_used
from .shipping import (
    CANCEL_DAYS,
    VISIT_DAYS,
    InvoiceFacts,
    PaidLicense,
    cancel_until,
    check_changeable,
    check_shipment_cancellable,
    check_shippable,
    earliest_shipment,
)
from .terms import end_exclusive, full_days, term_end

__all__ = [
    "CANCEL_DAYS", "VISIT_DAYS", "ChangeExplanation", "ChangeQuote", "InvoiceFacts", "PaidLicense", "Use", "cancel_until",
    "change_costs", "change_quote", "check_changeable", "check_quantity", "check_shipment_cancellable", "check_shippable",
    "earliest_shipment", "end_exclusive", "explain_change", "explain_share", "free_quantity", "full_days", "line_amount",
    "most_used", "prorate", "term_end", "vat_of",
]  # fmt: skip
