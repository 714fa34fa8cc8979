"""One's own door: password, second factor, recovery codes (decision 24)."""

from __future__ import annotations

import io
from typing import Any

import segno
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django_otp.plugins.otp_totp.models import TOTPDevice

from core.errors import DomainError
from core.pages import EMPLOYEE, FormPage, Page
from partners import forms, second_factor
from partners.models import SessionLink
from partners.selectors import home_of
from partners.services import people
from partners.services import second_factor as services

from .door import CodeForm, DoorPage, safe_next


class PasswordChange(FormPage):
    """/profile/password/: with the old one; other sessions end, this one goes on under a new key."""

    title, right, form_class = "Смена пароля", EMPLOYEE, forms.PasswordForm
    submit, success_text, stay = "Сменить пароль", "Пароль изменен, остальные сеансы завершены", False

    def get_success_url(self) -> str:
        return self.request.user.get_absolute_url()

    def perform(self, form: forms.PasswordForm) -> None:
        request, key = self.request, self.request.session.session_key
        changed = people.password_change(
            employee=request.user, old=form.cleaned_data["old"], new=form.cleaned_data["new"], keep_session=key
        )
        request.user.password, request.user.key_epoch = changed.password, changed.key_epoch
        update_session_auth_hash(request, request.user)
        SessionLink.objects.filter(session_key=key).update(session_key=request.session.session_key)


class SecondFactor(DoorPage):
    """/profile/second-factor/: scan, type the first code, keep the recovery codes."""

    right, title, template_name = EMPLOYEE, "Второй фактор", "partners/door/second_factor.html"
    before_second_factor = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Whoever has a factor already shows it before he sees a waiting secret or changes anything.
        if second_factor.is_set_up(request.user) and not request.user.is_verified():
            return HttpResponseRedirect("/login/code/?next=/profile/second-factor/")
        return super().dispatch(request, *args, **kwargs)

    def page(self, form: CodeForm, *, status: int = 200) -> HttpResponse:
        device = TOTPDevice.objects.filter(user=self.request.user, confirmed=False).order_by("-pk").first()
        return self.render(
            status=status, form=form, device=device, secret=_groups(device) if device else "",
            is_set_up=second_factor.is_set_up(self.request.user),
            is_required=second_factor.is_required(self.request.user),
        )  # fmt: skip

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        user, what = request.user, request.POST.get("do", "")
        if what == "begin":
            services.second_factor_begin(employee=user)
            return self.page(CodeForm())
        if what == "codes" and second_factor.is_set_up(user):
            return self.codes(services.recovery_codes_renew(employee=user))
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        try:
            codes = services.second_factor_confirm(request=request, employee=user, code=form.cleaned_data["code"])
        except DomainError as error:
            form.add_error(None, error.message)
            return self.page(form, status=error.status)
        return self.codes(codes)

    def codes(self, codes: list[str]) -> HttpResponse:
        onward = safe_next(self.request, home_of(self.request.user))
        return self.render(template="partners/door/recovery_codes.html", codes=codes, onward=onward)


def _groups(device: TOTPDevice) -> str:
    """The secret in base32 by fours, for typing in."""
    from base64 import b32encode

    text = b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


class SecondFactorPicture(Page):
    """The QR of the secret that waits for its first code; nobody else's, and not after it."""

    right, before_second_factor = EMPLOYEE, True

    def get(self, request: HttpRequest, *args: Any) -> HttpResponse:
        device = TOTPDevice.objects.filter(user=request.user, confirmed=False).order_by("-pk").first()
        if device is None or (second_factor.is_set_up(request.user) and not request.user.is_verified()):
            return HttpResponse(status=404)
        out = io.BytesIO()
        segno.make(device.config_url, error="m").save(out, kind="svg", scale=5, border=3, light="#ffffff")
        return HttpResponse(out.getvalue(), content_type="image/svg+xml")
