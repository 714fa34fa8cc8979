"""URLs of «Фоновые задачи»."""

from django.urls import path

from core.jobs import views

urlpatterns = [
    path("jobs/", views.JobList.as_view(), name="jobs"),
    path("jobs/last/", views.LastRuns.as_view(), name="jobs-last"),
    path("jobs/clock/", views.ClockConfirm.as_view(), name="jobs-clock"),
    path("jobs/<int:pk>/", views.JobCard.as_view(), name="job"),
    path("jobs/<int:pk>/cancel/", views.JobCancel.as_view(), name="job-cancel"),
    path("jobs/<int:pk>/restart/", views.JobRestart.as_view(), name="job-restart"),
    path("jobs/<int:pk>/file/", views.JobFile.as_view(), name="job-file"),
]
