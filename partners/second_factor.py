"""Who must show a second factor, and whether he has (decisions 24, 25)."""

from __future__ import annotations

from django.conf import settings
from django_otp import user_has_device

from .models import Employee
from .rights import NEEDS_SECOND_FACTOR


def is_required(employee: Employee) -> bool:
    """Heads, operators, whoever exports. Demo logins are exempt only where SBILLING_DEMO=1."""
    if settings.DEMO and employee.is_demo:
        return False
    return not NEEDS_SECOND_FACTOR.isdisjoint(employee.rights)


def is_set_up(employee: Employee) -> bool:
    """A confirmed authenticator exists."""
    return user_has_device(employee, confirmed=True)


def is_missing(user) -> bool:
    """True when the signed-in user still has to show a code. A factor set up by choice is asked for as well."""
    if user.is_verified():
        return False
    if is_required(user):
        return True
    has_factor = is_set_up(user) if user.devices is None else bool(user.devices)
    return has_factor and not (settings.DEMO and user.is_demo)
