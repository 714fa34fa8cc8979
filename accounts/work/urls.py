"""Work with clients. Included before the client card, whose sections take any word."""

from django.urls import path

from . import registration, views

urlpatterns = [
    path("invitation/<slug:token>/", registration.Registration.as_view(), name="invitation"),
    path("api/v1/registrations/", registration.Registrations.as_view(), name="api-registrations"),
    path("tasks/", views.TaskList.as_view(), name="tasks"),
    path("tasks/<int:task>/done/", views.TaskDone.as_view(), name="task-done"),
    path("clients/<int:pk>/notes/add/", views.NoteAdd.as_view(), name="client-note-add"),
    path("clients/<int:pk>/notes/<int:note>/pin/", views.NotePin.as_view(), name="client-note-pin"),
    path("clients/<int:pk>/calls/add/", views.CallAdd.as_view(), name="client-call-add"),
    path("clients/<int:pk>/tasks/add/", views.TaskAdd.as_view(), name="client-task-add"),
    path("clients/<int:pk>/next-contact/", views.NextContactSet.as_view(), name="client-next-contact"),
]
