"""The statements of a merge. `registry_staging` (s) is the parsed file, `registry_verdict` (v) what becomes of it.

A version is (ДатаВып, greatest ДатаЗап) as one number, see `lines.version`; packed with one bit for «ceased» it
lets a window function tell what state the newest of the earlier records left.
"""

from .wording import PLACE_WORDS

PREPARE = """
CREATE TEMPORARY TABLE IF NOT EXISTS registry_verdict (
    seq integer, ogrn text, client_id bigint, what "char", winner boolean, fresh boolean, same boolean, own boolean,
    ended boolean
);
TRUNCATE registry_verdict
"""

# A card without ОГРН is the same subject when the register brings its ИНН: it gets the ОГРН and is a register card
# from now on. Of a person's several ОГРНИП the living and latest takes it; a ceased one never takes a card that was
# typed by hand (src_hash NULL), nor does a registration that was declared void (codes 7xx, 8xx: the same ИНН has a
# right one), and private persons are no subjects of a register at all (the kind must agree).
ADOPT = """
WITH found AS (
    SELECT DISTINCT ON (s.ogrn) s.ogrn, a.id, s.ceased_on IS NULL AS alive, s.registered_on
    FROM registry_staging s
    JOIN clients_client a ON a.ogrn IS NULL AND a.inn <> '' AND a.kind = s.kind AND a.inn = s.inn
        AND (a.kpp = '' OR a.kpp = s.kpp)
    WHERE s.seq > %(after)s AND s.seq <= %(upto)s AND s.reason IS NULL AND s.ogrn IS NOT NULL AND s.inn <> ''
        AND (s.ceased_on IS NULL OR (s.kind = 'legal' AND s.ceased_code !~ '^[78]') OR a.src_hash IS NOT NULL)
        AND NOT EXISTS (SELECT FROM clients_client k WHERE k.ogrn = s.ogrn)
    ORDER BY s.ogrn, a.kpp = s.kpp DESC, a.id, s.version DESC, s.seq
), picked AS (
    SELECT DISTINCT ON (id) id, ogrn FROM found ORDER BY id, alive DESC, registered_on DESC, ogrn DESC
), locked AS (
    SELECT c.id, p.ogrn FROM clients_client c JOIN picked p USING (id) WHERE c.ogrn IS NULL ORDER BY c.id FOR UPDATE OF c
)
UPDATE clients_client c SET ogrn = l.ogrn FROM locked l WHERE c.id = l.id
"""

# Where `before` is NULL nobody knows the subject: new. Else a greater version is taken: ceased when the record ends
# a subject that lived, changed otherwise. A card that no ЕГРЮЛ or ЕГРИП record made has version 0.
# What the card itself knows; a chaos test takes it away to show that it is what protects.
KNOWN = "GREATEST(known)"
_JUDGE = """
INSERT INTO registry_verdict
WITH slice AS (
    {slice}
), ordered AS (
    SELECT *, GREATEST({known}, max(version * 2 + ends::int) OVER earlier) AS before, max(version) OVER alike AS newest
    FROM slice
    WINDOW alike AS (PARTITION BY subject),
        earlier AS (PARTITION BY subject ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), judged AS (
    SELECT *, before IS NULL OR version > before / 2 AS accepted FROM ordered
)
SELECT seq, ogrn,
    COALESCE(client_id, CASE WHEN accepted AND version = newest THEN nextval(pg_get_serial_sequence('clients_client', 'id')) END),
    CASE WHEN NOT accepted THEN 'u' WHEN before IS NULL THEN 'n' WHEN ends AND before %% 2 = 0 THEN 'c' ELSE 'h' END,
    accepted AND version = newest, client_id IS NULL, same, own, ended
FROM judged
"""

JUDGE = _JUDGE.format(
    known=KNOWN,
    slice="""
    SELECT s.seq, s.ogrn, s.ogrn AS subject, s.version, s.ceased_on IS NOT NULL AS ends, c.id AS client_id,
        CASE WHEN c.id IS NULL THEN NULL WHEN c.as_of IS NULL THEN 0
            ELSE ((c.as_of - DATE '0001-01-01' + 1) * 10000000::bigint
                + COALESCE(c.record_as_of - DATE '0001-01-01' + 1, 0)) * 2 + (c.ceased_on IS NOT NULL)::int END AS known,
        COALESCE(c.src_hash = s.src_hash AND c.as_of IS NOT NULL, false) AS same, false AS own,
        c.ceased_on IS NOT NULL AS ended
    FROM registry_staging s LEFT JOIN clients_client c ON c.ogrn = s.ogrn
    WHERE s.seq > %(after)s AND s.seq <= %(upto)s AND s.reason IS NULL
    """,
)

