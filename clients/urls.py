"""«Все клиенты»."""

from django.urls import path

from . import api
from .views import api_docs, binding, card, distribution, imports, invitations, lists, merging, search

urlpatterns = [
    path("search/", search.Search.as_view(), name="search"),
    path("search/suggest/", search.Suggest.as_view(), name="search-suggest"),
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
    path("clients/imports/", imports.ImportList.as_view(), name="imports"),
    path("clients/imports/start/", imports.ImportStart.as_view(), name="import-start"),
    path("clients/imports/files/", imports.FileList.as_view(), name="import-files"),
    path("clients/imports/rejects/", imports.RejectList.as_view(), name="import-rejects"),
    path("clients/imports/<int:pk>/", imports.ImportCard.as_view(), name="import"),
    path("clients/managers/", binding.Managers.as_view(), name="clients-managers"),
    path("clients/<int:pk>/bind/", binding.Bind.as_view(), name="client-bind"),
    path("clients/<int:pk>/release/", binding.Release.as_view(), name="client-release"),
    path("clients/<int:pk>/transfer/", binding.Transfer.as_view(), name="client-transfer"),
    path("clients/<int:pk>/decline/", card.Decline.as_view(), name="client-decline"),
    path("clients/<int:pk>/return/", card.Return.as_view(), name="client-return"),
    path("clients/<int:pk>/phones/add/", card.PhoneAdd.as_view(), name="client-phone-add"),
    path("clients/<int:pk>/phones/<int:phone>/", card.PhoneMark.as_view(), name="client-phone"),
    path("clients/<int:pk>/phones/<int:phone>/remove/", card.PhoneRemove.as_view(), name="client-phone-remove"),
    path("clients/<int:pk>/contacts/add/", card.ContactAdd.as_view(), name="client-contact-add"),
    path("clients/<int:pk>/contacts/<int:link>/", card.ContactChange.as_view(), name="client-contact"),
    path("clients/<int:pk>/related/<int:other>/", card.NotRelated.as_view(), name="client-related"),
    path("clients/<int:pk>/merge/<int:other>/", merging.Merge.as_view(), name="client-merge"),
    path("clients/<int:pk>/merge/<int:merge>/undo/", merging.Undo.as_view(), name="client-merge-undo"),
    path("clients/<int:pk>/readiness/", card.Readiness.as_view(), name="client-readiness"),
    path("clients/<int:pk>/invite/", invitations.Invite.as_view(), name="client-invite"),
    path(
        "clients/<int:pk>/invitations/<int:invitation>/resend/",
        invitations.Resend.as_view(),
        name="client-invitation-resend",
    ),
    path("api/v1/invitations/", api.Invitations.as_view(), name="api-invitations"),
    path("api/v1/invitations/started/", api.InvitationStarted.as_view(), name="api-invitation-started"),
    path("api/v1/client-activity/", api.ClientActivity.as_view(), name="api-client-activity"),
    path("api/v1/docs/", api_docs.ApiDocs.as_view(), name="api-docs"),
    path("api/v1/openapi.json", api_docs.OpenApi.as_view(), name="api-openapi"),
    path("api/v1/edo-documents/", api.EdoDocuments.as_view(), name="api-edo-documents"),
    path("clients/<int:pk>/", card.ClientCard.as_view(), name="client"),
    path("clients/<int:pk>/<slug:section>/", card.ClientCard.as_view(), name="client-section"),
]
