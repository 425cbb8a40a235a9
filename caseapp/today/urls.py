"""URLs of Today."""

from django.urls import path

from caseapp.today import views

app_name = "today"
urlpatterns = [
    path("", views.show_today, name="today"),
    path("today/<slug:section>/", views.show_section, name="section"),
]
