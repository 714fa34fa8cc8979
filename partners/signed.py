"""Signed links that belong to an employee: they end with a block and with a change of password, for good (decision 23)."""

from __future__ import annotations

from typing import Any

from django.core import signing

from .models import Employee


def sign(employee: Employee, purpose: str, payload: Any) -> str:
    """A token for a link; `payload` is a JSON value, `purpose` keeps tokens of different pages apart."""
    return signing.dumps([employee.pk, employee.key_epoch, payload], salt=f"partners.{purpose}", compress=True)


def read(token: str, purpose: str, *, max_age: int) -> tuple[Employee, Any] | None:
    """The employee and the payload, or None: forged, older than `max_age` seconds, blocked or revoked since."""
    try:
        pk, epoch, payload = signing.loads(token, salt=f"partners.{purpose}", max_age=max_age)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    employee = Employee.objects.filter(pk=pk, key_epoch=epoch, access=Employee.Access.ALLOWED).first()
    return (employee, payload) if employee else None
