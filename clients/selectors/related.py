"""Duplicates and related organisations (rule C6): twins by ИНН, relations by what cards share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from clients.models import Binding, BindingTopic, Client, NotRelated
from clients.rules import WEAK, Relation, Shared, is_same_record, relation

from .merging import key_of

SHOWN = 50
COUNTED = 51  # cards of one value that are looked at: every step of a weight ends below

# A value finds other cards; the house, the director's name and the organisation's own only add to a pair found so.
FINDING = ("account", "manual", "succession", "director_inn", "founder", "phone", "email", "domain", "address")

PAIRS = """
WITH mine AS (
    SELECT s.client_id, s.kind, s.value_hash FROM clients_clientsignal s
    WHERE s.client_id = ANY(%(ids)s) AND s.kind = ANY(%(finding)s)
    UNION SELECT c.id, 'succession', hashtextextended(c.ogrn, 0) FROM clients_client c
    WHERE c.id = ANY(%(ids)s) AND c.ogrn IS NOT NULL
), shared AS (
    SELECT m.client_id, o.client_id AS other_id, m.kind, count(*) OVER (PARTITION BY m.client_id, m.kind, m.value_hash) AS cards
    FROM mine m CROSS JOIN LATERAL (
        SELECT s.client_id FROM clients_clientsignal s
        WHERE s.kind = m.kind AND s.value_hash = m.value_hash LIMIT %(counted)s
    ) o
), pairs AS (
    SELECT client_id, other_id, array_agg(kind) AS kinds, array_agg(cards) AS cards
    FROM shared WHERE other_id <> client_id GROUP BY client_id, other_id
)
SELECT p.client_id, p.other_id, p.kinds, p.cards, similarity(a.name_norm, b.name_norm) >= 0.85 AND a.region_code = b.region_code,
    a.region_code = b.region_code,
    ARRAY(SELECT DISTINCT x.kind FROM clients_clientsignal x JOIN clients_clientsignal y USING (kind, value_hash)
          WHERE x.client_id = p.client_id AND y.client_id = p.other_id AND x.kind IN ('house', 'director_name'))
FROM pairs p JOIN clients_client a ON a.id = p.client_id JOIN clients_client b ON b.id = p.other_id
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """A related card."""

    client_id: int
    relation: Relation

    @property
    def score(self) -> int:
        return self.relation.score


def relations(ids: Sequence[int], *, at_least: int = WEAK) -> dict[int, list[Hit]]:
    """{card: its related cards, the strongest first, at most 50}; pairs marked «Не связаны» are left out.

    One query through the index of values whatever the size of the register.
    """
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(PAIRS, {"ids": list(ids), "finding": list(FINDING), "counted": COUNTED})
        rows = cursor.fetchall()
    unrelated = unrelated_pairs(ids) if rows else set()
    found: dict[int, list[Hit]] = defaultdict(list)
    for client_id, other_id, kinds, cards, same_name, same_region, more in rows:
        if (min(client_id, other_id), max(client_id, other_id)) in unrelated:
            continue
        shared = [Shared(kind, number) for kind, number in zip(kinds, cards, strict=True)]
        shared += [Shared("director_region" if kind == "director_name" and same_region else kind) for kind in more]
        shared += [Shared("name")] if same_name else []
        weighed = relation(shared)
        if weighed.score >= at_least:
            found[client_id].append(Hit(other_id, weighed))
    return {pk: sorted(hits, key=lambda hit: (-hit.score, hit.client_id))[:SHOWN] for pk, hits in found.items()}


def unrelated_pairs(ids: Sequence[int]) -> set[tuple[int, int]]:
    """Pairs that somebody marked «Не связаны» and nobody took back."""
    marks = NotRelated.objects.filter(Q(first__in=ids) | Q(second__in=ids), withdrawn_at__isnull=True)
    return set(marks.values_list("first_id", "second_id"))


def twins_of(clients: Iterable[Client]) -> dict[int, list[int]]:
    """{card: other cards of the same ИНН} (levels D1 and D2); cards without ИНН have none. A mark does not hide them."""
    by_inn: dict[str, list[int]] = defaultdict(list)
    mine = {client.pk: client.inn for client in clients if client.inn}
    for pk, inn in Client.objects.filter(inn__in=set(mine.values())).values_list("pk", "inn"):
        by_inn[inn].append(pk)
    return {
        pk: [other for other in sorted(by_inn[inn]) if other != pk] for pk, inn in mine.items() if len(by_inn[inn]) > 1
    }


@dataclass(frozen=True, slots=True)
class RelatedCard:
    """A line of «Дубли и связанные организации»."""

    client: Client
    level: str  # D1, D2 or R
    score: int
    reasons: tuple[str, ...]
    binding: Binding | None
    is_foreign: bool  # bound to somebody else than the viewer

    @property
    def is_strong(self) -> bool:
        return self.level != "R" or self.score >= 60

    @property
    def reason(self) -> str:
        return ", ".join(self.reasons)


def related_cards(client: Client, *, viewer) -> list[RelatedCard]:
    """Everything that may be the same or a related organisation, duplicates first (R2.20). Five queries."""
    twins = twins_of([client]).get(client.pk, [])
    hits = {hit.client_id: hit for hit in relations([client.pk]).get(client.pk, [])}
    cards = Client.objects.in_bulk([*twins, *hits])
    bound = Binding.objects.open().filter(client__in=cards, topic__code=BindingTopic.MAIN)
    bindings = {b.client_id: b for b in bound.select_related("manager", "salespoint")}
    found = []
    for pk in dict.fromkeys([*twins, *hits]):
        card, binding = cards[pk], bindings.get(pk)
        level, reasons = "R", hits[pk].relation.reasons if pk in hits else ()
        if pk in twins:
            level = "D1" if is_same_record(key_of(client), key_of(card)) else "D2"
            reasons = ("тот же ИНН" if level == "D1" else "тот же ИНН, другой КПП или вид", *reasons)
        score = 100 if pk in twins else hits[pk].score
        foreign = bool(binding and binding.manager_id and binding.manager_id != viewer.pk)
        found.append(RelatedCard(card, level, score, reasons, binding, foreign))
    return sorted(found, key=lambda each: (each.level, -each.score, each.client.pk))
