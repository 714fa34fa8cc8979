"""What must never be found in renewals (reliability 4.4)."""

from core.invariants import Invariant, register

register(
    Invariant(
        "renewals.expired_still_due",
        "Истекшая лицензия осталась в «Требуют продления»",
        """
        SELECT term_id, account_id, ends_on FROM renewals_renewalrow
        WHERE category = 'requires' AND ends_on < %(on)s::date - 1
        """,
    ),
    Invariant(
        "renewals.outcome_twice",
        "Два открытых итога по одному сроку",
        """
        SELECT term_id, count(*) AS outcomes FROM renewals_outcome
        WHERE withdrawn_at IS NULL GROUP BY term_id HAVING count(*) > 1
        """,
    ),
)
