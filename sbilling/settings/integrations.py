"""What the program talks to: broker, cache, mail, the accounting system. Redis only makes things sooner (decision 35)."""

import os

from . import REDIS_URL

# redis-py and Celery spell a unix socket differently.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "max_retries": 1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False

CACHES = {
    "default": {
        "BACKEND": "core.cache.SoftRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
    }
}

EMAIL_BACKEND = os.environ.get("SBILLING_EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = os.environ.get("SBILLING_EMAIL_DIR", "/tmp/sbilling-mail")
DEFAULT_FROM_EMAIL = os.environ.get("SBILLING_FROM_EMAIL", "SBilling <noreply@sbilling.example>")
EMAIL_TIMEOUT = 10

# Where register files are put; the nightly watch and «Загрузить реестр» read it.
REGISTRY_FOLDER = os.environ.get("SBILLING_REGISTRY_FOLDER", "")

# Where the bank's client program puts statements (1CClientBankExchange); looked into every few minutes.
STATEMENT_FOLDER = os.environ.get("SBILLING_STATEMENT_FOLDER", "")

# The accounting system (docs/gateway.md): builtin, files (CommerceML into a folder) or http (signed JSON).
GATEWAY = os.environ.get("SBILLING_GATEWAY", "builtin")
GATEWAY_FOLDER = os.environ.get("SBILLING_GATEWAY_FOLDER", "")
GATEWAY_URL = os.environ.get("SBILLING_GATEWAY_URL", "")
GATEWAY_KEY_ID = os.environ.get("SBILLING_GATEWAY_KEY_ID", "sbilling")
GATEWAY_SECRET = os.environ.get("SBILLING_GATEWAY_SECRET", "")
GATEWAY_TIMEOUT = 10

# Days an invoice, and the price of a change of tariff, hold (billing Q5); organisations of an account without a licence.
INVOICE_VALID_DAYS = int(os.environ.get("SBILLING_INVOICE_VALID_DAYS", "5"))
TRIAL_ORGANISATIONS = int(os.environ.get("SBILLING_TRIAL_ORGANISATIONS", "5"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "core.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": os.environ.get("SBILLING_LOG_LEVEL", "INFO")},
    "loggers": {
        "axes": {"level": "WARNING"},
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}

FORM_RENDERER = "core.forms.FieldRenderer"
DJANGO_TABLES2_TEMPLATE = "lists/table.html"
