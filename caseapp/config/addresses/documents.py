"""URLs of documents."""

from django.urls import path

from caseapp.documents import views

app_name = "documents"
urlpatterns = [
    path("documents/", views.start, name="start"),
    path("cases/<uuid:case_id>/documents/", views.papers, name="papers"),
    path("documents/<uuid:document_id>/", views.document, name="document"),
    path("documents/<uuid:document_id>/file/", views.file, name="file"),
    path("documents/<uuid:document_id>/download/", views.download, name="download"),
    path("documents/<uuid:document_id>/remove/", views.remove, name="remove"),
]
