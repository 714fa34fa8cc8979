"""A row that leaves the filter after a step stays where it stood, pale, until the page is read anew.

The page that reloads itself after a step (static/js/sb.js) names the rows it showed in a header. Those of them that the
viewer still sees but the filter no longer gives are drawn with what they have become: nothing vanishes under the cursor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.lists.page import ListPage

HEADER = "X-Rows"
MOST = 100


def with_left(page: ListPage, rows: list[Any]) -> tuple[list[Any], frozenset[Any]]:
    """The page's rows with those that have left put back in their places, and the keys of these. At most two queries."""
    shown = [int(n) for n in page.request.headers.get(HEADER, "").split(",")[:MOST] if _is_key(n)]
    here = {row.pk for row in rows}
    missing = [pk for pk in dict.fromkeys(shown) if pk not in here]
    if not missing:
        return rows, frozenset()
    # On another page of the same filter is not gone.
    elsewhere = set(page.filtered().queryset.filter(pk__in=missing).values_list("pk", flat=True))
    gone = {row.pk: row for row in page.get_queryset().filter(pk__in=[pk for pk in missing if pk not in elsewhere])}
    merged, before = list(rows), None
    for pk in shown:
        if pk in gone and pk not in here:
            place = next((i + 1 for i, row in enumerate(merged) if row.pk == before), 0)
            merged.insert(place, gone[pk])
            here.add(pk)
        before = pk if pk in here else before
    return merged, frozenset(gone)


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
