"""URLs of accounts. Licences add their own; the card comes last, its sections take any word."""

from django.urls import path

from .views import connect, members

urlpatterns = [
    path("accounts/connect/", connect.Connect.as_view(), name="connect"),
    path("accounts/<int:number>/assign/", members.Assign.as_view(), name="account-assign"),
    path("accounts/<int:number>/rename/", members.Rename.as_view(), name="account-rename"),
    path("accounts/<int:number>/contacts/add/", members.ContactAdd.as_view(), name="account-contact-add"),
    path(
        "accounts/<int:number>/contacts/<int:link>/remove/",
        members.ContactRemove.as_view(),
        name="account-contact-remove",
    ),
    path("accounts/<int:number>/members/add/", members.MemberAdd.as_view(), name="member-add"),
    path("accounts/<int:number>/members/<int:member>/kpp/", members.KppChange.as_view(), name="member-kpp"),
    path("accounts/<int:number>/members/<int:member>/move/", members.MemberMove.as_view(), name="member-move"),
    path("accounts/<int:number>/members/<int:member>/remove/", members.MemberRemove.as_view(), name="member-remove"),
    path("accounts/<int:number>/members/<int:member>/main/", members.MemberMain.as_view(), name="member-main"),
]
