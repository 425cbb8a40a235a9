"""URLs of the moving room."""

from django.urls import path

from caseapp.moving.views import exports

app_name = "moving"
urlpatterns = [
    path("cases/<uuid:case_id>/export/", exports.export_case, name="export_case"),
]
