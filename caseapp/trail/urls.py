"""URLs of the audit trail."""

from django.urls import path

from caseapp.trail import views

app_name = "trail"
urlpatterns = [
    path("audit/", views.show_office_trail, name="entries"),
    path("audit/findings/<uuid:finding_id>/", views.dismiss_finding, name="dismiss"),
    path("cases/<uuid:case_id>/audit/", views.show_case_trail, name="of_case"),
]
