"""What happens to clients that the apps above must follow, sent inside the transaction (architecture, 1)."""

from django.dispatch import Signal

client_transferred = Signal()
"""A card moved to another manager or sales point: client, topic, old_manager_id, manager_id, salespoint_id,
carry (frozenset of "accounts", "tasks", "tickets": what goes along), by."""

client_merged = Signal()
"""Cards became one, or two again: clients ({id: card}, locked). Who keeps copies on cards writes them anew; on, by."""

task_wanted = Signal()
"""Somebody has to do something: client_id, assignee_id, salespoint_id, kind (of accounts.choices.TaskKind), title,
due_on, key (unique: a second request makes nothing), by."""
