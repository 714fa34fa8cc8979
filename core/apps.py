from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Ядро"

    def ready(self) -> None:
        # Jobs, sentences of constraints, invariants and receivers of domain events are declared where they belong and found by module name.
        autodiscover_modules("tasks", "constraint_messages", "invariants", "receivers", "journal_titles")
