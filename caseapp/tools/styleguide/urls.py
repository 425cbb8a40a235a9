"""URL of the style guide."""

from django.urls import path

from caseapp.tools.styleguide import views

urlpatterns = [path("", views.show_styleguide, name="styleguide")]
