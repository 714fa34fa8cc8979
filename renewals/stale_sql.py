"""Which accounts a night has to tell again. Every question is a walk of an index, and none asks when the last night was:

inequalities find what a missed night left, as the prices remembered at the last sweep find every change since.
"""

from __future__ import annotations

from . import rules
from .choices import Category

__all__ = ["CHANGES", "DUE_BY_DATE", "PRICES", "REPRICED", "TOLD"]

# The only two categories that leave by the date alone (`rules.category`).
DUE_BY_DATE = f"""
SELECT account_id FROM renewals_renewalrow
WHERE category = '{Category.NOT_DUE}' AND ends_on <= %(on)s::date + {rules.WINDOW_DAYS} AND salespoint_id = ANY(%(points)s)
UNION
SELECT account_id FROM renewals_renewalrow
WHERE category = '{Category.REQUIRES}' AND ends_on < %(on)s::date AND salespoint_id = ANY(%(points)s)
"""

CHANGES = """
SELECT q.id, q.account_id FROM renewals_accountchange q JOIN accounts_account a ON a.id = q.account_id
WHERE q.id > %(after)s AND a.salespoint_id = ANY(%(points)s) ORDER BY q.id LIMIT %(notes)s
"""

# Taken out once told. What is shipped on a later day than the night's is not known to it yet: the account stays.
TOLD = """
DELETE FROM renewals_accountchange q WHERE q.id = ANY(%(changes)s) AND NOT EXISTS (
    SELECT FROM licenses_license l WHERE l.account_id = q.account_id AND l.shipped_on > %(on)s
)
"""

PRICES = """
SELECT concat_ws(':', item_id, months, scope, scope_id), string_agg(concat_ws(':', payer_kind, amount), ' ' ORDER BY payer_kind)
FROM licenses_price WHERE state = 'published' AND valid_from <= %(on)s AND valid_to >= %(on)s
GROUP BY item_id, months, scope, scope_id
"""

# `due_sql.DUE` prices these categories alone, by item, months and place.
REPRICED = f"""
SELECT DISTINCT r.account_id
FROM unnest(%(keys)s::text[]) named(key)
CROSS JOIN LATERAL (
    SELECT split_part(key, ':', 1)::bigint AS item_id, split_part(key, ':', 2)::integer AS months,
           split_part(key, ':', 3) AS scope, split_part(key, ':', 4)::bigint AS place
) k
JOIN licenses_license l ON l.item_id = k.item_id AND l.state IN ('shipped', 'active')
JOIN licenses_term t ON t.id = l.term_id AND t.months = k.months
JOIN renewals_renewalrow r ON r.term_id = l.term_id
JOIN accounts_account a ON a.id = r.account_id
WHERE r.category IN ('{Category.REQUIRES}', '{Category.NOT_RENEWED}', '{Category.TERMINATED}') AND r.salespoint_id = ANY(%(points)s)
  AND (k.scope = 'all' OR (k.scope = 'salespoint' AND k.place = r.salespoint_id)
       OR (k.scope = 'region' AND a.region_code ~ '^[0-9]+$' AND k.place = a.region_code::integer))
"""
