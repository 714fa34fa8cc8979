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
    Invariant(
        "renewals.shown_not_once",
        "Аккаунт показан в продлениях не одной строкой",
        """
        SELECT account_id, count(*) FILTER (WHERE is_worst) AS shown FROM renewals_renewalrow
        GROUP BY account_id HAVING count(*) FILTER (WHERE is_worst) <> 1
        """,
    ),
    Invariant(
        "renewals.account_due",
        "Сумма «К продлению» не равна сумме строк аккаунта",
        """
        SELECT account_id, sum(account_due) AS kept,
               sum(amount) FILTER (WHERE category IN ('requires', 'not_renewed') OR is_worst) AS due
        FROM renewals_renewalrow GROUP BY account_id
        HAVING sum(account_due) <> coalesce(sum(amount) FILTER (WHERE category IN ('requires', 'not_renewed') OR is_worst), 0)
        """,
    ),
    Invariant(
        "renewals.term_without_row",
        "Проданный период не попал в продления",
        """
        SELECT term.id, term.account_id, term.ends_on FROM licenses_term term
        WHERE NOT term.is_cancelled AND NOT term.is_waiting AND EXISTS (
            SELECT 1 FROM licenses_license license JOIN licenses_item item ON item.id = license.item_id
            WHERE license.term_id = term.id AND license.state IN ('shipped', 'active', 'replaced') AND NOT item.is_trial
              AND license.shipped_on < %(on)s::date - 1)
          AND NOT EXISTS (SELECT 1 FROM renewals_renewalrow row WHERE row.term_id = term.id)
        """,
    ),
)
