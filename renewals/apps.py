from django.apps import AppConfig


class RenewalsConfig(AppConfig):
    name = "renewals"
    verbose_name = "Требуют продления"

    def ready(self) -> None:
        from . import cards  # noqa: F401  (registration)
