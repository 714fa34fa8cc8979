"""Products of the network that talk to the program: who may call the API."""

from django.db import models


class ProductToken(models.Model):
    """A key of a product, stored as a hash; revoked ones stay for history."""

    title = models.CharField("продукт", max_length=100)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField("создан")
    created_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField("отозван", null=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name, verbose_name_plural = "ключ продукта", "ключи продуктов"

    def __str__(self) -> str:
        return self.title
