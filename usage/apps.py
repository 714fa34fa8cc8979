from django.apps import AppConfig


class UsageConfig(AppConfig):
    name = "usage"
    verbose_name = "Пользователи и активность"

    def ready(self) -> None:
        from . import cards  # noqa: F401  (registration)
