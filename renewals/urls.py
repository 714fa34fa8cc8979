"""«Требуют продления». Stands before the account card: its sections take any word."""

from django.urls import path

from .views import letters, lists, more_lists, notes, outcome, renew

urlpatterns = [
    path("accounts/renewals/", lists.RenewalList.as_view(), name="renewals"),
    path("accounts/renewals/distribution/", lists.Distribution.as_view(), name="renewals-distribution"),
    path("accounts/renewals/winback/", more_lists.Winback.as_view(), name="renewals-winback"),
    path("accounts/renewals/certificates/", more_lists.Certificates.as_view(), name="renewals-certificates"),
    path("accounts/renewals/letters/", letters.Letters.as_view(), name="renewals-letters"),
    path("accounts/renewals/letters/<slug:day>/", letters.LetterEdit.as_view(), name="renewals-letter"),
    path("accounts/<int:number>/outcome/", outcome.OutcomeSet.as_view(), name="account-outcome"),
    path(
        "accounts/<int:number>/outcome/<int:outcome>/withdraw/",
        outcome.OutcomeWithdraw.as_view(),
        name="account-outcome-withdraw",
    ),
    path(
        "accounts/<int:number>/outcome/<int:outcome>/extract/",
        outcome.ExtractFile.as_view(),
        name="account-outcome-extract",
    ),
    path("accounts/<int:number>/notes/excel/", notes.NotesExcel.as_view(), name="account-notes-excel"),
    path("accounts/<int:number>/renew/", renew.Renew.as_view(), name="account-renew"),
]
