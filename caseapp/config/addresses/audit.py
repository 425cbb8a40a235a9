"""URLs of the audit trail."""

from django.urls import path

from caseapp.trail import views

app_name = "audit"
urlpatterns = [
    path("audit/", views.entries, name="entries"),
    path("cases/<uuid:case_id>/audit/", views.of_case, name="of_case"),
]
