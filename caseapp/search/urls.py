"""URLs of the search."""

from django.urls import path

from caseapp.search import views

app_name = "search"
urlpatterns = [path("search/", views.search_cases, name="search")]
