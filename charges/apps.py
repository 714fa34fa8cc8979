from django.apps import AppConfig


class ChargesConfig(AppConfig):
    name = "charges"
    verbose_name = "Доп. начисления"

    def ready(self) -> None:
        from . import cards  # noqa: F401  (registration)
