"""Every URL of the program, app by app."""

urlpatterns = []
