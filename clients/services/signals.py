"""What cards share, written as 64-bit hashes (rule C6): at once when a card is edited, in bulk after a register load.

PostgreSQL hashes everywhere, so that a value written by an edit meets the one written by the nightly job.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction

FREE_MAIL = (
    "mail.ru", "inbox.ru", "list.ru", "bk.ru", "internet.ru", "yandex.ru", "ya.ru", "yandex.com", "gmail.com", "rambler.ru",
    "lenta.ru", "autorambler.ru", "myrambler.ru", "ro.ru", "hotmail.com", "outlook.com", "live.ru", "icloud.com", "me.com",
    "yahoo.com", "qip.ru", "pochta.ru", "nm.ru", "vk.com", "xmail.ru", "mail.com", "proton.me", "protonmail.com",
)  # fmt: skip

_OFFICE = r"\y(офис|оф|квартира|кв|помещение|помещ|пом|комната|ком|кабинет|каб)\y"

# Values of cards as text, by kind; hashed and compared with what is stored. «account» and «manual» are written by others.
VALUES = """
WITH cards AS (
    SELECT c.id, c.ogrn, d.director, d.director_inn, d.founders, d.predecessors, d.successors, d.email,
        trim(regexp_replace(regexp_replace(lower(translate(coalesce(nullif(d.actual_address, ''), d.address), 'ёЁ', 'ее')),
            '[^0-9a-zа-я]+', ' ', 'g'), '^ ?[0-9]{6} ', '')) AS place
    FROM clients_client c LEFT JOIN clients_clientdetails d ON d.client_id = c.id WHERE c.id = ANY(%(ids)s)
), mails AS (
    SELECT id AS client_id, lower(trim(email)) AS mail FROM cards WHERE email LIKE '%%_@_%%'
    UNION SELECT l.client_id, lower(p.email) FROM clients_clientperson l JOIN clients_person p ON p.id = l.person_id
    WHERE l.client_id = ANY(%(ids)s) AND p.email LIKE '%%_@_%%' AND p.erased_at IS NULL
), raw AS (
    SELECT id AS client_id, 'director_inn' AS kind, director_inn AS value FROM cards WHERE director_inn <> ''
    UNION ALL SELECT id, 'director_name', lower(translate(director, 'ёЁ', 'ее')) FROM cards WHERE director LIKE '%%_ _%%'
    UNION ALL SELECT id, 'founder', f ->> 'inn' FROM cards CROSS JOIN jsonb_array_elements(founders) f
        WHERE coalesce(f ->> 'inn', '') <> ''
        AND (jsonb_array_length(founders) = 1
             OR CASE WHEN f ->> 'percent' ~ '^[0-9]+([.,][0-9]+)?$' THEN replace(f ->> 'percent', ',', '.')::numeric >= 25 ELSE false END)
    UNION ALL SELECT id, 'succession', e ->> 'ogrn' FROM cards CROSS JOIN jsonb_array_elements(predecessors || successors) e
        WHERE coalesce(e ->> 'ogrn', '') <> ''
    UNION ALL SELECT id, 'succession', ogrn FROM cards
        WHERE ogrn IS NOT NULL AND (jsonb_array_length(predecessors) > 0 OR jsonb_array_length(successors) > 0)
    UNION ALL SELECT client_id, 'phone', number FROM clients_clientphone WHERE client_id = ANY(%(ids)s) AND NOT is_wrong
    UNION ALL SELECT l.client_id, 'phone', p.phone FROM clients_clientperson l JOIN clients_person p ON p.id = l.person_id
        WHERE l.client_id = ANY(%(ids)s) AND p.phone <> '' AND p.erased_at IS NULL
    UNION ALL SELECT client_id, 'email', mail FROM mails
    UNION ALL SELECT client_id, 'domain', split_part(mail, '@', 2) FROM mails WHERE split_part(mail, '@', 2) <> ALL(%(free)s)
    UNION ALL SELECT id, 'address', (SELECT string_agg(t, ' ' ORDER BY t) FROM (SELECT DISTINCT unnest(string_to_array(place, ' ')) t) w)
        FROM cards WHERE place ~ %(office)s AND place ~ '[0-9]'
    UNION ALL SELECT id, 'house', (SELECT string_agg(t, ' ' ORDER BY t)
            FROM (SELECT DISTINCT unnest(string_to_array(trim(regexp_replace(place, %(office)s || '.*$', '')), ' ')) t) w)
        FROM cards WHERE regexp_replace(place, %(office)s || '.*$', '') ~ '[0-9]'
), wanted AS (
    SELECT DISTINCT client_id, kind, hashtextextended(value, 0) AS value_hash FROM raw WHERE coalesce(value, '') <> ''
), gone AS (
    DELETE FROM clients_clientsignal s WHERE s.client_id = ANY(%(ids)s) AND s.kind NOT IN ('account', 'manual')
    AND NOT EXISTS (SELECT 1 FROM wanted w WHERE (w.client_id, w.kind, w.value_hash) = (s.client_id, s.kind, s.value_hash))
)
INSERT INTO clients_clientsignal (client_id, kind, value_hash)
SELECT client_id, kind, value_hash FROM wanted ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING
"""


@transaction.atomic
def signals_refresh(ids: Sequence[int]) -> int:
    """Rewrite what the cards share, only where it differs; the number of values added. Up to some 10 000 cards a call."""
    if not ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(VALUES, {"ids": sorted(ids), "free": list(FREE_MAIL), "office": _OFFICE})
        return cursor.rowcount


def signal_set(*, client_id: int, kind: str, value: object) -> None:
    """Write a value that another table knows: the account a client is in, a relation made by hand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO clients_clientsignal (client_id, kind, value_hash) VALUES (%s, %s, hashtextextended(%s, 0)) ON CONFLICT DO NOTHING",
            [client_id, kind, str(value)],
        )


