"""Addresses of the room `deadlines`."""

from django.urls import path

from caseapp.web.deadlines import views

app_name = "deadlines"
urlpatterns = [
    path("cases/<uuid:case_id>/deadlines/new/", views.new, name="new"),
    path("deadlines/what-if/", views.what_if, name="what_if"),
    path("deadlines/<uuid:deadline_id>/", views.deadline, name="deadline"),
]
