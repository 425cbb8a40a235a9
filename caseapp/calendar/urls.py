"""URLs of the calendar."""

from django.urls import path, re_path

from caseapp.calendar import views

app_name = "calendar"
urlpatterns = [
    path("dates/echo/", views.echo_typed_date, name="date_echo"),
    path("calendar/", views.redirect_to_today, name="now"),
    re_path(r"^calendar/agenda/(?P<first>\d{4}-\d{2}-\d{2})/$", views.show_agenda, name="agenda"),
]
