"""«Все клиенты»."""

from django.urls import path

from .views import binding, distribution, lists

urlpatterns = [
    path("clients/", lists.AllClients.as_view(), name="clients"),
    path("clients/distribution/", distribution.AllClients.as_view(), name="clients-distribution"),
    path("clients/potential/", lists.Potential.as_view(), name="clients-potential"),
    path("clients/potential/distribution/", distribution.Potential.as_view(), name="clients-potential-distribution"),
    path("clients/potential/invited/", lists.Invited.as_view(), name="clients-invited"),
    path(
        "clients/potential/invited/distribution/", distribution.Invited.as_view(), name="clients-invited-distribution"
    ),
    path("clients/potential/declined/", lists.Declined.as_view(), name="clients-declined"),
    path(
        "clients/potential/declined/distribution/",
        distribution.Declined.as_view(),
        name="clients-declined-distribution",
    ),
    path("clients/potential/lost/", lists.Lost.as_view(), name="clients-lost"),
    path("clients/potential/lost/distribution/", distribution.Lost.as_view(), name="clients-lost-distribution"),
    path("clients/potential/trial/", lists.Trial.as_view(), name="clients-trial"),
    path("clients/potential/trial/distribution/", distribution.Trial.as_view(), name="clients-trial-distribution"),
    path("clients/managers/", binding.Managers.as_view(), name="clients-managers"),
    path("clients/<int:pk>/bind/", binding.Bind.as_view(), name="client-bind"),
    path("clients/<int:pk>/release/", binding.Release.as_view(), name="client-release"),
    path("clients/<int:pk>/transfer/", binding.Transfer.as_view(), name="client-transfer"),
]
