"""URLs of Today."""

from django.urls import path

from caseapp.today import views

app_name = "today"
urlpatterns = [path("", views.show_today, name="today")]
