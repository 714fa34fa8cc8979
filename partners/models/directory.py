"""The built-in directory of the accounting system: people who may be hired (R1.15)."""

from django.db import models


class DirectoryPerson(models.Model):
    """A person of the accounting system, hired or not. LDAP and OIDC adapters give the same fields."""

    external_id = models.CharField("код", max_length=100, unique=True)
    login = models.CharField("логин", max_length=100, unique=True)
    last_name = models.CharField("фамилия", max_length=80)
    first_name = models.CharField("имя", max_length=80)
    middle_name = models.CharField("отчество", max_length=80, blank=True)
    position = models.CharField("должность", max_length=120, blank=True)
    email = models.EmailField("email", blank=True)
    phone = models.CharField("телефон", max_length=40, blank=True)
    is_active = models.BooleanField("работает", default=True)

    class Meta:
        ordering = ["last_name", "first_name"]
        verbose_name, verbose_name_plural = "человек из учетной системы", "каталог учетной системы"

    def __str__(self) -> str:
        return " ".join(p for p in (self.last_name, self.first_name, self.middle_name) if p)
