"""The second factor: an authenticator application (TOTP) and ten recovery codes (decision 24)."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.http import HttpRequest
from django_otp import login as otp_login
from django_otp import match_token
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from core import journal
from core.errors import DomainError
from core.rights import require
from partners.models import Employee
from partners.rights import Right

RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

WRONG = "Код не подходит. Проверьте время на телефоне и введите новый код."


@transaction.atomic
def second_factor_show(*, request: HttpRequest, employee: Employee, code: str) -> str:
    """Check a code and mark the session as verified; returns a refusal, "" when it fits.

    Wrong codes are throttled by the devices themselves, growing with every failure.
    """
    device = match_token(employee, code.replace(" ", "").replace("-", "").lower())
    if device is None:
        return WRONG
    otp_login(request, device)
    if isinstance(device, StaticDevice):
        left = device.token_set.count()
        journal.record(employee, "employee.recovery_code_used", by=employee, data={"left": left})
    return ""


@transaction.atomic
def second_factor_begin(*, employee: Employee) -> TOTPDevice:
    """A fresh secret that waits for its first code; an unfinished one is replaced."""
    TOTPDevice.objects.filter(user=employee, confirmed=False).delete()
    return TOTPDevice.objects.create(user=employee, name="Приложение", confirmed=False)


@transaction.atomic
def second_factor_confirm(*, request: HttpRequest, employee: Employee, code: str) -> list[str]:
    """The first right code sets the factor up. Returns the recovery codes, shown once. Manual none; decision 24."""
    Employee.objects.select_for_update(of=("self",)).get(pk=employee.pk)
    device = TOTPDevice.objects.filter(user=employee, confirmed=False).order_by("-pk").first()
    if device is None:
        raise DomainError("Настройка устарела. Откройте страницу заново и отсканируйте новый код.")
    if not device.verify_token(code.replace(" ", "")):
        raise DomainError(WRONG, field="code")
    TOTPDevice.objects.filter(user=employee, confirmed=True).delete()
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    codes = _recovery_codes(employee)
    otp_login(request, device)
    journal.record(employee, "employee.second_factor_set", by=employee)
    return codes


@transaction.atomic
def recovery_codes_renew(*, employee: Employee) -> list[str]:
    """Ten new codes; the old ones stop working."""
    codes = _recovery_codes(employee)
    journal.record(employee, "employee.recovery_codes_renewed", by=employee)
    return codes


@transaction.atomic
def second_factor_reset(*, employee_id: int, by: Employee) -> None:
    """A lost telephone: whoever may block the employee removes his devices; he sets up a new one at the next sign-in."""
    from .sessions import end_sessions

    employee = Employee.objects.select_for_update(of=("self",)).get(pk=employee_id)
    if employee.pk == by.pk:
        raise DomainError("Свой второй фактор снимает другой руководитель или оператор.")
    require(by, Right.EMPLOYEE_BLOCK, employee)
    TOTPDevice.objects.filter(user=employee).delete()
    StaticDevice.objects.filter(user=employee).delete()
    ended = end_sessions(employee)
    journal.record(employee, "employee.second_factor_reset", by=by, data={"sessions": ended})


def _recovery_codes(employee: Employee) -> list[str]:
    StaticDevice.objects.filter(user=employee).delete()
    device = StaticDevice.objects.create(user=employee, name="Коды восстановления")
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]
