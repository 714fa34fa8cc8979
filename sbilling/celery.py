"""The Celery application and the whole beat schedule: when each scheduled job runs, and nowhere else.

Times are UTC (Kaliningrad is two hours ahead). Beat only wakes: a tick that is missed is caught up by the sweeper.
"""

import gc
import logging.config
import os

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging, worker_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sbilling.settings")

app = Celery("sbilling")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _log_as_the_web_does(**_options) -> None:
    """Celery would replace the formatter: lines of the worker would be neither JSON nor masked."""
    logging.config.dictConfig(settings.LOGGING)


@worker_init.connect
def _share_with_children(**_options) -> None:
    """Before the fork: the collector writes into what it looks at, and each child would get a copy of everything."""
    gc.collect()
    gc.freeze()


# Job name → when. A daily job stands here at one fixed hour and minute.
JOBS: dict[str, crontab | float] = {
    "core.invariants": crontab(hour=2, minute=30),
    "core.prune": crontab(hour=2, minute=10),
    "clients.spread": crontab(hour=22, minute=1),
    "clients.lose_silent": crontab(hour=22, minute=10),
    "clients.expire_invitations": crontab(hour=22, minute=15),
    "clients.frequencies": crontab(hour=1, minute=10),
    "clients.copies": crontab(hour=1, minute=40),
    "clients.watch_registry": crontab(hour=23, minute=20),
    "licenses.new_day": crontab(hour=22, minute=3),
    "licenses.watch_statements": 300.0,
    "licenses.deliver_outbox": 30.0,
    "licenses.follow_accounting": 300.0,
    "licenses.accounting_staff": crontab(hour=0, minute=15),
    "licenses.distribution": crontab(hour=1, minute=40),
    "licenses.reminders": crontab(hour=4, minute=5),
    "renewals.sweep": crontab(hour=22, minute=5),
    "renewals.prompts": crontab(hour=3, minute=5),
    "renewals.digests": crontab(hour=4, minute=10),
    "renewals.letters": crontab(hour=6, minute=30),
    "renewals.deliver": 60.0,
    "partners.follow_directory": crontab(hour=0, minute=20),
    "partners.prune_sessions": crontab(hour=2, minute=20),
    "clients.deliver_invitations": 60.0,
    "clients.signals": 300.0,
}

app.conf.beat_schedule = {
    "sweep": {"task": "core.tasks.sweep", "schedule": 60.0, "options": {"expires": 60}},
    **{
        name: {"task": "core.tasks.wake", "schedule": when, "args": [name], "options": {"expires": 3600}}
        for name, when in JOBS.items()
    },
}
