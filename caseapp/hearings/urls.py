"""URLs of hearings."""

from django.urls import path

from caseapp.hearings import views

app_name = "hearings"
urlpatterns = [
    path("cases/<uuid:case_id>/hearings/new/", views.book, name="book"),
    path("hearings/<uuid:hearing_id>/", views.show_hearing, name="hearing"),
    path("hearings/<uuid:hearing_id>/edit/", views.edit_hearing, name="edit"),
    path("hearings/<uuid:hearing_id>/outcome/", views.record_outcome, name="outcome"),
]
