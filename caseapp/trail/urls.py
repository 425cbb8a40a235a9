"""URLs of the audit trail."""

from django.urls import path

from caseapp.trail import views

app_name = "trail"
urlpatterns = [
    path("audit/", views.show_office_trail, name="entries"),
    path("audit/filter/", views.filter_trail, name="filter"),
    path("audit/people/<uuid:member_id>/", views.show_office_trail, name="of_member"),
    path("audit/cases/<uuid:case_id>/", views.show_office_trail, name="entries_of_case"),
    path("audit/people/<uuid:member_id>/cases/<uuid:case_id>/", views.show_office_trail, name="of_member_and_case"),
    path("audit/findings/<uuid:finding_id>/", views.dismiss_finding, name="dismiss"),
    path("cases/<uuid:case_id>/audit/", views.show_case_trail, name="of_case"),
]
