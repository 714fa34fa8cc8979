"""URLs of «Мы и партнеры» and of the door."""

from django.urls import path

from .views import door

urlpatterns = [
    path("login/", door.Login.as_view(), name="login"),
    path("login/code/", door.Code.as_view(), name="door-code"),
    path("logout/", door.Logout.as_view(), name="logout"),
]
