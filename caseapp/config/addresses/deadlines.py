"""Addresses of the room `deadlines`."""

from django.urls import path

from caseapp.deadlines.views import asylum_clock as clock_views
from caseapp.deadlines.views import deadlines as views
from caseapp.deadlines.views import what_if

app_name = "deadlines"
urlpatterns = [
    path("cases/<uuid:case_id>/deadlines/new/", views.new, name="new"),
    path("cases/<uuid:case_id>/asylum-clock/", clock_views.asylum_clock, name="asylum_clock"),
    path("cases/<uuid:case_id>/asylum-clock/<uuid:stop_id>/", clock_views.asylum_stop, name="asylum_stop"),
    path("deadlines/what-if/", what_if.what_if, name="what_if"),
    path("deadlines/<uuid:deadline_id>/", views.deadline, name="deadline"),
]
