"""URLs of the guide."""

from django.urls import path

from caseapp.help import views

app_name = "help"
urlpatterns = [
    path("help/", views.show_guide, name="guide"),
    path("help/<slug:topic>/", views.show_topic, name="topic"),
]
