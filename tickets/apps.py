from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = "Обращения"

    def ready(self) -> None:
        from . import cards  # noqa: F401  (registration)
