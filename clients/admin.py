"""Topics of bindings are edited here; owners and what happened to cards are looked at only."""

from clients.models import Binding, BindingTopic
from core.admin import look, reference

reference(BindingTopic, "title", "code", "order")
look(
    Binding,
    "client",
    "topic",
    "salespoint",
    "manager",
    "since",
    "closed_at",
    titles=("закрепление", "закрепления"),
    ordering=("-pk",),
)
