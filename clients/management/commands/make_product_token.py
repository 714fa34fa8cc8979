"""`make_product_token TITLE`: a key for a product's calls of /api/v1/. Printed once."""

from django.core.management.base import BaseCommand

from clients.services.products import product_token_create


class Command(BaseCommand):
    help = "Выдать ключ продукта для API"

    def add_arguments(self, parser) -> None:
        parser.add_argument("title", help="название продукта")

    def handle(self, *args, title: str, **options) -> None:
        _row, key = product_token_create(title=title, by=None)
        self.stdout.write(key)
