from django.apps import AppConfig


class LicensesConfig(AppConfig):
    name = "licenses"
    verbose_name = "Лицензии"

    def ready(self) -> None:
        from . import cards, receivers  # noqa: F401  (registration)
        from .gateways import receivers as gateway_receivers  # noqa: F401  (registration)
