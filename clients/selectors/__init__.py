"""Reads of «Все клиенты» across models."""

from .related import related_cards, relations, twins_of
from .search import InnAnswer, InnStatus, Typed, lookup_inn, route, search_clients

__all__ = [
    "InnAnswer",
    "InnStatus",
    "Typed",
    "lookup_inn",
    "related_cards",
    "relations",
    "route",
    "search_clients",
    "twins_of",
]
