"""URLs of conflict checks."""

from django.urls import path

from caseapp.conflicts import views

app_name = "conflicts"
urlpatterns = [
    path("conflicts/", views.list_checks, name="list"),
    path("conflicts/new/", views.ask, name="ask"),
    path("conflicts/<uuid:check_id>/", views.show_check, name="check"),
    path("cases/<uuid:case_id>/conflict/", views.ask_about_case, name="case"),
]
