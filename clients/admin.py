"""Topics of bindings are edited here, keys of products revoked; owners and what happened to cards are looked at only."""

from django.contrib import admin

from clients.models import Binding, BindingTopic, ProductToken
from clients.services.products import product_token_revoke
from core.admin import ReadOnly, look, reference, register

reference(BindingTopic, "title", "code", "order")
look(
    Binding,
    "client",
    "topic",
    "salespoint",
    "manager",
    "since",
    "closed_at",
    titles=("закрепление", "закрепления"),
    ordering=("-pk",),
)


@register(ProductToken)
class ProductTokenAdmin(ReadOnly):
    """Keys of the API. `manage.py make_product_token` makes one; the key itself is never shown again."""

    titles = ("ключ продукта", "ключи продуктов")
    list_display = ("title", "created_at", "created_by", "revoked_at")
    fields = list_display
    ordering = ("-created_at",)
    actions = ("revoke",)

    @admin.action(description="Отозвать: ключ перестанет работать сразу")
    def revoke(self, request, queryset) -> None:
        for token in queryset:
            product_token_revoke(token_id=token.pk, by=request.user)
        self.message_user(request, "Ключи отозваны.")
