"""Authentication: the directory's password where it keeps them, our own hash otherwise (R1.25, decision 24)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest

from . import directory
from .models import Employee


class EmployeeBackend(BaseBackend):
    """Unknown, wrong and blocked take the same way and the same time: one password hash each, one answer: None."""

    def authenticate(self, request: HttpRequest | None, username: str = "", password: str = "", **other: Any):
        """The employee, or None. Raises DirectoryDown when the directory is asked and does not answer."""
        if not username or not password or "\0" in username or len(username) > 100:
            make_password(password)
            return None
        employee = Employee.objects.filter(login__iexact=username).first()
        adapter = directory.current()
        if adapter.keeps_passwords and not (employee and employee.is_break_glass):
            person = adapter.check_password(username, password)
            fits = bool(person and employee and employee.external_id == person.external_id and person.is_active)
        elif employee is None:
            make_password(password)
            fits = False
        else:
            fits = check_password(password, employee.password, setter=_rehash(employee))
        return employee if fits and employee.is_active else None

    def get_user(self, user_id: int) -> Employee | None:
        employee = Employee.objects.select_related("salespoint").filter(pk=user_id).first()
        return employee if employee and employee.is_active else None


def _rehash(employee: Employee):
    """The hash is renewed when its parameters grew; the session hash follows, so only this sign-in goes on."""

    def setter(raw: str) -> None:
        employee.password = make_password(raw)
        employee.save(update_fields=["password"])

    return setter


def counted_login(request: HttpRequest, credentials: dict | None) -> str:
    """The login under which failures are counted: letter case and blanks must not give new attempts."""
    told = (credentials or {}).get("username") or request.POST.get("username", "")
    return str(told).strip().lower().replace("\0", "")[:100]
