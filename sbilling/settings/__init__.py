"""Settings of every deployment, read from the environment. The table of variables stands in README.md.

Production is the default: without SBILLING_DEMO=1 a secret key, hosts and HTTPS are required.
"""

import os
from pathlib import Path

import dj_database_url

BASE_DIR = Path(__file__).resolve().parent.parent.parent


def flag(name: str, default: bool = False) -> bool:
    """An environment switch: 1/0."""
    return os.environ.get(name, "1" if default else "0") == "1"


DEMO = flag("SBILLING_DEMO")
DEBUG = flag("SBILLING_DEBUG")
HTTPS = flag("SBILLING_HTTPS", default=not DEMO)
SECRET_KEY = os.environ.get("SBILLING_SECRET_KEY") or ("demo-only-key-" + "x" * 50 if DEMO else "")
ALLOWED_HOSTS = [
    h for h in os.environ.get("SBILLING_HOSTS", "127.0.0.1,localhost,[::1]" if DEMO else "").split(",") if h
]
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("SBILLING_ORIGINS", "").split(",") if o]
SITE_URL = os.environ.get("SBILLING_SITE_URL", "http://127.0.0.1:8000")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "django_filters",
    "django_tables2",
    "django_htmx",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "core",
    "partners",
    "clients",
    "accounts",
    "licenses",
    "usage",
    "renewals",
    "charges",
    "tickets",
    "analytics",
    "sbilling",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "core.middleware.SessionExpiredMiddleware",
    "partners.middleware.EmployeeMiddleware",
    "partners.middleware.SecondFactorMiddleware",
    "partners.middleware.DoorMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.RequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "sbilling.urls"
WSGI_APPLICATION = "sbilling.wsgi.application"
AUTH_USER_MODEL = "partners.Employee"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sbilling.context.shell",
            ],
            "builtins": ["core.templatetags.sb", "core.templatetags.kept"],
        },
    }
]

DATABASES = {
    "default": dj_database_url.config(
        default="postgres://sbilling@127.0.0.1/sbilling", conn_max_age=60, conn_health_checks=True
    )
}
# PostgreSQL's own 4 MB forgets which rows of a block a large bitmap meant: a list of twelve million then reads five times as much.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c work_mem=16MB")
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")

LANGUAGE_CODE = "ru"
TIME_ZONE = "Europe/Kaliningrad"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("SBILLING_STATIC_ROOT") or BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Private files (exports, attachments, uploads): served by views only, never by URL.
MEDIA_ROOT = Path(os.environ.get("SBILLING_FILES") or BASE_DIR / ".dev" / "files")

# Last: they read HTTPS and REDIS_URL of this module.
from .brand import *  # noqa: E402, F403
from .door import *  # noqa: E402, F403
from .integrations import *  # noqa: E402, F403
from .security import *  # noqa: E402, F403
