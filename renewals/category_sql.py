"""The SQL twin of `rules.category` and `rules.urgency`, built from the same constants; a property test keeps them equal."""

from __future__ import annotations

from . import rules
from .choices import Category, Effect
from .due_sql import DUE


def _text(value: str) -> str:
    return f"'{value}'"


def category_sql(*, ends_on: str, on: str, effect: str, shipped_on: str) -> str:
    """A CASE over SQL expressions. `effect` is text, NULL or '' for none; `shipped_on` a date or NULL; `on` a date.

    A shipment after `on` is not known yet. Values of `effect` are those the schema admits: it refuses the others.
    """
    shipped = f"{shipped_on} <= {on}"
    negative = f"coalesce({effect}, '') = {_text(Effect.NEGATIVE)}"
    return f"""CASE
        WHEN {effect} = {_text(Effect.MOVED)} THEN {_text(Category.TRANSFERRED)}
        WHEN {effect} = {_text(Effect.REDUCED)} THEN {_text(Category.REDUCED)}
        WHEN {shipped} AND ({negative} OR {shipped_on} - {ends_on} > {rules.LATE_DAYS}) THEN {_text(Category.WON_BACK)}
        WHEN {shipped} AND {shipped_on} <= {ends_on} THEN {_text(Category.RENEWED)}
        WHEN {shipped} THEN {_text(Category.RENEWED_LATE)}
        WHEN {negative} THEN {_text(Category.TERMINATED)}
        WHEN {effect} = {_text(Effect.POSITIVE)} THEN {_text(Category.SETTLED)}
        WHEN {ends_on} < {on} THEN {_text(Category.NOT_RENEWED)}
        WHEN {ends_on} - {on} > {rules.WINDOW_DAYS} THEN {_text(Category.NOT_DUE)}
        ELSE {_text(Category.REQUIRES)} END"""


def urgency_sql(category: str) -> str:
    """The place of a category in the order of `rules.worst`, 0 the most urgent."""
    places = " ".join(f"WHEN {_text(kind)} THEN {rules.urgency(kind)}" for kind in Category.values)
    return f"CASE {category} {places} END"


# `sold`: what a term was sold for, and when first; trials and planned licences make no term.
# `terms`: its renewal is the first shipment of a later term of the same direction; `is_last`: the direction has no later one.
# `judged`: the category of each; the rule stands here alone.
TERMS = f"""
WITH sold AS (
    SELECT l.term_id, min(l.shipped_on) AS shipped_on,
           coalesce(sum(l.list_amount) FILTER (WHERE l.state IN ('shipped', 'active')), 0) AS amount
    FROM licenses_license l
    JOIN licenses_item i ON i.id = l.item_id
    JOIN accounts_account a ON a.id = l.account_id
    JOIN partners_salespoint p ON p.id = a.salespoint_id
    WHERE l.term_id IS NOT NULL AND l.state IN ('shipped', 'active', 'replaced') AND l.shipped_on <= %(on)s AND NOT i.is_trial
      AND {{accounts}}
    GROUP BY l.term_id
), terms AS (
    SELECT t.id AS term_id, t.account_id, t.direction_id, t.starts_on, t.ends_on, t.months, s.amount, a.salespoint_id, a.manager_id,
           a.region_code, coalesce(o.kind, '') AS outcome, o.effect AS effect,
           min(s.shipped_on) OVER (later ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS renewed_on,
           lead(t.id) OVER later IS NULL AS is_last
    FROM sold s
    JOIN licenses_term t ON t.id = s.term_id AND NOT t.is_cancelled AND NOT t.is_waiting
    JOIN accounts_account a ON a.id = t.account_id
    LEFT JOIN renewals_outcome o ON o.term_id = t.id AND o.withdrawn_at IS NULL
    WINDOW later AS (PARTITION BY t.account_id, t.direction_id ORDER BY t.starts_on, t.id)
), judged AS (
    SELECT *, {category_sql(ends_on="ends_on", on="%(on)s::date", effect="effect", shipped_on="renewed_on")} AS category FROM terms
)
"""

# `due`: what waits costs what it would cost today, or what its next term was chosen at; the rest what it was sold for.
# `account_due`: all that waits in the account, on the row that stands for it in lists.
_FRESH = f"""{TERMS}, {DUE}, placed AS (
    SELECT term_id, account_id, direction_id, ends_on, coalesce(due.amount, judged.amount) AS amount, salespoint_id, manager_id, outcome, category,
           is_last AND row_number() OVER (
               PARTITION BY account_id ORDER BY is_last DESC, {urgency_sql("category")}, ends_on, term_id
           ) = 1 AS is_worst
    FROM judged LEFT JOIN due USING (term_id)
), fresh AS MATERIALIZED (
    SELECT *, CASE WHEN is_worst THEN sum(amount) FILTER (WHERE category IN ('requires', 'not_renewed') OR is_worst)
               OVER (PARTITION BY account_id) ELSE 0 END AS account_due
    FROM placed
)
"""

_STORED = (
    "account_id, direction_id, ends_on, category, outcome, is_worst, amount, account_due, salespoint_id, manager_id"
)
_ROW, _TOLD = (", ".join(f"{row}.{column}" for column in _STORED.split(", ")) for row in "rf")

# One statement: rows that differ are written, the others are not touched, so a second run writes nothing.
SWEEP = f"""{_FRESH}, gone AS (
    DELETE FROM renewals_renewalrow r USING accounts_account a, partners_salespoint p
    WHERE a.id = r.account_id AND p.id = a.salespoint_id AND {{accounts}} AND NOT EXISTS (SELECT FROM fresh f WHERE f.term_id = r.term_id)
    RETURNING 1
), changed AS (
    UPDATE renewals_renewalrow r
    SET ({_STORED}, as_of) = ROW ({_TOLD}, %(on)s)
    FROM fresh f
    WHERE f.term_id = r.term_id AND ({_ROW}) IS DISTINCT FROM ({_TOLD})
    RETURNING 1
), made AS (
    INSERT INTO renewals_renewalrow (term_id, {_STORED}, as_of) SELECT f.term_id, {_TOLD}, %(on)s
    FROM fresh f WHERE NOT EXISTS (SELECT FROM renewals_renewalrow r WHERE r.term_id = f.term_id)
    ON CONFLICT (term_id) DO NOTHING
    RETURNING 1
)
SELECT (SELECT count(*) FROM made), (SELECT count(*) FROM changed), (SELECT count(*) FROM gone)
"""

# Reads only: accounts whose stored rows are not what facts and date say, and that are not waiting to be told anyway.
DIFFERENT = f"""{_FRESH}, stored AS (
    SELECT r.* FROM renewals_renewalrow r
    JOIN accounts_account a ON a.id = r.account_id JOIN partners_salespoint p ON p.id = a.salespoint_id
    WHERE {{accounts}}
)
SELECT coalesce(r.account_id, f.account_id) AS account_id, count(*) FROM fresh f FULL JOIN stored r USING (term_id)
WHERE ({_ROW}) IS DISTINCT FROM ({_TOLD})
  AND NOT EXISTS (SELECT FROM renewals_accountchange q WHERE q.account_id = coalesce(r.account_id, f.account_id))
GROUP BY 1 ORDER BY 1
"""
