"""The network as a tree of partners (R1.16): company → partners → sales points."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import known
from .models import Employee, Partner, SalesPoint

DEEPEST = 20
"""A tree deeper than that has a circle in it."""


@dataclass
class Node:
    """A partner with what stands under him and the number of sales points the viewer sees there."""

    partner: Partner
    path: str
    points: int = 0
    children: list[Node] = field(default_factory=list)


def paths() -> dict[int, str]:
    """{partner id: «Наша компания / Тихий океан»}. No query."""
    rows = known.partners()
    return {pk: _path(rows, pk) for pk in rows}


def _path(rows: dict[int, Partner], pk: int) -> str:
    names, seen = [], pk
    while seen in rows and len(names) < DEEPEST:
        names.append(rows[seen].name)
        seen = rows[seen].parent_id
    return " / ".join(reversed(names))


def tree(viewer: Employee) -> list[Node]:
    """Partners that the viewer sees a sales point of, and those above them. One query."""
    rows = known.partners()
    nodes = {pk: Node(partner, _path(rows, pk)) for pk, partner in rows.items()}
    for partner_id in SalesPoint.objects.visible_to(viewer).values_list("partner_id", flat=True):
        nodes[partner_id].points += 1
    roots = []
    for pk, node in nodes.items():
        parent = nodes.get(rows[pk].parent_id)
        (parent.children if parent else roots).append(node)
    return [node for node in roots if _keep(node)]


def _keep(node: Node, depth: int = 0) -> bool:
    if depth < DEEPEST:
        node.children = [child for child in node.children if _keep(child, depth + 1)]
    return bool(node.points or node.children)
