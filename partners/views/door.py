"""The door: signing in and out, the second factor's code (manual ch. 1, fig. 1-1; decision 24)."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters

from core.pages import EMPLOYEE, PUBLIC, Page
from partners.directory import DirectoryDown
from partners.selectors import home_of
from partners.services import second_factor as factor_services

REFUSED = (
    "Логин или пароль не подходят, либо доступ закрыт. Проверьте раскладку клавиатуры или обратитесь к руководителю."
)
"""One text for unknown, wrong and blocked (decision 24)."""
LOCKED = "Слишком много попыток входа. Повторите через 15 минут."


class LoginForm(forms.Form):
    username = forms.CharField(
        label="Логин",
        max_length=100,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True, "spellcheck": "false"}
        ),
        error_messages={"required": "Введите логин."},
    )
    password = forms.CharField(
        label="Пароль",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "data-secret": True}),
        error_messages={"required": "Введите пароль."},
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Код",
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "class": "num"}
        ),
        error_messages={"required": "Введите шесть цифр из приложения или код восстановления."},
    )


def safe_next(request: HttpRequest, default: str) -> str:
    """Where to go after the door: a path of this site, or `default`."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    own = target.startswith("/") and url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if own and target.isprintable() else default


class DoorPage(Page, abstract=True):
    """The narrow page before the program."""

    form_class: type[forms.Form] = forms.Form

    def get_context(self, **extra) -> dict:
        return super().get_context(next=safe_next(self.request, ""), oidc=bool(settings.OIDC["issuer"]), **extra)

    def refuse(self, form: forms.Form, text: str, status: int = 422) -> HttpResponse:
        form.add_error(None, text)
        return self.render(form=form, status=status)


@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class Login(DoorPage):
    """/login/ R1.10, R1.11."""

    right, title, template_name = PUBLIC, "Вход", "partners/door/login.html"
    before_second_factor = True

    def get(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return HttpResponseRedirect(safe_next(request, home_of(request.user)))
        return self.render(form=LoginForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = LoginForm(request.POST)
        if not form.is_valid():
            return self.render(form=form, status=422)
        try:
            employee = auth.authenticate(
                request, username=form.cleaned_data["username"].strip(), password=form.cleaned_data["password"]
            )
        except DirectoryDown as error:
            return self.refuse(form, error.message, error.status)
        if employee is None:
            return self.refuse(form, REFUSED)
        auth.login(request, employee)
        return HttpResponseRedirect(safe_next(request, home_of(employee)))


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict | None = None, *args
) -> HttpResponse:
    """What the limiter answers after ten failures: the same page, the same for known and unknown logins."""
    form = LoginForm({"username": request.POST.get("username", "")})
    form.errors.clear()
    form.add_error(None, LOCKED)
    context = {
        "form": form,
        "title": Login.title,
        "next": safe_next(request, ""),
        "oidc": bool(settings.OIDC["issuer"]),
    }
    answer = render(request, Login.template_name, context, status=429)
    answer["Retry-After"] = "900"
    return answer


class Logout(Page):
    """/logout/, POST only: a link must not sign anybody out."""

    right, before_second_factor = EMPLOYEE, True
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        auth.logout(request)
        return HttpResponseRedirect(settings.LOGOUT_REDIRECT_URL)


class Code(DoorPage):
    """/login/code/: six digits of the authenticator, or a recovery code."""

    right, title, template_name = EMPLOYEE, "Код подтверждения", "partners/door/code.html"
    before_second_factor = True

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render(form=CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self.render(form=form, status=422)
        refusal = factor_services.second_factor_show(
            request=request, employee=request.user, code=form.cleaned_data["code"]
        )
        if refusal:
            return self.refuse(form, refusal)
        return HttpResponseRedirect(safe_next(request, home_of(request.user)))
