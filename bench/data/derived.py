"""Everything that follows from the cards, in set statements: bindings, phones, accounts, terms, licences, invoices.

Ids are arithmetic on the account's place: the same rows for the same cards, whatever the server does in between.
`h(id, n)` is the n-th chance of a row, 0…999 999.
"""

from __future__ import annotations

from collections.abc import Sequence

CHANCE = """
CREATE OR REPLACE FUNCTION pg_temp.h(id bigint, n bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT (hashint8extended(id, n) & 9223372036854775807) % 1000000 $$
"""

OF_CLIENTS = {
    "clients_clientphone": """
        INSERT INTO clients_clientphone (id, client_id, number, extension, raw, comment, source, basis, is_wrong, created_at)
        SELECT id, id, phone_tail, '', '', '', 'import', 'открытый источник', false, %(on)s FROM clients_client WHERE has_phone
    """,
    "clients_binding": """
        INSERT INTO clients_binding (id, client_id, topic_id, salespoint_id, manager_id, since, manager_since, reason, close_reason)
        SELECT id, id, %(topic)s, salespoint_id, manager_id, since, CASE WHEN manager_id IS NOT NULL THEN since END, '', ''
        FROM (SELECT *, %(on)s - (1 + pg_temp.h(id, 1) %% 700) * interval '1 day' AS since FROM clients_client WHERE salespoint_id IS NOT NULL) c
    """,
    "clients_invitation": """
        INSERT INTO clients_invitation (id, client_id, sender_id, sender_name, topic, channel, address, state, source_key, documents, amount,
            sent_at, expires_on, closed_at, refusal_reason)
        SELECT id, id, CASE WHEN pg_temp.h(id, 2) %% 4 > 0 THEN 1 + pg_temp.h(id, 3) %% greatest(id - 1, 1) END, 'Купец, ООО',
            CASE WHEN pg_temp.h(id, 4) %% 3 = 0 THEN 'vat' ELSE 'edo' END, 'email', '', invite_state, 'bench-' || id, 1 + pg_temp.h(id, 5) %% 9,
            (10 + pg_temp.h(id, 6) %% 900) * 100, invited_on + time '12:00', invited_on + 180,
            CASE WHEN invite_state IN ('connected', 'declined') THEN invited_on + time '18:00' END,
            CASE WHEN invite_state = 'declined' THEN 'Работают с другим оператором' ELSE '' END
        FROM clients_client WHERE invite_state <> ''
    """,
    "accounts_nextcontact": """
        INSERT INTO accounts_nextcontact (id, client_id, topic_id, "on", comment, by_id, set_at)
        SELECT id, id, %(topic)s, next_contact_on, '', manager_id, %(on)s FROM clients_client
        WHERE next_contact_on < DATE '9999-12-31' AND manager_id IS NOT NULL
    """,
    "clients_clientdetails": """
        INSERT INTO clients_clientdetails (client_id, full_name, short_name, opf, opf_code, address, postal_code, tax_office, tax_office_code,
            pension_number, insurance_number, email, state_text, ceased_text, ceased_code, ceased_record, last_record, director, director_inn,
            director_position, directors, founders, okveds, okved_name, predecessors, successors, is_small_business, msp_category, bank, site,
            actual_address, format_version)
        SELECT id, name, name, '', '', 'г. ' || city || ', ул. Полевая, д. ' || 1 + pg_temp.h(id, 7) %% 200 || ', офис ' || 1 + pg_temp.h(id, 8) %% 90,
            lpad((100000 + pg_temp.h(id, 9) %% 590000)::text, 6, '0'), 'Межрайонная инспекция № ' || 1 + pg_temp.h(id, 10) %% 40, region_code || '99',
            '', '', CASE WHEN has_phone THEN 'info@org' || id || '.example' ELSE '' END,
            CASE WHEN ceased_on IS NULL THEN 'Действует' ELSE 'Деятельность прекращена' END, '', '', '', '',
            CASE WHEN kind = 'legal' THEN initcap(split_part(name_norm, ' ', 1)) || 'ов Петр Ильич' ELSE '' END, '',
            CASE WHEN kind = 'legal' THEN 'Генеральный директор' ELSE '' END, '[]', '[]', '[]', '', '[]', '[]', kind = 'entrepreneur',
            CASE WHEN kind = 'entrepreneur' THEN 'micro' ELSE '' END, '{}', '', '', ''
        FROM clients_client WHERE main_account_number IS NOT NULL
    """,
}

