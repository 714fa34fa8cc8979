"""Employees: the user model. Identity comes from the directory of the accounting system (R1.15)."""

from functools import cached_property

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from partners.querysets import EmployeeManager
from partners.rights import Right, Scope
from partners.scopes import ScopeFacts, covers

from .network import Department, Region, SalesPoint


class Employee(AbstractBaseUser):
    """A person who signs in. Rights are grants and roles, never flags on this row."""

    class Access(models.TextChoices):
        ALLOWED = "allowed", "Разрешен"
        FORBIDDEN = "forbidden", "Запрещен"

    login = models.CharField("логин", max_length=100, unique=True)
    external_id = models.CharField("код в учетной системе", max_length=100, unique=True, null=True, blank=True)
    last_name = models.CharField("фамилия", max_length=80)
    first_name = models.CharField("имя", max_length=80)
    middle_name = models.CharField("отчество", max_length=80, blank=True)
    position = models.CharField("должность", max_length=120, blank=True)
    phone = models.CharField("телефон", max_length=40, blank=True)
    email = models.EmailField("email", blank=True)
    salespoint = models.ForeignKey(SalesPoint, models.PROTECT, related_name="employees", verbose_name="точка продаж")
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="employees", verbose_name="отдел"
    )
    access = models.CharField("доступ", max_length=10, choices=Access, default=Access.ALLOWED)
    blocked_at = models.DateTimeField("заблокирован", null=True, blank=True)
    blocked_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    is_demo = models.BooleanField("учетная запись демонстрации", default=False)
    is_break_glass = models.BooleanField("аварийный вход без каталога", default=False)
    zone = models.CharField("часовой пояс", max_length=40, blank=True)
    key_epoch = models.PositiveIntegerField(default=0)
    erased_at = models.DateTimeField("данные удалены по запросу", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    devices: frozenset[str] | None = None
    """Confirmed second factors by their persistent ids, where the session's query brought them."""
    has_news: bool = True
    """Work of his may be going on or just finished; the session's query knows better."""

    USERNAME_FIELD = "login"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["last_name", "first_name"]
    objects = EmployeeManager()

    class Meta:
        ordering = ["last_name", "first_name", "middle_name", "id"]
        verbose_name, verbose_name_plural = "сотрудник", "сотрудники"
        constraints = [
            models.CheckConstraint(
                condition=Q(access="allowed", blocked_at__isnull=True)
                | Q(access="forbidden", blocked_at__isnull=False),
                name="employee_blocked",
            ),
            models.CheckConstraint(condition=Q(access__in=["allowed", "forbidden"]), name="employee_access"),
            models.UniqueConstraint(
                Lower("login"),
                name="employee_login_once",
                violation_error_message="Такой логин уже есть. Укажите другой.",
            ),
        ]
        indexes = [models.Index(fields=["salespoint", "last_name"], name="employee_point")]

    def __str__(self) -> str:
        return self.short_name

    def get_absolute_url(self) -> str:
        return f"/employees/{self.pk}/"

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.last_name, self.first_name, self.middle_name) if part)

    @property
    def short_name(self) -> str:
        """«Травина А. Е.» with no-break spaces."""
        initials = [f"{part[0]}." for part in (self.first_name, self.middle_name) if part]
        return "\u00a0".join([self.last_name, *initials])

    @property
    def is_active(self) -> bool:
        return self.access == self.Access.ALLOWED

    @property
    def is_staff(self) -> bool:
        return self.is_active and self.has_right(Right.ADMIN)

    is_superuser = False

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Sessions die with the password and with `key_epoch`: a block raises it, an unblock does not set it back."""
        return salted_hmac(
            "partners.employee.session", f"{self.password}:{self.key_epoch}", secret=secret, algorithm="sha256"
        ).hexdigest()

    def has_perm(self, perm: str, obj=None) -> bool:
        """Django admin asks this; admin holds reference data only (partners.admin narrows it further)."""
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff

    @cached_property
    def rights(self) -> dict[str, Scope]:
        """Effective rights: {right: widest scope} over live grants and the roles held. One query, cached on the instance."""
        from partners.selectors import effective_rights

        return effective_rights(self.pk) if self.is_active else {}

    def has_right(self, right: str) -> bool:
        return str(right) in self.rights

    def scope_of(self, right: str) -> Scope | None:
        return self.rights.get(str(right))

    def may(self, right: str, obj) -> bool:
        """`right` reaches `obj`: the object gives its `scope_facts()`."""
        return covers(self, right, obj.scope_facts())

    @cached_property
    def region_codes(self) -> frozenset[str]:
        """Codes of the regions that the sales point serves."""
        return frozenset(Region.objects.filter(points=self.salespoint_id).values_list("code", flat=True))

    @cached_property
    def points_of_regions(self) -> frozenset[int]:
        """Sales points that share a served region with one's own (scope «Регион»)."""
        from partners.known import points_by_region

        served = points_by_region()
        return frozenset({self.salespoint_id}.union(*(served.get(code, ()) for code in self.region_codes)))

    def is_colleague(self, employee_id: int) -> bool:
        """In the same department."""
        return (
            bool(self.department_id)
            and Employee.objects.filter(pk=employee_id, department_id=self.department_id).exists()
        )

    @property
    def business_zone(self) -> str:
        """The viewer's IANA zone: one's own, else the sales point's (decision 10)."""
        return self.zone or self.salespoint.zone

    def scope_facts(self) -> ScopeFacts:
        return ScopeFacts(self.salespoint_id, self.pk)
