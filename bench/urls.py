"""Baselines first, then the program."""

from django.urls import include, path

from bench import baselines

urlpatterns = [
    path("bench/floor/", baselines.Floor.as_view()),
    path("bench/typical/", baselines.Typical.as_view()),
    path("bench/typical/distribution/", baselines.TypicalDistribution.as_view()),
    path("bench/tables2/", baselines.Tables2.as_view()),
    path("bench/admin/", baselines.site.urls),
    path("", include("sbilling.urls")),
]