# The small-business register of old has no ОГРН: then the ИНН finds the card, the living and latest of several.
# `version` is ДатаСост alone; cards keep it apart from the version of ЕГРЮЛ and ЕГРИП, one of their ИНН for all.
JUDGE_MSP = _JUDGE.format(
    known=KNOWN,
    slice="""
    SELECT s.seq, s.ogrn, COALESCE(c.id::text, s.ogrn, s.kind || s.inn) AS subject, s.version, false AS ends,
        c.id AS client_id,
        CASE WHEN c.id IS NULL THEN NULL ELSE COALESCE(GREATEST(
            (SELECT d.msp_as_of FROM clients_clientdetails d WHERE d.client_id = c.id),
            (SELECT max(d.msp_as_of) FROM clients_client t JOIN clients_clientdetails d ON d.client_id = t.id
             WHERE t.inn = c.inn AND t.inn <> '' AND t.kind = c.kind)
        ) - DATE '0001-01-01' + 1, 0) * 20000000::bigint END AS known,
        false AS same, COALESCE(c.as_of IS NULL AND c.src_hash IS NOT NULL, false) AS own, false AS ended
    FROM (
        SELECT seq, version, kind, inn, CASE WHEN ogrn IS NOT NULL OR inn = '' THEN ogrn
            ELSE max(ogrn) OVER (PARTITION BY kind, inn) END AS ogrn
        FROM registry_staging WHERE seq > %(after)s AND seq <= %(upto)s AND reason IS NULL
    ) s
    LEFT JOIN LATERAL (
        SELECT * FROM (
            SELECT k.* FROM clients_client k WHERE k.ogrn = s.ogrn
            UNION ALL
            (SELECT k.* FROM clients_client k
            WHERE s.ogrn IS NULL AND k.inn = s.inn AND k.inn <> '' AND k.kind = s.kind
            ORDER BY k.ceased_on IS NULL DESC, k.registered_on DESC, k.ogrn DESC NULLS LAST, k.id LIMIT 1)
        ) both_ways LIMIT 1
    ) c ON true
    """,
)

LOCK = """
SELECT c.id FROM clients_client c
WHERE c.id IN (SELECT client_id FROM registry_verdict WHERE winner AND NOT fresh) ORDER BY c.id FOR NO KEY UPDATE
"""

DELETE_BRANCHES = """
DELETE FROM clients_clientbranch b USING registry_verdict v
WHERE v.winner AND NOT v.fresh AND NOT v.same AND b.client_id = v.client_id
"""

INSERT_BRANCHES = """
INSERT INTO clients_clientbranch (client_id, kind, name, kpp, address)
SELECT v.client_id, b.row ->> 'kind', b.row ->> 'name', b.row ->> 'kpp', b.row ->> 'address'
FROM registry_verdict v JOIN registry_staging s ON s.seq = v.seq
CROSS JOIN LATERAL jsonb_array_elements(s.branches) WITH ORDINALITY AS b (row, place)
WHERE v.winner AND NOT v.same AND s.branches IS NOT NULL
ORDER BY v.client_id, b.place
"""

# Somebody works with these clients: that they ceased or came back belongs to their timeline.
JOURNAL = """
INSERT INTO core_journalentry
    (at, by_id, by_name, subject_type, subject_id, client_id, account_id, code, data, source)
SELECT statement_timestamp(), NULL, '', 'clients.client', c.id, c.id, NULL,
    CASE WHEN s.ceased_on IS NULL THEN 'client.restored' ELSE 'client.ceased' END,
    jsonb_build_object('ceased_on', jsonb_build_array(c.ceased_on, s.ceased_on), 'as_of', s.as_of), 'import'
FROM registry_verdict v
JOIN registry_staging s ON s.seq = v.seq
JOIN clients_client c ON c.id = v.client_id
WHERE v.winner AND NOT v.fresh AND v.ended <> (s.ceased_on IS NOT NULL)
    AND (c.salespoint_id IS NOT NULL OR c.accounts_count > 0)
ORDER BY c.id
"""

