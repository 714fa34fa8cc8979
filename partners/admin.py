"""Reference data of the network; people, rights and their journals are looked at only."""

from core.admin import look, reference
from partners.models import (
    Department,
    DirectoryPerson,
    Employee,
    Erasure,
    Grant,
    LegalEntity,
    Partner,
    PartnerApplication,
    Region,
    Role,
    RoleAssignment,
    SalesPoint,
)

reference(Region, "code", "name", "zone", search_fields=("code", "name"))
reference(LegalEntity, "name", "inn", "kpp", "vat_mode", "zone", search_fields=("name", "=inn"))
reference(Partner, "name", "kind", "parent", list_filter=("kind",), search_fields=("name",))
reference(Department, "name", "salespoint", search_fields=("name",))
reference(
    DirectoryPerson, "last_name", "first_name", "position", "login", "is_active",
    list_filter=("is_active",), search_fields=("last_name", "login"), may_delete=True,
)  # fmt: skip
look(SalesPoint, "code", "name", "partner", "region", "state", list_filter=("state",), search_fields=("code", "name"))
look(
    Employee, "login", "last_name", "first_name", "salespoint", "access",
    list_filter=("access",), search_fields=("login", "last_name"), exclude=("password", "key_epoch", "last_login"),
)  # fmt: skip
look(Role, "code", "title")
look(
    RoleAssignment,
    "employee",
    "role",
    "granted_by",
    "granted_at",
    "revoked_at",
    ordering=("-pk",),
    titles=("роль сотрудника", "роли сотрудников"),
)
look(
    Grant,
    "employee",
    "right",
    "scope",
    "granted_by",
    "granted_at",
    "revoked_at",
    ordering=("-pk",),
    titles=("право сотрудника", "права сотрудников"),
)
look(PartnerApplication, "inn", "name", "region", "state", "created_at", list_filter=("state",), ordering=("-pk",))
look(Erasure, "number", "by", "at")
