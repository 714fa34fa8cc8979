"""The shared login: OpenID Connect with the accounting system's provider (R1.25). Authorization code with PKCE."""

from __future__ import annotations

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.contrib import auth
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from joserfc.errors import JoseError
from requests.exceptions import RequestException

from core.pages import PUBLIC
from partners.directory import DirectoryDown
from partners.models import Employee
from partners.selectors import home_of

from .door import REFUSED, DoorPage, LoginForm, safe_next

CALLBACK = "/login/oidc/callback/"
SECONDS = 5
"""A provider that does not answer in that time is down."""


def provider():
    """The client of the settings' issuer; its metadata is fetched at the first use."""
    registry = OAuth()
    return registry.register(
        "oidc",
        client_id=settings.OIDC["client_id"],
        client_secret=settings.OIDC["client_secret"],
        server_metadata_url=f"{settings.OIDC['issuer']}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256", "timeout": SECONDS},
    )


class OidcPage(DoorPage, abstract=True):
    right, title, template_name = PUBLIC, "Вход", "partners/door/login.html"
    before_second_factor = True

    def setup(self, request: HttpRequest, *args, **kwargs) -> None:
        if not settings.OIDC["issuer"]:
            raise Http404
        super().setup(request, *args, **kwargs)

    def down(self) -> HttpResponse:
        error = DirectoryDown()
        return self.refuse(_empty(), error.message, error.status)


class OidcBegin(OidcPage):
    """/login/oidc/: off to the provider; where to go afterwards waits in the session."""

    def get(self, request: HttpRequest) -> HttpResponse:
        request.session["oidc_next"] = safe_next(request, "")
        try:
            return provider().authorize_redirect(request, settings.SITE_URL + CALLBACK)
        except (RequestException, OAuthError, ValueError):
            return self.down()


class OidcCallback(OidcPage):
    """Back from the provider: signature, issuer, audience, nonce and state are authlib's; who it is, is ours."""

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            token = provider().authorize_access_token(request)
        except RequestException:
            return self.down()
        except (OAuthError, JoseError, ValueError):
            return self.refuse(_empty(), REFUSED)
        identity = str((token.get("userinfo") or {}).get(settings.OIDC["claim"], ""))
        employee = Employee.objects.filter(external_id=identity).first() if identity else None
        if employee is None or not employee.is_active:
            return self.refuse(_empty(), REFUSED)
        onward = request.session.pop("oidc_next", "")
        auth.login(request, employee, backend="partners.backends.EmployeeBackend")
        return HttpResponseRedirect(onward or home_of(employee))


def _empty() -> LoginForm:
    form = LoginForm({})
    form.errors.clear()
    return form
