from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Аккаунты"

    def ready(self) -> None:
        from . import client_sections, receivers  # noqa: F401  (registration)
        from .work import search  # noqa: F401
