"""URLs of the moving room."""

from django.urls import URLPattern

app_name = "moving"
urlpatterns: list[URLPattern] = []