# What a newer record says otherwise than the card, by the register's day: since when it stands so, where that is new, else
# the day of the extract. All of it goes to the card (`life`, newest first); what concerns somebody's client to his history
# too. A card that no ЕГРЮЛ or ЕГРИП made was typed, or comes from another register: there only the worked name is news.
# An address written in another form (КЛАДР, ФИАС, without the office) is no move: the words agree and the numbers go on.
CHANGES = """
WITH pairs AS MATERIALIZED (
    SELECT c.id, c.salespoint_id IS NOT NULL OR c.accounts_count > 0 AS worked, c.as_of IS NOT NULL AS known,
        c.src_hash IS NULL AS typed, c.as_of AS before,
        c.name AS name_was, c.inn AS inn_was, c.region_code AS region_was, c.ceased_on AS ceased_was,
        d.address AS address_was, d.director AS head_was, d.state_text AS state_was, s.*
    FROM registry_verdict v
    JOIN registry_staging s ON s.seq = v.seq
    JOIN clients_client c ON c.id = v.client_id
    LEFT JOIN clients_clientdetails d ON d.client_id = c.id
    WHERE v.winner AND NOT v.fresh AND NOT v.same
), moves AS MATERIALIZED (
    SELECT p.id, p.address_was, p.address FROM pairs p
    CROSS JOIN LATERAL (SELECT {was_words} AS words, {was_numbers} AS numbers) a
    CROSS JOIN LATERAL (SELECT {now_words} AS words, {now_numbers} AS numbers) b
    WHERE p.known AND p.address_was <> '' AND p.address <> '' AND p.address_was <> p.address
        AND NOT ((a.words <@ b.words OR b.words <@ a.words)
            AND (starts_with(a.numbers || ' ', b.numbers || ' ') OR starts_with(b.numbers || ' ', a.numbers || ' ')))
), changes AS (
    SELECT p.id, p.worked, p.as_of, p.before, e.*
    FROM pairs p
    LEFT JOIN moves m ON m.id = p.id
    LEFT JOIN partners_region was ON was.code = p.region_was
    LEFT JOIN partners_region now ON now.code = p.region_code
    CROSS JOIN LATERAL (VALUES
        (1, 'client.ceased', '', to_char(p.ceased_on, 'YYYY-MM-DD'), p.ceased_on,
            (p.known OR p.worked) AND p.ceased_was IS NULL AND p.ceased_on IS NOT NULL),
        (1, 'client.restored', to_char(p.ceased_was, 'YYYY-MM-DD'), '', p.record_as_of,
            p.known AND p.ceased_was IS NOT NULL AND p.ceased_on IS NULL),
        (2, 'client.register_state', COALESCE(NULLIF(p.state_was, ''), 'Действует'), COALESCE(NULLIF(p.state_text, ''), 'Действует'),
            p.record_as_of, p.known AND p.ceased_was IS NULL AND p.ceased_on IS NULL AND p.state_was IS NOT NULL),
        (3, 'client.renamed', p.name_was, p.name, p.name_on, p.known OR (p.worked AND p.typed)),
        (4, 'client.inn_changed', p.inn_was, p.inn, p.record_as_of, p.known AND p.inn_was <> '' AND p.inn <> ''),
        (5, 'client.region_changed', was.code || ' ' || was.name, now.code || ' ' || now.name, p.address_on, p.known),
        (6, 'client.moved', m.address_was, m.address, p.address_on, m.id IS NOT NULL),
        (7, 'client.head_changed', p.head_was, p.director, p.head_on, p.known AND p.head_was <> '' AND p.director <> '')
    ) AS e (place, code, was, now_is, day, holds)
    WHERE e.holds AND e.was <> e.now_is
), dated AS (
    SELECT id, worked, place, code, was, now_is, as_of,
        CASE WHEN code = 'client.ceased' OR (day >= before AND day <= as_of) THEN day ELSE as_of END AS day
    FROM changes
), journal AS (
    INSERT INTO core_journalentry
        (at, by_id, by_name, subject_type, subject_id, client_id, account_id, code, data, source)
    SELECT statement_timestamp(), NULL, '', 'clients.client', id, id, NULL, code,
        jsonb_build_object('value', jsonb_build_array(was, now_is), 'as_of', day), 'import'
    FROM dated WHERE worked AND place > 1 ORDER BY id, place DESC
)
UPDATE clients_clientdetails d
SET life = (
    SELECT jsonb_agg(entry ORDER BY n) FROM (
        SELECT * FROM jsonb_array_elements(l.entries || COALESCE(d.life, '[]')) WITH ORDINALITY AS e (entry, n) LIMIT {kept}
    ) newest
)
FROM (
    SELECT id, jsonb_agg(jsonb_build_object('code', code, 'was', was, 'now', now_is, 'on', day) ORDER BY place) AS entries
    FROM dated GROUP BY id
) l WHERE l.id = d.client_id
"""
_TOKENS = "regexp_split_to_table(lower(translate({}, 'ёЁ', 'ее')), '[^0-9a-zа-я]+') WITH ORDINALITY AS t (word, n)"
_WORDS = "ARRAY(SELECT word FROM " + _TOKENS + " WHERE word !~ '[0-9]' AND word <> '' AND word <> ALL (%(types)s))"
_NUMBERS = "COALESCE((SELECT string_agg(word, ' ' ORDER BY n) FROM " + _TOKENS + " WHERE word ~ '[0-9]'), '')"
CHANGES = CHANGES.format(
    was_words=_WORDS.format("p.address_was"), was_numbers=_NUMBERS.format("p.address_was"),
    now_words=_WORDS.format("p.address"), now_numbers=_NUMBERS.format("p.address"), kept=20,
)  # fmt: skip
CHANGES_KNOW = {"types": sorted({part.lower() for word in PLACE_WORDS for part in word.split("-")})}

