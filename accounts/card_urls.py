"""The account card: included after every other /accounts/ URL."""

from django.urls import path

from .views import card

urlpatterns = [
    path("accounts/<int:number>/", card.AccountCard.as_view(), name="account"),
    path("accounts/<int:number>/<slug:section>/", card.AccountCard.as_view(), name="account-section"),
]
