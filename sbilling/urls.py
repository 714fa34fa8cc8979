"""Every URL of the program, app by app."""

from django.urls import path

from core.views import health

urlpatterns = [
    path("health/live", health.Live.as_view(), name="health-live"),
    path("health/ready", health.Ready.as_view(), name="health-ready"),
]