# What the small-business register says of an ИНН belongs to the living and latest card of it, in whatever order the
# registers came: without this the same files in another order would leave another directory.
REHOME = """
WITH touched AS (
    SELECT DISTINCT kind, inn FROM registry_staging
    WHERE seq > %(after)s AND seq <= %(upto)s AND reason IS NULL AND inn <> ''
), ranked AS (
    SELECT c.id, d.is_small_business, d.msp_category, d.msp_since, d.employees, d.msp_as_of,
        count(*) OVER inn AS cards,
        first_value(c.id) OVER (inn ORDER BY c.ceased_on IS NULL DESC, c.registered_on DESC, c.ogrn DESC NULLS LAST, c.id) AS home,
        first_value(c.id) OVER (inn ORDER BY d.msp_as_of DESC NULLS LAST, c.id) AS holder
    FROM touched t
    JOIN clients_client c ON c.inn = t.inn AND c.inn <> '' AND c.kind = t.kind
    JOIN clients_clientdetails d ON d.client_id = c.id
    WINDOW inn AS (PARTITION BY c.kind, c.inn)
), crowded AS MATERIALIZED (
    SELECT * FROM ranked WHERE cards > 1  -- few: without this the planner joins every card with every card
), held AS (
    SELECT * FROM crowded WHERE id = holder AND msp_as_of IS NOT NULL
), misplaced AS (
    SELECT r.id, r.id = r.home AS is_home, h.is_small_business, h.msp_category, h.msp_since, h.employees, h.msp_as_of
    FROM crowded r JOIN held h ON h.home = r.home
    WHERE (r.id = r.home AND h.id <> r.id) OR (r.id <> r.home AND r.msp_as_of IS NOT NULL)
)
UPDATE clients_clientdetails d
SET is_small_business = CASE WHEN m.is_home THEN m.is_small_business ELSE false END,
    msp_category = CASE WHEN m.is_home THEN m.msp_category ELSE '' END,
    msp_since = CASE WHEN m.is_home THEN m.msp_since END,
    employees = CASE WHEN m.is_home THEN m.employees END,
    msp_as_of = CASE WHEN m.is_home THEN m.msp_as_of END
FROM misplaced m WHERE d.client_id = m.id
"""

REJECT = """
INSERT INTO clients_importreject (file_id, seq, ogrn, inn, name, reason)
SELECT %(file)s, seq, left(COALESCE(ogrn, ''), 20), left(COALESCE(inn, ''), 20), left(COALESCE(name, ''), 300), left(reason, 300)
FROM registry_staging WHERE seq > %(after)s AND seq <= %(upto)s AND reason IS NOT NULL
ON CONFLICT (file_id, seq) DO NOTHING
"""

COUNT = """
SELECT what, count(*) FROM registry_verdict GROUP BY what
UNION ALL
SELECT 'r', count(*) FROM registry_staging WHERE seq > %(after)s AND seq <= %(upto)s AND reason IS NOT NULL
"""
