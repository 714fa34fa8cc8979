"""Every URL of the program, app by app."""

from django.urls import include, path

from core.admin import site
from core.views import health
from sbilling import time_machine, views

handler500 = "sbilling.views.server_error"

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("theme/", views.Theme.as_view(), name="theme"),
    path("profile/", views.Look.as_view(), name="profile"),
    path("help/", views.Help.as_view(), name="help"),
    path("help/requirements/", views.Requirements.as_view(), name="requirements"),
    path("help/keys/", views.HotKeys.as_view(), name="hot-keys"),
    path("navigation/counters/", views.Counters.as_view(), name="navigation-counters"),
    path("navigation/jobs/", views.Jobs.as_view(), name="navigation-jobs"),
    path("demo/time/", time_machine.TimeMachine.as_view(), name="time-machine"),
    path("", include("core.jobs.urls")),
    path("", include("partners.urls")),
    path("", include("accounts.work.urls")),
    path("", include("renewals.urls")),
    path("", include("clients.urls")),
    path("", include("accounts.urls")),
    path("", include("licenses.urls")),
    # Last: its sections take any word after the number.
    path("", include("accounts.card_urls")),
    path("admin/", site.urls),
    path("health/live", health.Live.as_view(), name="health-live"),
    path("health/ready", health.Ready.as_view(), name="health-ready"),
]