# One row per account. `since` is the first day of its last term (NULL: never paid), `years` how many terms a direction has.
PLACES = """
CREATE UNLOGGED TABLE bench_places AS
SELECT *, CASE WHEN since IS NOT NULL THEN (since + interval '1 year')::date - 1 END AS until FROM (
    SELECT m.*, c.name, c.salespoint_id, c.manager_id, c.region_code, c.last_active_on, c.kpp, c.inn,
        CASE c.prospect_state WHEN 'connected' THEN %(on)s::date - (pg_temp.h(place, 11) %% 365)::int
            WHEN 'lost' THEN (%(on)s::date - (pg_temp.h(place, 12) %% 200)::int - interval '1 year')::date END AS since,
        1 + (pg_temp.h(place, 13) %% 10 < 4)::int AS years, pg_temp.h(place, 14) %% 100 AS luck
    FROM (SELECT main_account_number AS number, main_account_number - 1000000 AS place, min(id) AS client_id, count(*) AS members
          FROM clients_client WHERE main_account_number IS NOT NULL GROUP BY 1) m
    JOIN clients_client c ON c.id = m.client_id
) p
"""

# What is bought: direction slot, item, price of the year, share in percent (the first slot is everybody's).
BOUGHT = """
CREATE TABLE bench_bought AS
SELECT i.id AS item_id, l.direction_id, v.slot, v.from_luck, v.to_luck, v.part, v.amount, i.vat_kind, i.vat_ground, i.unit, i.okei,
    CASE WHEN i.kind = 'tariff' THEN l.title || ' «' || i.title || '»' ELSE i.title END AS title
FROM (VALUES ('eo-basic', 0, 0, 60, 0, 6900), ('eo-light', 0, 60, 85, 0, 4200), ('eo-zero', 0, 85, 95, 0, 1900), ('eo-corporate', 0, 95, 100, 0, 14500),
             ('eo-direction', 0, 20, 45, 1, 900), ('edo-basic', 1, 0, 20, 0, 12000), ('ofd-desk', 2, 70, 80, 0, 3000)
     ) v (code, slot, from_luck, to_luck, part, amount)
JOIN licenses_item i ON i.code = v.code JOIN licenses_productline l ON l.id = i.line_id
"""

