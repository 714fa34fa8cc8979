"""URLs of selling: lists of accounts, the price list, licences, invoices."""

from django.urls import path

from . import api
from .views import changing, choosing, invoices, lists, organisations, prices, printing, promos, visits

urlpatterns = [
    path("accounts/", lists.AllAccounts.as_view(), name="accounts"),
    path("accounts/paid/", lists.PaidAccounts.as_view(), name="accounts-paid"),
    path("accounts/trial/", lists.TrialAccounts.as_view(), name="accounts-trial"),
    path("accounts/promo/", lists.PromoAccounts.as_view(), name="accounts-promo"),
    path("accounts/<int:number>/licenses/add/", choosing.PriceListPage.as_view(), name="licenses-add"),
    path("accounts/<int:number>/licenses/<int:license>/drop/", choosing.LicenseDrop.as_view(), name="license-drop"),
    path("accounts/<int:number>/licenses/<int:license>/change/", changing.Change.as_view(), name="license-change"),
    path(
        "accounts/<int:number>/licenses/<int:license>/change/print/",
        changing.ChangePrint.as_view(),
        name="license-change-print",
    ),
    path(
        "accounts/<int:number>/licenses/<int:license>/distribute/",
        changing.Distribute.as_view(),
        name="license-distribute",
    ),
    path("accounts/<int:number>/invoice/", invoices.Issue.as_view(), name="invoice-issue"),
    path("invoices/<int:pk>/", invoices.InvoicePage.as_view(), name="invoice"),
    path("invoices/<int:pk>/print/", printing.InvoicePrint.as_view(), name="invoice-print"),
    path("invoices/<int:pk>/pdf/", printing.InvoicePdf.as_view(), name="invoice-pdf"),
    path("invoices/<int:pk>/pay/", invoices.Pay.as_view(), name="invoice-pay"),
    path("invoices/<int:pk>/ship/", invoices.Ship.as_view(), name="invoice-ship"),
    path("invoices/<int:pk>/ship-and-activate/", invoices.ShipAndActivate.as_view(), name="invoice-ship-activate"),
    path("invoices/<int:pk>/activate/", invoices.Activate.as_view(), name="invoice-activate"),
    path("invoices/<int:pk>/unship/", invoices.Unship.as_view(), name="invoice-unship"),
    path("invoices/<int:pk>/cancel/", invoices.Cancel.as_view(), name="invoice-cancel"),
    path("invoices/<int:pk>/replace/", invoices.Replace.as_view(), name="invoice-replace"),
    path("invoices/<int:pk>/unpay/", invoices.PaymentUndo.as_view(), name="invoice-unpay"),
    path("invoices/<int:pk>/visit/", visits.InvoiceVisit.as_view(), name="invoice-visit"),
    path("invoices/<int:pk>/visits/<int:visit>/close/", invoices.VisitClose.as_view(), name="visit-close"),
    path(
        "accounts/<int:number>/members/<int:member>/signature/",
        organisations.Signature.as_view(),
        name="member-signature",
    ),
    path(
        "accounts/<int:number>/members/<int:member>/signature/add/",
        organisations.CertificateAdd.as_view(),
        name="certificate-add",
    ),
    path(
        "accounts/<int:number>/members/<int:member>/signature/<int:pk>/revoke/",
        organisations.CertificateRevoke.as_view(),
        name="certificate-revoke",
    ),
    path(
        "accounts/<int:number>/members/<int:member>/branches/", organisations.Branches.as_view(), name="member-branches"
    ),
    path(
        "accounts/<int:number>/members/<int:member>/branches/add/",
        organisations.WorkplaceAdd.as_view(),
        name="workplace-add",
    ),
    path(
        "accounts/<int:number>/members/<int:member>/branches/<int:pk>/remove/",
        organisations.WorkplaceRemove.as_view(),
        name="workplace-remove",
    ),
    path(
        "accounts/<int:number>/members/<int:member>/exchange/", organisations.Exchange.as_view(), name="member-exchange"
    ),
    path("accounts/<int:number>/members/<int:member>/history/", organisations.History.as_view(), name="member-history"),
    path(
        "accounts/<int:number>/members/<int:member>/change/", organisations.MemberChange.as_view(), name="member-change"
    ),
    path("api/v1/tariff-changes/quote/", api.TariffChangeQuote.as_view(), name="api-tariff-change-quote"),
    path("visits/", visits.VisitCalendar.as_view(), name="visits"),
    path("visits/add/", visits.VisitAdd.as_view(), name="visit-add"),
    path("visits/<int:pk>/move/", visits.VisitMove.as_view(), name="visit-move"),
    path("visits/<int:pk>/cancel/", visits.VisitCancel.as_view(), name="visit-cancel"),
    path("visits/<int:pk>/mark/", visits.VisitMark.as_view(), name="visit-mark"),
    path("prices/", prices.Prices.as_view(), name="prices"),
    path("prices/<int:pk>/", prices.PriceEdit.as_view(), name="price"),
    path("prices/<int:pk>/remove/", prices.PriceRemove.as_view(), name="price-remove"),
    path("prices/lists/", prices.PriceLists.as_view(), name="price-lists"),
    path("prices/lists/add/", prices.PriceListAdd.as_view(), name="price-list-add"),
    path("prices/lists/<int:pk>/", prices.PriceListPage.as_view(), name="price-list"),
    path("prices/lists/<int:pk>/publish/", prices.Publish.as_view(), name="price-list-publish"),
    path("prices/lists/<int:pk>/archive/", prices.Archive.as_view(), name="price-list-archive"),
    path("prices/lists/<int:pk>/import/", prices.Import.as_view(), name="price-list-import"),
    path("prices/lists/<int:pk>/prices/add/", prices.PriceAdd.as_view(), name="price-add"),
    path("promos/", promos.Promos.as_view(), name="promos"),
    path("promos/add/", promos.PromoAdd.as_view(), name="promo-add"),
    path("promos/<int:pk>/", promos.PromoEdit.as_view(), name="promo"),
]
