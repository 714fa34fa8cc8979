"""«Требуют продления». Stands before the account card: its sections take any word."""

from django.urls import path

from .views import lists, outcome

urlpatterns = [
    path("accounts/renewals/", lists.RenewalList.as_view(), name="renewals"),
    path("accounts/renewals/distribution/", lists.Distribution.as_view(), name="renewals-distribution"),
    path("accounts/<int:number>/outcome/", outcome.OutcomeSet.as_view(), name="account-outcome"),
    path(
        "accounts/<int:number>/outcome/<int:outcome>/withdraw/",
        outcome.OutcomeWithdraw.as_view(),
        name="account-outcome-withdraw",
    ),
    path("accounts/<int:number>/renew/", outcome.Renew.as_view(), name="account-renew"),
]
