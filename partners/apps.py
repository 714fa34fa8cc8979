from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class PartnersConfig(AppConfig):
    name = "partners"
    verbose_name = "Мы и партнеры"

    def ready(self) -> None:
        from . import receivers  # noqa: F401

        autodiscover_modules("handover")
