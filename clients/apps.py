from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "clients"
    verbose_name = "Все клиенты"

    def ready(self) -> None:
        from partners import registry_lookup

        from .selectors.registered import registered

        registry_lookup.use(registered)