def signal_group(*, kind: str, value: object, client_ids: Sequence[int]) -> None:
    """Exactly these cards share the value: a group of companies (R3.31). Others lose it; none dissolves the group."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM clients_clientsignal WHERE kind = %s AND value_hash = hashtextextended(%s, 0) AND client_id <> ALL(%s)",
            [kind, str(value), list(client_ids)],
        )
    for client_id in sorted(client_ids):
        signal_set(client_id=client_id, kind=kind, value=value)


@transaction.atomic
def queue_take(limit: int = 5_000) -> int:
    """Refresh cards whose register record changed since; the number of cards done, 0 when the queue is empty."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM clients_signalqueue WHERE client_id IN"
            " (SELECT client_id FROM clients_signalqueue ORDER BY client_id LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING client_id",
            [limit],
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    signals_refresh(ids)
    words_learn(ids)
    return len(ids)


def words_learn(ids: Sequence[int]) -> int:
    """Remember the words of these cards' names, for mending slips in searches; the number of new ones."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO clients_nameword (word) SELECT DISTINCT left(w, 60) AS w FROM clients_client"
            " CROSS JOIN LATERAL unnest(string_to_array(name_norm, ' ')) w WHERE id = ANY(%s) AND length(w) >= 4 AND w !~ '^[0-9]+$'"
            " ORDER BY 1 ON CONFLICT DO NOTHING",
            [list(ids)],
        )
        return cursor.rowcount


@transaction.atomic
def frequencies_rewrite() -> int:
    """How many cards share a value, for values that weigh less or nothing for it: the table of «массовые» (C6)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH counted AS (
                SELECT kind, value_hash, count(*) AS clients FROM clients_clientsignal GROUP BY 1, 2 HAVING count(*) > 3
            ), gone AS (
                DELETE FROM clients_signalfrequency f
                WHERE NOT EXISTS (SELECT 1 FROM counted c WHERE (c.kind, c.value_hash) = (f.kind, f.value_hash))
            )
            INSERT INTO clients_signalfrequency AS f (kind, value_hash, clients) SELECT kind, value_hash, clients FROM counted
            ON CONFLICT (kind, value_hash) DO UPDATE SET clients = EXCLUDED.clients WHERE f.clients <> EXCLUDED.clients
            """
        )
        return cursor.rowcount