OF_ACCOUNTS = {
    "accounts_account": """
        INSERT INTO accounts_account (id, number, name, salespoint_id, manager_id, source, created_at, created_by_id, activated_at, region_code,
            members_count, paid_until, paid_since, is_promo, last_active_on, last_cloud_on, version)
        SELECT place, number, left(name, 200), salespoint_id, manager_id, 'manager', at, manager_id, at, region_code, members,
            coalesce(until, DATE '1900-01-01'), (since - (years - 1) * interval '1 year')::date, false, last_active_on, last_active_on, 1
        FROM (SELECT *, coalesce(since - years * interval '1 year', %(on)s - (1 + pg_temp.h(place, 15) %% 500) * interval '1 day') AS at FROM bench_places) p
    """,
    "accounts_accountmember": """
        INSERT INTO accounts_accountmember (id, account_id, client_id, is_main, kpp, joined_at, left_reason, version)
        SELECT c.id, p.place, c.id, c.id = p.client_id, c.kpp, %(on)s - interval '3 years', '', 1
        FROM clients_client c JOIN bench_places p ON p.number = c.main_account_number
    """,
    "licenses_term": """
        INSERT INTO licenses_term (id, account_id, direction_id, starts_on, ends_on, anchor_day, months, renews_id, is_waiting, is_cancelled, created_at)
        SELECT place * 8 + slot * 2 + year, place, direction_id, first, (first + interval '1 year')::date - 1, extract(day FROM first), 12,
            CASE WHEN year = 1 AND years = 2 THEN place * 8 + slot * 2 END, false, false, first
        FROM (SELECT p.*, b.slot, b.direction_id, y.year, (p.since - (1 - y.year) * interval '1 year')::date AS first
              FROM bench_places p JOIN bench_bought b ON b.part = 0 AND p.luck >= b.from_luck AND p.luck < b.to_luck
              JOIN (VALUES (0), (1)) y (year) ON y.year = 1 OR p.years = 2 WHERE p.since IS NOT NULL) t
    """,
    "licenses_license": """
        INSERT INTO licenses_license (id, account_id, term_id, item_id, quantity, starts_on, ends_on, list_amount, amount, credited, payer_kind, closes,
            explanation, state, payer_id, shipped_on, activated_at, activated_by_id, created_at, created_by_id, version)
        SELECT t.id * 2 + b.part, t.account_id, t.id, b.item_id, 1, t.starts_on, t.ends_on, b.amount, b.amount, 0, 'any', '[]', '[]', 'active',
            p.client_id, t.starts_on - 2, t.starts_on + time '15:00', p.manager_id, t.created_at, p.manager_id, 1
        FROM licenses_term t JOIN bench_places p ON p.place = t.account_id
        JOIN bench_bought b ON b.slot = t.id / 2 %% 4 AND p.luck >= b.from_luck AND p.luck < b.to_luck
    """,
    "licenses_invoice": """
        INSERT INTO licenses_invoice (id, key, account_id, legal_entity_id, salespoint_id, manager_id, payer_id, payer_data, state, year, sequence, number,
            issued_on, valid_until, total, vat_total, cancel_reason, external_id, external_state, created_at, created_by_id, version)
        SELECT id, lpad(to_hex(id), 32, '0')::uuid, place, legal_entity_id, salespoint_id, manager_id, client_id, jsonb_build_object('name', name, 'inn', inn, 'kpp', kpp),
            'issued', year, n, n::text, issued, issued + 5, total, vat, '', '', '', issued + time '10:00', manager_id, 1
        FROM (SELECT s.*, p.*, q.legal_entity_id, extract(year FROM s.issued)::int AS year,
                  row_number() OVER (PARTITION BY q.legal_entity_id, extract(year FROM s.issued)::int ORDER BY s.issued, s.id) AS n
              FROM (SELECT account_id * 2 + term_id %% 2 AS id, account_id, min(starts_on) - 3 AS issued, sum(l.amount) AS total,
                        sum(CASE WHEN b.vat_kind = 'standard' THEN round(l.amount * 22 / 122, 2) ELSE 0 END) AS vat
                    FROM licenses_license l JOIN bench_bought b ON b.item_id = l.item_id GROUP BY 1, 2) s
              JOIN bench_places p ON p.place = s.account_id JOIN partners_salespoint q ON q.id = p.salespoint_id) i
    """,
    "licenses_invoiceline": """
        INSERT INTO licenses_invoiceline (id, invoice_id, position, item_id, license_id, title, quantity, unit, okei, price, list_amount, discount, amount,
            vat_kind, vat_rate, vat_amount, vat_ground, explanation)
        SELECT l.id, l.account_id * 2 + l.term_id %% 2, row_number() OVER (PARTITION BY l.account_id, l.term_id %% 2 ORDER BY l.id), l.item_id, l.id, b.title, 1,
            b.unit, b.okei, l.amount, l.amount, 0, l.amount, b.vat_kind, CASE WHEN b.vat_kind = 'standard' THEN 22 END,
            CASE WHEN b.vat_kind = 'standard' THEN round(l.amount * 22 / 122, 2) ELSE 0 END, b.vat_ground, '[]'
        FROM licenses_license l JOIN bench_bought b ON b.item_id = l.item_id
    """,
    "licenses_shipment": """
        INSERT INTO licenses_shipment (id, invoice_id, shipped_on, at, by_id, manager_id, amount, vat_amount, is_debt, debt_reason, cancel_reason, undo)
        SELECT id, id, issued_on + 1, issued_on + 1 + time '12:00', manager_id, manager_id, total, vat_total, true, 'Оплатят по договору', '', '{}'
        FROM licenses_invoice
    """,
    "renewals_outcome": """
        INSERT INTO renewals_outcome (id, term_id, kind, title, effect, comment, at, reason, register_state)
        SELECT t.id, t.id, k.code, k.title, k.effect, 'Говорили по телефону, записано со слов бухгалтера.', %(on)s - interval '2 days', '', ''
        FROM licenses_term t JOIN renewals_outcomeoption k ON k.code =
            CASE WHEN t.ends_on < %(on)s::date THEN 'not_existing' WHEN pg_temp.h(t.id, 16) %% 3 > 0 THEN 'invoice_issued' ELSE 'not_using' END
        WHERE t.id %% 2 = 1 AND t.ends_on < %(on)s::date + 60 AND pg_temp.h(t.id, 17) %% 100 < 15
    """,
    "accounts_calllog": """
        INSERT INTO accounts_calllog (id, client_id, account_id, result, comment, at, by_id)
        SELECT place, client_id, place, 'talked', '', %(on)s - (pg_temp.h(place, 18) %% 90) * interval '1 day', manager_id
        FROM bench_places WHERE manager_id IS NOT NULL AND pg_temp.h(place, 19) %% 100 < 12
    """,
    "accounts_note": """
        INSERT INTO accounts_note (id, client_id, account_id, text, is_pinned, at, by_id)
        SELECT place, client_id, place, 'Просили напомнить о продлении за неделю.', false, %(on)s - (pg_temp.h(place, 20) %% 300) * interval '1 day', manager_id
        FROM bench_places WHERE manager_id IS NOT NULL AND pg_temp.h(place, 21) %% 100 < 8
    """,
}

COUNTERS = """
INSERT INTO core_counter (series, value) SELECT 'invoice:' || legal_entity_id || ':' || year, max(sequence) FROM licenses_invoice
WHERE sequence IS NOT NULL GROUP BY legal_entity_id, year
"""
NUMBERS = "SELECT setval('accounts_account_number', max(number)) FROM accounts_account"
WORDS = """
INSERT INTO clients_nameword (word) SELECT DISTINCT left(w, 60) AS w FROM clients_client CROSS JOIN LATERAL unnest(string_to_array(name_norm, ' ')) w
WHERE length(w) >= 4 AND w !~ '^[0-9]+$' ORDER BY 1 ON CONFLICT DO NOTHING
"""
QUEUE = "INSERT INTO clients_signalqueue (client_id) SELECT id FROM clients_client WHERE salespoint_id = %(home)s ORDER BY id LIMIT 10000"

TABLES: Sequence[str] = ("clients_client", *OF_CLIENTS, *OF_ACCOUNTS)
