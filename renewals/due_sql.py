"""What renewing a term would cost on a date, as CTEs for the sweep: the SQL twin of `services.renewing` and the price list.

`judged` (the sweep's) gives the terms; `due` (term_id, amount) has those that wait or were refused. A next term that is
chosen or invoiced already costs what it was chosen at. A position without a price today costs what it was sold for.
"""

from __future__ import annotations

__all__ = ["DUE"]

BUDGET_WORDS = "бюджетн|казенн|гбоу|мбоу|мку|гбуз|администрация"
"""The words of `licenses.selectors.prices.default_payer_kind`; a test keeps the two equal."""

# `lines`: the same positions and quantities as `services.renewing` takes: one of what is not counted.
# `wanted`: each (item, term, payer, place) is priced once, however many licences ask for it.
DUE = f"""waits AS MATERIALIZED (
    SELECT term_id, account_id, direction_id, starts_on, months, salespoint_id, region_code FROM judged
    WHERE category IN ('requires', 'not_renewed', 'terminated')
), payers AS (
    SELECT DISTINCT ON (w.term_id) w.term_id, CASE
               WHEN l.payer_kind <> 'any' THEN l.payer_kind WHEN c.kind <> 'legal' THEN 'ip'
               WHEN lower(c.name) ~ '{BUDGET_WORDS}' THEN 'budget' ELSE 'osno' END AS payer_kind
    FROM waits w
    JOIN licenses_license l ON l.term_id = w.term_id AND l.state IN ('shipped', 'active')
    JOIN accounts_accountmember m ON m.account_id = w.account_id AND m.left_at IS NULL AND (m.client_id = l.payer_id OR m.is_main)
    JOIN clients_client c ON c.id = m.client_id
    ORDER BY w.term_id, l.id, m.client_id = l.payer_id DESC
), lines AS (
    SELECT w.term_id, l.item_id, w.months, y.payer_kind, w.salespoint_id,
           CASE WHEN w.region_code ~ '^[0-9]+$' THEN w.region_code::integer ELSE 0 END AS region,
           CASE WHEN i.is_countable THEN sum(l.quantity) ELSE 1 END AS quantity, sum(l.list_amount) AS before
    FROM waits w
    JOIN payers y USING (term_id)
    JOIN licenses_license l ON l.term_id = w.term_id AND l.state IN ('shipped', 'active')
    JOIN licenses_item i ON i.id = l.item_id AND i.kind <> 'service'
    GROUP BY w.term_id, l.item_id, w.months, y.payer_kind, w.salespoint_id, w.region_code, i.is_countable
), wanted AS MATERIALIZED (
    SELECT k.*, (
        SELECT p.amount FROM licenses_price p
        WHERE p.item_id = k.item_id AND p.state = 'published' AND p.months = k.months AND p.payer_kind IN (k.payer_kind, 'any')
          AND p.valid_from <= %(on)s AND p.valid_to >= %(on)s
          AND (p.scope = 'all' OR (p.scope = 'salespoint' AND p.scope_id = k.salespoint_id) OR (p.scope = 'region' AND k.region > 0 AND p.scope_id = k.region))
        ORDER BY CASE p.scope WHEN 'salespoint' THEN 0 WHEN 'region' THEN 1 ELSE 2 END, p.payer_kind = 'any' LIMIT 1
    ) AS price
    FROM (SELECT DISTINCT item_id, months, payer_kind, salespoint_id, region FROM lines) k
), priced AS (
    SELECT l.term_id, sum(coalesce(round(k.price * l.quantity, 2), l.before)) AS amount
    FROM lines l JOIN wanted k USING (item_id, months, payer_kind, salespoint_id, region) GROUP BY l.term_id
), chosen AS (
    SELECT w.term_id, sum(l.amount) AS amount
    FROM waits w
    JOIN licenses_term t ON t.account_id = w.account_id AND t.direction_id = w.direction_id AND t.starts_on > w.starts_on
    JOIN licenses_license l ON l.term_id = t.id AND l.state IN ('selected', 'invoiced')
    GROUP BY w.term_id
), due AS (
    SELECT w.term_id, coalesce(n.amount, p.amount) AS amount
    FROM waits w LEFT JOIN priced p USING (term_id) LEFT JOIN chosen n USING (term_id)
)"""
