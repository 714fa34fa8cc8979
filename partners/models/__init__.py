"""«Мы и партнеры» (manual ch. 1): who sells, where, and who may do what."""

from .access import Grant, Role, RoleAssignment, RoleRight, SessionLink
from .applications import Erasure, PartnerApplication
from .directory import DirectoryPerson
from .employees import Employee
from .network import Department, LegalEntity, Partner, Region, SalesPoint

__all__ = [
    "Department",
    "DirectoryPerson",
    "Employee",
    "Erasure",
    "Grant",
    "LegalEntity",
    "Partner",
    "PartnerApplication",
    "Region",
    "Role",
    "RoleAssignment",
    "RoleRight",
    "SalesPoint",
    "SessionLink",
]
