"""URLs of the audit trail."""

from django.urls import path

from caseapp.trail import views

app_name = "trail"
urlpatterns = [
    path("trail/", views.show_office_trail, name="entries"),
    path("trail/filter/", views.filter_trail, name="filter"),
    path("trail/people/<uuid:member_id>/", views.show_office_trail, name="of_member"),
    path("trail/cases/<uuid:case_id>/", views.show_office_trail, name="entries_of_case"),
    path("trail/people/<uuid:member_id>/cases/<uuid:case_id>/", views.show_office_trail, name="of_member_and_case"),
    path("trail/findings/<uuid:finding_id>/", views.dismiss_finding, name="dismiss"),
    path("cases/<uuid:case_id>/trail/", views.show_case_trail, name="of_case"),
]
